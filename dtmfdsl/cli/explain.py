"""Say what a diagnostic code means, with a wrong and a right example.

Without a code, lists them all.
"""

from __future__ import annotations

import argparse

from dtmfdsl.cli.streams import Refusal, say
from dtmfdsl.diagnostics import closest, did_you_mean
from dtmfdsl.explanations import explanations
from dtmfdsl.notation import without_keys


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "code", metavar="CODE", nargs="?", help="the code in square brackets, such as unknown-key"
    )


def run(options: argparse.Namespace) -> int:
    known = explanations()
    if options.code is None:
        for explanation in known.values():
            say(f"{explanation.code:<24}{explanation.title}")
        return 0
    code = options.code.strip("[]`")
    if code not in known:
        script = "`dtmfdsl timeline` shows what a script does, and when" if code.endswith(".dtmf") else None
        help = script or did_you_mean(closest(code, known), "`dtmfdsl explain` lists them all")
        raise Refusal(f"there is no code `{without_keys(code)}`; {help}")
    say(*known[code].as_text().split("\n"))
    return 0

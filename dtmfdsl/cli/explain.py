"""Say what a diagnostic code means, with a wrong and a right example.

Without a code, lists them all.
"""

from __future__ import annotations

import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "code", metavar="CODE", nargs="?", help="the code in square brackets, such as unknown-key"
    )


def run(options: argparse.Namespace) -> int:
    from dtmfdsl.catalogue import CATALOGUE
    from dtmfdsl.cli.streams import Refusal
    from dtmfdsl.diagnostics import closest

    if options.code is None:
        for code, entry in CATALOGUE.items():
            print(f"{code:<24}{entry.title}")
        return 0
    code = options.code.strip("[]`")
    if code not in CATALOGUE:
        meant = closest(code, CATALOGUE)
        raise Refusal(
            f"there is no code `{code}`"
            + (f"; did you mean `{meant}`?" if meant else "; `dtmfdsl explain` lists them all")
        )
    print(CATALOGUE[code].as_text())
    return 0

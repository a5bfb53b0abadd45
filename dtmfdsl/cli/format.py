"""Rewrite scripts in canonical form, in place.

Standard input and the text of -e are written to standard output.
"""

from __future__ import annotations

import argparse
import os

from dtmfdsl.cli.input import add_scripts, chosen, load
from dtmfdsl.cli.output import show
from dtmfdsl.cli.rewriting import rewrite, show_diff, written
from dtmfdsl.cli.streams import give, tell
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.language.formatter import format
from dtmfdsl.notation import counted


def configure(parser: argparse.ArgumentParser) -> None:
    add_scripts(parser, many=True)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 if something would change"
    )
    parser.add_argument(
        "--diff", action="store_true", help="change nothing; show what would change, and exit 1"
    )


def run(options: argparse.Namespace) -> int:
    inspecting = options.check or options.diff
    files = chosen(options)
    changed = failed = 0
    for file in files:
        try:
            source = load(file, options.text, options.stdin_filename)
            formatted = format(source)
        except DtmfError as error:
            show(error.diagnostics)
            failed += 1
            continue
        on_disk = file not in (None, "-")
        before = written(file or "") if on_disk else source.text
        if not (on_disk or inspecting):
            give(formatted)
        elif formatted != before:
            if options.diff:
                show_diff(source.name, before, formatted, "formatted")
            elif not options.check and not rewrite(file or "", formatted):
                failed += 1
                continue
            changed += 1
            if not (options.quiet or options.diff):
                tell(f"{'would reformat' if inspecting else 'reformatted'} {source.name}")
    if any(map(os.path.isdir, options.files)) and not options.quiet:
        words = [f"{counted(changed, 'file')} {'would be ' if inspecting else ''}reformatted"]
        words += [f"{len(files) - changed - failed} unchanged"]
        words += [f"{failed} not"] if failed else []
        tell(", ".join(words))
    return 1 if failed or (inspecting and changed) else 0

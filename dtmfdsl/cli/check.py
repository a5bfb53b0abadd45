"""Show everything that is wrong with scripts, and nothing else.

Values of params are not needed. Diagnostics go to standard error, with --json to standard output.
"""

from __future__ import annotations

import argparse

from dtmfdsl.cli import late
from dtmfdsl.cli.input import add_dialect, add_scripts, add_spelling, chosen, dialect_of, load
from dtmfdsl.cli.output import show
from dtmfdsl.cli.streams import tell
from dtmfdsl.compiler import check
from dtmfdsl.diagnostics import Diagnostic, DtmfError
from dtmfdsl.loader import Disk
from dtmfdsl.notation import counted


def configure(parser: argparse.ArgumentParser) -> None:
    add_scripts(parser, many=True)
    add_dialect(parser)
    add_spelling(parser)
    parser.add_argument("--json", action="store_true", help="diagnostics as JSON")


def run(options: argparse.Namespace) -> int:
    found: list[Diagnostic] = []
    dialect = dialect_of(options)
    files = chosen(options)
    for file in files:
        try:
            source = load(file, options.text, options.stdin_filename)
        except DtmfError as error:
            found += error.diagnostics
        else:
            loader = Disk(outside=options.allow_outside)
            found += check(source, loader=loader, dialect=dialect, rounding=options.rounding)
    found = list(dict.fromkeys(found))  # files may use the same file
    if options.json:
        late("jsonoutput").show([diagnostic.as_dict() for diagnostic in found])
    else:
        show(found)
    errors = sum(diagnostic.severity == "error" for diagnostic in found)
    if not options.quiet and (found or len(files) > 1):
        warnings = len(found) - errors
        words = [counted(len(files), "file"), counted(errors, "error") if errors else "no errors"]
        tell(", ".join(words + ([counted(warnings, "warning")] if warnings else [])))
    return 1 if errors else 0

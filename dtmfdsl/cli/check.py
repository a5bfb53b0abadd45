"""Show everything that is wrong with scripts, and nothing else.

Values of params are not needed. Diagnostics go to standard error, with --json to standard output.
"""

from __future__ import annotations

import argparse

from dtmfdsl.cli.compile import add_spelling
from dtmfdsl.cli.input import add_dialect, add_scripts, chosen, load
from dtmfdsl.cli.output import show, show_json


def configure(parser: argparse.ArgumentParser) -> None:
    add_scripts(parser, many=True)
    add_dialect(parser)
    add_spelling(parser)
    parser.add_argument("--json", action="store_true", help="diagnostics as JSON")


def run(options: argparse.Namespace) -> int:
    from dtmfdsl.compiler import encode
    from dtmfdsl.diagnostics import Diagnostic, DtmfError
    from dtmfdsl.dialects import get_dialect
    from dtmfdsl.lowering import lower_source

    found: list[Diagnostic] = []
    try:
        dialect = get_dialect(options.dialect)
        if options.half_second is not None:
            dialect = dialect.preferring(options.half_second)
    except DtmfError as error:
        show(error.diagnostics)
        return 1
    for file in chosen(options):
        try:
            source = load(file, options.text)
            program, warnings = lower_source(source, pretend=True, allow_outside=options.allow_outside)
            found += encode(program, dialect, options.rounding, warnings).warnings
        except DtmfError as error:
            found += error.diagnostics
    if options.json:
        show_json([diagnostic.as_dict() for diagnostic in found])
    else:
        show(found)
    return 1 if any(diagnostic.severity == "error" for diagnostic in found) else 0

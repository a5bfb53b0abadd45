"""Show everything that is wrong with scripts, and nothing else.

Values of params are not needed. Diagnostics go to standard error, with --json to standard output.
"""

from __future__ import annotations

import argparse

from dtmfdsl.cli.compile import add_spelling
from dtmfdsl.cli.input import add_dialect, add_scripts, chosen, dialect_of, load
from dtmfdsl.cli.output import show, show_json


def configure(parser: argparse.ArgumentParser) -> None:
    add_scripts(parser, many=True)
    add_dialect(parser)
    add_spelling(parser)
    parser.add_argument("--json", action="store_true", help="diagnostics as JSON")


def run(options: argparse.Namespace) -> int:
    from dtmfdsl.compiler import encode
    from dtmfdsl.diagnostics import Diagnostic, DtmfError
    from dtmfdsl.semantics.lowering import lower_source
    from dtmfdsl.semantics.values import Values

    found: list[Diagnostic] = []
    dialect = dialect_of(options)
    for file in chosen(options):
        try:
            source = load(file, options.text)
            lowered = lower_source(source, Values(pretend=True), allow_outside=options.allow_outside)
            found += encode(lowered, dialect, options.rounding).warnings
        except DtmfError as error:
            found += error.diagnostics
    found = list(dict.fromkeys(found))  # files may use the same file
    if options.json:
        show_json([diagnostic.as_dict() for diagnostic in found])
    else:
        show(found)
    return 1 if any(diagnostic.severity == "error" for diagnostic in found) else 0

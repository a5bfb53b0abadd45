"""Compile a script: a string a line, ready to send.

Values of params come from --set, --values, or the environment (DTMF_PIN for $pin); a secret that is
still missing is asked for on the terminal.
"""

from __future__ import annotations

import argparse

from dtmfdsl.cli.input import add_dialect, add_scripts, chosen, dialect_of, load
from dtmfdsl.cli.output import show, show_json
from dtmfdsl.cli.values import add_values, asker, assigned


def configure(parser: argparse.ArgumentParser) -> None:
    add_scripts(parser, many=False)
    add_values(parser)
    add_dialect(parser)
    add_spelling(parser)
    parser.add_argument("--json", action="store_true", help="strings and diagnostics as JSON")
    parser.add_argument("--redact", action="store_true", help="show secrets as ••••")


def add_spelling(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rounding",
        choices=["up", "error"],
        default="up",
        help="lengthen waits that the dialect cannot write (up), or refuse them (error)",
    )
    parser.add_argument("--half-second", metavar="CHAR", help="the character to write half a second as")
    parser.add_argument(
        "--allow-outside", action="store_true", help="let `use` read files outside the script's folder"
    )


def run(options: argparse.Namespace) -> int:
    from dtmfdsl.compiler import encode
    from dtmfdsl.diagnostics import Diagnostic, DtmfError
    from dtmfdsl.semantics.lowering import lower_source
    from dtmfdsl.semantics.values import Values

    (file,) = chosen(options)
    dialect = dialect_of(options)
    values = assigned(options)
    try:
        given = Values(values, asker(options), exposed=frozenset(values))
        source = load(file, options.text)
        lowered = lower_source(source, given, allow_outside=options.allow_outside)
        compiled = encode(lowered, dialect, options.rounding)
    except DtmfError as error:
        if options.json:
            show_json(
                {
                    "dialect": dialect.name,
                    "chunks": [],
                    "diagnostics": [each.as_dict() for each in error.diagnostics],
                }
            )
        else:
            show(error.diagnostics)
        return 1
    found = list(compiled.warnings)
    if not compiled.chunks:
        found.append(
            Diagnostic(
                "empty-program", "this script presses no key and waits for nothing", severity="warning"
            )
        )
    texts = [chunk.shown if options.redact else chunk.text for chunk in compiled.chunks]
    if options.json:
        show_json(
            {
                "dialect": dialect.name,
                "chunks": [{"text": text, "length": len(text)} for text in texts],
                "diagnostics": [each.as_dict() for each in found],
            }
        )
    else:
        show(found)
        for text in texts:
            print(text)
    return 0

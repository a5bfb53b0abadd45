"""Compile a script: a string a line, ready to send.

Values of params come from --set, --values, or the environment (DTMF_PIN for $pin); a secret that is
still missing is asked for on the terminal.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from dtmfdsl.cli.input import add_dialect, add_scripts, add_spelling, chosen, load, settle
from dtmfdsl.cli.late import late
from dtmfdsl.cli.output import show
from dtmfdsl.cli.streams import give
from dtmfdsl.cli.values import add_values, asker, assigned
from dtmfdsl.compiler import compile, prepare
from dtmfdsl.diagnostics import Diagnostic, DtmfError
from dtmfdsl.dialects import Dialect
from dtmfdsl.loader import Disk


def configure(parser: argparse.ArgumentParser) -> None:
    add_scripts(parser, many=False)
    add_values(parser)
    add_dialect(parser)
    add_spelling(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write the result there, if there is one, instead of printing it",
    )
    parser.add_argument("--json", action="store_true", help="strings and diagnostics as JSON")
    parser.add_argument("--redact", action="store_true", help="show secrets as ••••")


def run(options: argparse.Namespace) -> int:
    (file,) = chosen(options)
    dialect = settle(options, file)
    values = assigned(options)
    try:
        names = prepare(load(file, options.text), loader=Disk(outside=options.allow_outside))
        compiled = compile(
            names,
            values=values,
            lookup=asker(options, names.params),
            exposed=values,
            dialect=dialect,
            rounding=options.rounding,
        )
    except DtmfError as error:
        if options.json and not options.output:
            give(_as_json(dialect, [], error.diagnostics))
        else:
            show(error.diagnostics)
        return 1
    found = compiled.warnings
    if not compiled.chunks:
        message = "this script presses no key and waits for nothing"
        found += (Diagnostic("empty-program", message, severity="warning"),)
    texts = [chunk.shown if options.redact else chunk.text for chunk in compiled.chunks]
    result = _as_json(dialect, texts, found) if options.json else "".join(f"{text}\n" for text in texts)
    if not options.json:
        show(found)
    if options.output:
        return 0 if late("rewriting").rewrite(options.output, result) else 1
    give(result)
    return 0


def _as_json(dialect: Dialect, texts: Iterable[str], found: Iterable[Diagnostic]) -> str:
    value = {
        "dialect": dialect.name,
        "chunks": [{"text": text, "length": len(text)} for text in texts],
        "diagnostics": [each.as_dict() for each in found],
    }
    text: str = late("jsonoutput").as_text(value)
    return f"{text}\n"

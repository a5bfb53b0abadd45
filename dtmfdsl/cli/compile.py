"""Compile a script: a string a line, ready to send.

Values of params come from --set, --values, or the environment (DTMF_PIN for $pin); a secret that is
still missing is asked for on the terminal.

Some dialects have no pauses, or none so long. With --waits, a wait that no string can hold stands in a line
of its own, as `wait 3.5s`: spend it when the string before it has played. Without, it is an error.

With --times, each string is followed by how long it plays, and by how long after its beginning the next
may go: by then it has ended, even if its tones and gaps are as long as they can be.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from dtmfdsl.cli import compiling
from dtmfdsl.cli.input import add_dialect, add_scripts, add_spelling, add_waits, chosen, settle
from dtmfdsl.cli.late import late
from dtmfdsl.cli.output import show
from dtmfdsl.cli.streams import give
from dtmfdsl.cli.values import add_values
from dtmfdsl.compiler import Compiled
from dtmfdsl.diagnostics import Diagnostic, DtmfError
from dtmfdsl.dialects import Dialect
from dtmfdsl.dialects.chunks import Chunk
from dtmfdsl.notation import write_duration


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
    parser.add_argument(
        "--times", action="store_true", help="show how long each string plays, and when the next may go"
    )
    parser.add_argument("--redact", action="store_true", help="show secrets as ••••")
    add_waits(parser)


def run(options: argparse.Namespace) -> int:
    (file,) = chosen(options)
    dialect = settle(options, file)
    try:
        compiled = compiling.compiled(options, file, dialect, waits="beside" if options.waits else "error")
    except DtmfError as error:
        if options.json and not options.output:
            give(_as_json(dialect, None, error.diagnostics, options))
        else:
            show(error.diagnostics)
        return 1
    found = compiling.warnings_of(compiled)
    if options.json:
        result = _as_json(dialect, compiled, found, options)
    else:
        show(found)
        result = in_lines(compiled, redact=options.redact, times=options.times)
    if options.output:
        return 0 if late("rewriting").rewrite(options.output, result) else 1
    give(result)
    return 0


def in_lines(compiled: Compiled, *, redact: bool = False, times: bool = False) -> str:
    """A string a line, and the waits beside them as statements of a script."""
    lines = ""
    width = max((len(chunk.text) for chunk in compiled.chunks), default=0)
    for chunk in (*compiled.chunks, Chunk("", "", compiled.last_wait_ms)):
        lines += f"wait {write_duration(chunk.wait_ms)}\n" if chunk.wait_ms else ""
        if chunk.text:
            text, last = chunk.shown if redact else chunk.text, chunk is compiled.chunks[-1]
            lines += f"{text:<{width}}  {_times(chunk, last=last)}\n" if times else f"{text}\n"
    return lines


def _times(chunk: Chunk, *, last: bool) -> str:
    """How long a string plays, and when the next may go: `plays 3.9s to 5.9s, over after 5.9s`."""
    least, most = (write_duration(ms) for ms in chunk.plays_ms)
    next = "over after" if last else "next after"
    return f"plays {least if least == most else f'{least} to {most}'}, {next} {write_duration(chunk.next_ms)}"


def _as_json(
    dialect: Dialect, compiled: Compiled | None, found: Iterable[Diagnostic], options: argparse.Namespace
) -> str:
    """The strings with their times, and with --waits the wait before each and after the last.

    All times are in milliseconds.
    """
    chunks = []
    for chunk in compiled.chunks if compiled else ():
        wait = {"wait_ms": chunk.wait_ms} if options.waits else {}
        times = {"plays_ms": chunk.plays_ms, "next_ms": chunk.next_ms}
        shown = chunk.shown if options.redact else chunk.text
        chunks.append({**wait, "text": shown, "length": len(shown), **times})
    last = {"last_wait_ms": compiled.last_wait_ms if compiled else 0} if options.waits else {}
    value = {
        "dialect": dialect.name,
        "chunks": chunks,
        **last,
        "diagnostics": [each.as_dict() for each in found],
    }
    text: str = late("jsonoutput").as_text(value)
    return f"{text}\n"

"""Translate dial strings from one dialect to another.

Several strings are the chunks of one; without any, they are read from standard input, one a line. Without
--from a string means what all dialects that allow it agree on. Without --to, the settings say the dialect.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from dtmfdsl.cli.compile import in_lines
from dtmfdsl.cli.input import add_waits, dial_strings, named, settle
from dtmfdsl.cli.output import show
from dtmfdsl.cli.streams import give
from dtmfdsl.compiler import encode
from dtmfdsl.decompiler import read_with_warnings
from dtmfdsl.diagnostics import Diagnostic, DtmfError
from dtmfdsl.dialects import Dialect, Waits
from dtmfdsl.notation import write_duration
from dtmfdsl.program import Pause, Program
from dtmfdsl.semantics.lowering import Lowered


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("strings", metavar="STRING", nargs="*", help="a dial string; - is standard input")
    parser.add_argument("--from", metavar="NAME", dest="source", help="the dialect of the strings")
    parser.add_argument("--to", metavar="NAME", dest="dialect", help="the dialect that is wanted")
    parser.add_argument(
        "--rounding",
        choices=["up", "error"],
        help="lengthen waits that the dialect cannot write (up), or refuse them (error)",
    )
    parser.add_argument("--half-second", metavar="CHAR", help="the character to write half a second as")
    add_waits(parser)


def run(options: argparse.Namespace) -> int:
    source = None if options.source is None else named(options.source)
    target = settle(options, None)
    try:
        program, found = read_with_warnings(dial_strings(options), source)
        found = (*found, *_left_out(program, target))
        waits: Waits = "beside" if options.waits else "error"
        compiled = encode(Lowered(program, found), target, options.rounding, waits)
    except DtmfError as error:
        show(error.diagnostics)
        return 1
    show(compiled.warnings)
    give(in_lines(compiled))
    return 0


def _left_out(program: Program, target: Dialect) -> Iterator[Diagnostic]:
    """What a string said and one of the target cannot: a number to call, and what is waited for."""
    if program.number is not None and not target.number:
        message = f"a string of {target.name} does not hold the number {program.number}"
        help = "call it first; the strings are for the call"
        yield Diagnostic("number-left-out", message, help=help, severity="warning")
    cues = {cue for _, cue, _ in target.waits}
    for event in program.events:
        if isinstance(event, Pause) and event.cue is not None and event.cue not in cues:
            pause = f"it pauses for {write_duration(event.ms)}"
            message = f'a string of {target.name} cannot wait for "{event.cue}": {pause}'
            help = "`decompile` makes a script of it, in which you can write a shorter wait"
            yield Diagnostic("cue-left-out", message, event.span, help=help, severity="warning")

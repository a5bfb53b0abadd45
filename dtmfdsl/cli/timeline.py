"""Show when each key of a script sounds, and draw it.

A time stands as its earliest and its latest, where the carrier does not document how long a tone or a gap
is. Times count from when the first string begins to play.

With --carrier, it is what `send` would send: the strings, the pauses that the sender keeps, and the requests.

A value that is missing gets a stand-in, as in `check`; secrets are shown as bullets. A picture needs
matplotlib: pip install 'dtmfdsl[plot]'.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import ModuleType
from typing import TypeAlias

from dtmfdsl.cli.input import add_scripts, add_spelling, chosen, duration, load, named, settle
from dtmfdsl.cli.late import late
from dtmfdsl.cli.output import show
from dtmfdsl.cli.streams import Refusal, give_bytes, say, tell, width_of
from dtmfdsl.cli.values import add_values
from dtmfdsl.compiler import encode
from dtmfdsl.diagnostics import Diagnostic, DtmfError, clean
from dtmfdsl.dialects import Dialect
from dtmfdsl.notation import counted, write_duration
from dtmfdsl.program import Tones
from dtmfdsl.semantics.lowering import Lowered
from dtmfdsl.timing import Bounds, Item, TimedChunk, TimedKey, TimedPause, Timeline

_STATEMENT_WIDTH = 40


def configure(parser: argparse.ArgumentParser) -> None:
    add_scripts(parser, many=False)
    add_values(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--dialect", metavar="NAME,…", help="a dialect, or several to compare side by side")
    what.add_argument(
        "--carrier", metavar="NAME,…", help="what would be sent by this carrier, or by sip; or by several"
    )
    parser.add_argument(
        "--attended", action="store_true", help="with --carrier: a person goes on when a cue is heard"
    )
    add_spelling(parser)
    parser.add_argument("--tone", metavar="TIME", type=duration, help="the length of each tone")
    parser.add_argument("--gap", metavar="TIME", type=duration, help="the length of each gap")
    parser.add_argument("--json", action="store_true", help="the times as JSON, in milliseconds")
    parser.add_argument("--svg", metavar="FILE", help="draw it there instead, as SVG; - is standard output")
    parser.add_argument("--png", metavar="FILE", help="draw it there instead, as PNG")
    parser.add_argument("--dark", action="store_true", help="draw it on a dark ground")


Made: TypeAlias = Callable[[Lowered], tuple[Timeline, Sequence[Diagnostic]]]
"""Makes the timeline of a program, with all warnings."""


def run(options: argparse.Namespace) -> int:
    (file,) = chosen(options)
    every = _made(options, file)
    pictures = {form: path for form in ("svg", "png") if (path := getattr(options, form)) is not None}
    if options.dark and not pictures:
        raise Refusal("--dark goes with --svg or --png")
    draw = _extra("drawing", "a picture", "plot").DRAW if pictures else {}
    try:
        source = load(file, options.text)
        lowered, made_up = late("pretending").pretended(source, options, pictures.values())
        lines = []
        for made in every:
            line, warnings = made(lowered)
            show(each for each in warnings if each not in lowered.diagnostics)
            lines.append(line)
        drawn = {path: draw[form](lines, dark=options.dark) for form, path in pictures.items()}
    except DtmfError as error:
        show(error.diagnostics)
        return 1
    show(lowered.diagnostics)
    for path, content in drawn.items():
        if path == "-":
            give_bytes(content)
        elif not late("rewriting").rewrite(path, content):
            return 1
    if options.json:
        whole = {line.dialect.name: line.as_dict() for line in lines}
        late("jsonoutput").show(whole if len(lines) > 1 else lines[0].as_dict())
    elif not drawn:
        _show(lines, source.name)
    if made_up:
        tell(made_up)
    return 0


def _made(options: argparse.Namespace, file: str | None) -> list[Made]:
    """What makes the timeline for each dialect or carrier of the command line."""
    tone_ms, gap_ms = (None if each is None else round(each * 1000) for each in (options.tone, options.gap))
    if options.carrier is not None:
        made_for = _extra("planned", "a carrier", "send").made_for
        lengths = {"tone_ms": tone_ms, "gap_ms": gap_ms}
        return [made_for(name.strip(), options, file, lengths) for name in options.carrier.split(",")]
    if options.attended:
        raise Refusal("--attended goes with --carrier: nobody attends a string")

    def made(dialect: Dialect, lowered: Lowered) -> tuple[Timeline, Sequence[Diagnostic]]:
        compiled = encode(lowered, dialect, options.rounding)
        return compiled.timeline(tone_ms=tone_ms, gap_ms=gap_ms), compiled.warnings

    first, *others = (options.dialect or "").split(",")
    options.dialect = first or None
    return [
        partial(made, each) for each in (settle(options, file), *(named(name.strip()) for name in others))
    ]


def _extra(file: str, what: str, extra: str) -> ModuleType:
    """A file of the command line that needs the packages of an extra. Raises Refusal without them."""
    try:
        return late(file)
    except ModuleNotFoundError as error:
        package = (error.name or "a package").partition(".")[0]
        message = f"{what} needs {package}, which is not installed: pip install 'dtmfdsl[{extra}]'"
        raise Refusal(message) from None


Place: TypeAlias = tuple[int, int, int]
"""Where an item stands: how many keys are before it, which event since then it belongs to, and which part."""


def _placed(line: Timeline) -> Iterator[tuple[Place, Item]]:
    """The items of a timeline with their places. A statement's is the same in every dialect."""
    keys, event, part = 0, -1, 0
    before: object = None
    for item in line.items:
        if isinstance(item, TimedKey):
            yield (keys, sys.maxsize, 0), item
            keys, event, part, before = keys + 1, -1, 0, None
            continue
        if isinstance(item, TimedPause) and item.event is not before:
            event, part, before = event + 1, 0, item.event
        yield (keys, event, part), item
        part += 1


def _show(lines: Sequence[Timeline], script: str) -> None:
    """A row for each key, pause and string; side by side, one for those of all dialects."""
    tables = [dict(_placed(line)) for line in lines]
    several = len(lines) > 1
    rows: list[list[str]] = [[*(line.dialect.name.upper() for line in lines)] if several else ["TIME"]]
    rows[0] += ["WHAT"] + ([] if several else ["WAITS"]) + ["LABEL", "LINE", "STATEMENT"]
    for place in sorted(set().union(*tables)):
        found = [table.get(place) for table in tables]
        one = next(item for item in found if item)
        waits = [] if several else [one.waiting if isinstance(one, TimedPause) else ""]
        rows.append([*(_time(item, several) for item in found), _what(one), *waits, *_where(one, script)])
    # A column that says nothing is left out.
    columns = [column for column in zip(*rows, strict=True) if any(column[1:])]
    rows = [list(row) for row in zip(*columns, strict=True)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    width = width_of(sys.stdout)
    for cells in rows:
        text = "  ".join(cell.ljust(size) for cell, size in zip(cells, widths, strict=True)).rstrip()
        say(text if width is None else text[:width])
    for line in lines:
        strings = counted(len(line.chunks), "string")
        say(f"{line.dialect.name}: {strings}, over after {_range(line.ends)}")


def _range(bounds: Bounds) -> str:
    least, most = write_duration(bounds.earliest_ms), write_duration(bounds.latest_ms)
    return least if least == most else f"{least} to {most}"


def _time(item: Item | None, several: bool) -> str:
    match item:
        case None:
            return ""
        case TimedChunk():
            return _range(item.send)
        case TimedPause() if several and item.waiting != "carrier":
            return f"{_range(item.start)} ({item.waiting})"
        case TimedKey() | TimedPause():
            return _range(item.start)


def _what(item: Item) -> str:
    match item:
        case TimedKey():
            return item.shown
        case TimedPause():
            return f"wait {_range(item.length)}" if item.cue is None else f"wait {_range(item.length)} ⚑"
        case TimedChunk():
            return "string"


def _where(item: Item, script: str) -> tuple[str, str, str]:
    """The label or cue of an item, its line, after the file's name if it is a used one, and its statement."""
    if isinstance(item, TimedChunk):
        return "", "", item.shown
    label = item.event.label if isinstance(item.event, Tones) else item.event.cue and f"“{item.event.cue}”"
    span = item.event.span
    statement = span.source.line(span.position[0]).strip() if span else ""
    if len(statement) > _STATEMENT_WIDTH:
        statement = statement[: _STATEMENT_WIDTH - 1] + "…"
    name = f"{span.source.name}:" if span and span.source.name != script else ""
    return clean(label or ""), f"{clean(name)}{item.line or ''}", statement

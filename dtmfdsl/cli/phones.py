"""What `prove` and `simulate` share: a script, its map, and how long its keys take."""

from __future__ import annotations

import argparse
from fractions import Fraction

from dtmfdsl.cli.input import add_scripts, add_spelling, chosen, load, settle
from dtmfdsl.cli.late import late
from dtmfdsl.cli.output import show
from dtmfdsl.cli.streams import Refusal
from dtmfdsl.cli.values import add_values
from dtmfdsl.compiler import encode, prepare, to_program
from dtmfdsl.loader import Disk, read_file
from dtmfdsl.notation import NotationError, read_duration, write_duration
from dtmfdsl.phone.map import PhoneMap, Range
from dtmfdsl.phone.meaning import Expected
from dtmfdsl.phone.presses import Lengths, Played
from dtmfdsl.phone.prover import Question
from dtmfdsl.program import Program
from dtmfdsl.semantics.lowering import Lowered
from dtmfdsl.semantics.maps import maps_of
from dtmfdsl.source import Source


def add_phone(parser: argparse.ArgumentParser) -> None:
    """The arguments by which a script, its map and the lengths of keys are given."""
    add_scripts(parser, many=False)
    add_values(parser)
    parser.add_argument("--dialect", metavar="NAME", help="the carrier's dialect")
    add_spelling(parser)
    parser.add_argument("--map", metavar="FILE", help="the file of the map, if the script does not use it")
    parser.add_argument("--to", metavar="PLACE", help="where the last key must lead")
    key = "how long a key takes with its gap, in place of the dialect's: 93..600ms"
    parser.add_argument("--key", metavar="RANGE", type=time_range, help=key)
    request = "how long a request takes, between two strings (0..1s)"
    parser.add_argument("--request", metavar="RANGE", type=time_range, default=(0, 1000), help=request)
    parser.add_argument("--json", action="store_true", help="the result as JSON, in milliseconds")


def question(options: argparse.Namespace, limit_s: float = 10) -> tuple[Question, str]:
    """What is asked, and a line that names the values that are made up; "" if none is.

    Raises DtmfError for what is wrong with the script or the map, and Refusal if there is no map, or several.
    """
    (file,) = chosen(options)
    dialect = settle(options, file)
    source = load(file, options.text)
    lowered, made_up = late("pretending").pretended(source, options)
    compiled = encode(lowered, dialect, options.rounding)
    show(compiled.warnings)
    phone, to = _map(options, source, lowered)
    expected = tuple(Expected(each.keys, each.place, each.span) for each in lowered.expected)
    asked = Question(
        Played(compiled.program, compiled.dialect, compiled.chunks),
        phone,
        Lengths(compiled.dialect, options.key, options.request),
        to or _last(expected, compiled.program),
        expected,
        limit_s=limit_s,
    )
    return asked, made_up


def _last(expected: tuple[Expected, ...], program: Program) -> str | None:
    """Where the script itself says that its last key leads."""
    return expected[-1].place if expected and expected[-1].keys == program.key_count else None


def _map(options: argparse.Namespace, source: Source, lowered: Lowered) -> tuple[PhoneMap, str | None]:
    """The map, and the place of `--to` in it."""
    loader = Disk(outside=options.allow_outside)
    names = prepare(read_file(options.map) if options.map else source, loader=loader)
    if options.map:
        to_program(names, pretend=True).valid()
    name, _, to = (options.to or "").rpartition(".")
    used = [each.phone.name for each in lowered.expected] if not options.map else []
    wanted = {name} if name else set(used)
    maps = [phone for phone in maps_of(names).values() if phone.name in wanted or not wanted]
    if not maps:
        raise Refusal("there is no map: name its file with --map, or `use` it in the script")
    if len(maps) > 1:
        each = " and ".join(f"`{phone.name}`" for phone in maps)
        raise Refusal(
            f"there are the maps {each}: name one before the place, as in --to {maps[0].name}.PLACE"
        )
    if to and to not in maps[0].places:
        raise Refusal(f"there is no such place in the map: it has {', '.join(maps[0].places)}")
    return maps[0], to or None


def time_range(text: str) -> Range:
    """An option's value as a range of times in milliseconds: `93..600ms`, `500ms..2s`, or one time."""
    low, dots, high = text.strip().partition("..")
    try:
        most = read_duration((high if dots else low).strip())
        unit = (high if dots else low).strip().lstrip("0123456789. ")
        bare = low.strip().replace(".", "", 1).isdecimal()
        least = read_duration(low.strip() + (unit if bare else "")) if dots else most
    except NotationError:
        message = "this is not a range of times: write it like 93..600ms"
        raise argparse.ArgumentTypeError(message) from None
    if least > most:
        raise argparse.ArgumentTypeError("the range ends before it begins")
    return least, most


def assignment(text: str) -> tuple[str, Range]:
    """An option's value as a length's name and its range, for argparse: `main.says=0..20s`."""
    name, equals, limits = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError("write it like main.says=0..20s")
    return name.strip(), time_range(limits)


def decimal(ms: Fraction | int | None) -> int | float | None:
    """Milliseconds for JSON: whole ones as int, else to the thousandth."""
    if ms is None:
        return None
    return int(ms) if ms == int(ms) else round(float(ms), 3)


def seconds(ms: Fraction | int) -> str:
    """Milliseconds as a person reads them, such as `6.143s`."""
    return write_duration(int(ms)) if ms == int(ms) else f"{float(ms) / 1000:.6f}".rstrip("0") + "s"

"""Show what a script becomes in every dialect: strings, characters, and what each cannot say.

A value that is missing gets a stand-in, as in `check`. A wait that a dialect cannot write stands between its
strings, for whoever sends them; a wait that is no multiple of its step gets longer.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

import attrs

from dtmfdsl.cli.input import add_scripts, chosen, load
from dtmfdsl.cli.late import late
from dtmfdsl.cli.output import show
from dtmfdsl.cli.streams import say, tell
from dtmfdsl.cli.values import add_values, asker, assigned
from dtmfdsl.compiler import Compiled, encode, prepare, to_program
from dtmfdsl.diagnostics import Diagnostic, DtmfError, clean
from dtmfdsl.dialects import DIALECTS, Dialect
from dtmfdsl.language.tree import Param
from dtmfdsl.loader import Disk
from dtmfdsl.notation import counted, write_duration
from dtmfdsl.program import Pause
from dtmfdsl.semantics.lowering import Lowered
from dtmfdsl.source import Source


def configure(parser: argparse.ArgumentParser) -> None:
    add_scripts(parser, many=False)
    add_values(parser)
    parser.add_argument(
        "--allow-outside", action="store_true", help="let `use` read files outside the script's folder"
    )
    parser.add_argument("--json", action="store_true", help="the table as JSON")


@attrs.frozen
class Ported:
    """What a script becomes in a dialect. `compiled` is None if the dialect cannot say it.

    `added_ms` is how much longer all silence is than in the script, in milliseconds. `found` is what the
    dialect cannot say as it is: errors, waits between strings, and warnings.
    """

    dialect: Dialect
    compiled: Compiled | None
    added_ms: int
    found: tuple[Diagnostic, ...]

    def of(self, *codes: str) -> list[Diagnostic]:
        return [each for each in self.found if each.code in codes]


def port(lowered: Lowered, dialect: Dialect) -> Ported:
    """What a program becomes in a dialect. A script that is wrong in itself raises DtmfError."""
    try:
        compiled = encode(lowered, dialect, waits="error")
        held: tuple[Diagnostic, ...] = ()
    except DtmfError as error:
        held = error.diagnostics
        if any(each.severity == "error" and each.code != "unwritable-pause" for each in held):
            return Ported(dialect, None, 0, _of_dialect(held, lowered))
        compiled = encode(lowered, dialect)
    found = [*compiled.warnings, *(each for each in held if each.code == "unwritable-pause")]
    return Ported(dialect, compiled, _added(compiled), _of_dialect(found, lowered))


def _of_dialect(found: Iterable[Diagnostic], lowered: Lowered) -> tuple[Diagnostic, ...]:
    """Without the warnings of the script itself, which are the same in every dialect."""
    return tuple(each for each in found if each not in lowered.diagnostics)


def _added(compiled: Compiled) -> int:
    """How much longer the silence of strings and waits is than the program's, in milliseconds."""
    dialect = compiled.dialect
    cues = {cue for _, cue, _ in dialect.waits}
    events = compiled.program.events
    cued = sum(event.ms for event in events if isinstance(event, Pause) and event.cue in cues)
    written = sum(chunk.wait_ms for chunk in compiled.chunks) + compiled.last_wait_ms
    waiting = {character for character, _, _ in dialect.waits}
    for chunk in compiled.chunks:
        silences = zip(chunk.text, dialect.silences_of(chunk.text), strict=True)
        written += sum(ms or 0 for character, ms in silences if character not in waiting)
    return written - (compiled.program.pause_ms - cued)


def run(options: argparse.Namespace) -> int:
    (file,) = chosen(options)
    made_up: list[str] = []
    values = assigned(options)
    try:
        source = load(file, options.text)
        names = prepare(source, loader=Disk(outside=options.allow_outside))
        ask = asker(options, names.params, prompt=False)

        def lookup(param: Param) -> str | None:
            value = ask(param)
            if value is None and param.default is None:
                made_up.append(f"${param.name.name}")
            return value

        lowered = to_program(names, values=values, lookup=lookup, exposed=values, pretend=True).valid()
    except DtmfError as error:
        show(error.diagnostics)
        return 1
    show(lowered.diagnostics)
    table = [port(lowered, dialect) for dialect in DIALECTS.values()]
    if options.json:
        late("jsonoutput").show([_as_dict(row) for row in table])
    else:
        _show(table, source)
    if made_up:
        tell(f"with made-up values for {', '.join(dict.fromkeys(made_up))}")
    return 0


def _as_dict(row: Ported) -> dict[str, object]:
    compiled = row.compiled
    known: dict[str, object] = {"strings": None, "characters": None, "added_ms": None, "waits_ms": None}
    if compiled:
        known = {
            "strings": len(compiled.chunks),
            "characters": sum(len(chunk.text) for chunk in compiled.chunks),
            "added_ms": row.added_ms,
            "waits_ms": [*(chunk.wait_ms for chunk in compiled.chunks), compiled.last_wait_ms],
        }
    return {
        "dialect": row.dialect.name,
        **known,
        "diagnostics": [each.as_dict() for each in row.found],
    }


def _show(table: list[Ported], source: Source) -> None:
    rows = [("DIALECT", "STRINGS", "CHARACTERS", "LONGER BY", "WHAT IT CANNOT SAY")]
    for row in table:
        if row.compiled is None:
            errors = [each for each in row.found if each.severity == "error"]
            rows.append((row.dialect.name, "-", "-", "-", "; ".join(_cannot(errors, source))))
            continue
        length = sum(len(chunk.text) for chunk in row.compiled.chunks)
        longer = write_duration(row.added_ms) if row.added_ms else ""
        cannot = "; ".join(_left(row, source))
        rows.append((row.dialect.name, str(len(row.compiled.chunks)), str(length), longer, cannot))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    right = (False, True, True, True, False)
    for cells in rows:
        aligned = [
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(cells, widths, right, strict=True)
        ]
        say("  ".join(aligned).rstrip())


def _cannot(errors: list[Diagnostic], source: Source) -> list[str]:
    """The errors of a dialect, those of the same sentence as one, with their lines."""
    places: dict[str, list[Diagnostic]] = {}
    for each in errors:
        places.setdefault(each.message, []).append(each)
    return [clean(message) + _lines(found, source) for message, found in places.items()]


def _left(row: Ported, source: Source) -> list[str]:
    """What a dialect says in another way than the script, with the lines."""
    cannot = []
    if waits := row.of("unwritable-pause"):
        cannot.append(f"{counted(len(waits), 'wait')} between strings{_lines(waits, source)}")
    if rounded := row.of("rounded-pause"):
        cannot.append(f"{counted(len(rounded), 'wait')} rounded up{_lines(rounded, source)}")
    if cut := row.of("cut-group"):
        cannot.append(f"{counted(len(cut), 'group')} cut{_lines(cut, source)}")
    if unplayed := row.of("too-many-strings"):
        strings = counted(row.dialect.strings or 0, "string")
        cannot.append(f"a call takes {strings}, and the rest is not played{_lines(unplayed, source)}")
    return cannot


def _lines(found: list[Diagnostic], source: Source) -> str:
    """The lines of diagnostics; those of another file than the script after that file's name."""
    places = [(each.span.source.name, each.span.position[0]) for each in found if each.span]
    files: dict[str, list[str]] = {}
    for name, line in dict.fromkeys(places):
        files.setdefault("" if name == source.name else f"{clean(name)}:", []).append(str(line))
    if not files:
        return ""
    lines = "; ".join(name + ", ".join(numbers) for name, numbers in files.items())
    return f" (line{'s' if len(set(places)) > 1 else ''} {lines})"

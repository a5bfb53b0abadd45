"""The way up: dial strings to a script."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, DtmfError, Note, in_order
from dtmfdsl.dialects import DIALECTS, Dialect, get_dialect
from dtmfdsl.language.formatter import to_text
from dtmfdsl.language.tree import Script
from dtmfdsl.loader import as_text
from dtmfdsl.program import Event, Program, Secret, Tones, check_size
from dtmfdsl.semantics.lifting import lift, statement_of
from dtmfdsl.semantics.templates import Template, marks_of, templates_of
from dtmfdsl.source import Source, Span

SHOWN_STATEMENTS = 6
"""How many statements of a reading are listed, from the first one that other readings lack."""

SHOWN_DIALECTS = 4
"""How many dialects with the same reading are listed beside the first; of more, the last is a count."""

# What comes along when a string is copied: blanks and the invisible marks of a text's direction; quotes.
_BLANKS = " \t\r\n\f\v\xa0\ufeff\u200b\u200e\u200f\u202a\u202c\u202d\u2068\u2069"
MOST_QUOTES = 3
_QUOTES = ('""', "''", "``", "“”", "„“", "„”", "‘’", "«»")


@attrs.frozen
class Decompiled:
    """The script of dial strings, and warnings that tell how a template in them was read."""

    script: Script
    warnings: tuple[Diagnostic, ...] = ()


@attrs.frozen
class _Reading:
    """What strings mean to these dialects. A template's value is one key, marked as a secret of its name.

    `called` is the name of the value that is the number to call.
    """

    template: Template | None
    dialects: list[Dialect]
    program: Program
    called: str | None = None

    @property
    def names(self) -> str:
        return " and ".join(dialect.name for dialect in self.dialects)


def decompile(
    strings: str | Sequence[str], dialect: str | Dialect | None = None, *, template: Template | None = None
) -> str:
    """The script of a dial string, or of several that are chunks of one.

    With no `dialect` named, a string means what all dialects that allow it agree on. `template` tells whether
    `#{card}` is a mark of Ruby's ("ruby"), or the key `#` before `{card}` ("braces").
    Raises DtmfError with everything in the strings that the dialect does not allow, or with all readings
    where they differ.
    """
    return to_text(read_back(strings, dialect, template=template).script)


def read_back(
    strings: str | Sequence[str], dialect: str | Dialect | None = None, *, template: Template | None = None
) -> Decompiled:
    """The same as a tree, with warnings that tell how a template was read."""
    places = _places(strings, dialect)
    texts = [place.text for place in places]
    if template not in (None, "ruby", "braces"):
        message = f"there is no template `{template}`"
        raise DtmfError.of("unknown-template", message, help="it is `ruby` or `braces`")
    reading = _read(places, dialect, [template] if template else templates_of(texts))
    renamed = {
        place.text[mark.start : mark.end]: mark.name
        for place in places
        for mark in marks_of(place.text, reading.template)
    }
    warnings = [
        Diagnostic(
            "template-value",
            f"`{written}` is read as `${name}`, a value that the script is given",
            help="say what it is in its `param`, such as `16 digits`; a PIN is better a `secret`",
            severity="warning",
        )
        for written, name in renamed.items()
    ]
    warnings += _left_out(places, reading)
    script = lift(reading.program, params=set(renamed.values()), called=reading.called)
    return Decompiled(script, tuple(warnings))


def read_strings(strings: str | Sequence[str], dialect: str | Dialect | None = None) -> Program:
    """The program that dial strings mean, one after the other. Raises DtmfError as `decompile` does."""
    return read_with_warnings(strings, dialect)[0]


def read_with_warnings(
    strings: str | Sequence[str], dialect: str | Dialect | None = None
) -> tuple[Program, tuple[Diagnostic, ...]]:
    """The same, with warnings about what the strings say and no program can."""
    places = _places(strings, dialect)
    reading = _read(places, dialect, [None])
    return reading.program, _left_out(places, reading)


def _left_out(places: list[Span], reading: _Reading) -> tuple[Diagnostic, ...]:
    return tuple(found for place in places for found in reading.dialects[0].left_out(place.text, place))


def _places(strings: str | Sequence[str], dialect: str | Dialect | None) -> list[Span]:
    """Where each string stands in what was given, without the blanks and quotes around it."""
    given = strings if isinstance(strings, list | tuple) else [strings]
    most = limits.STRING_CHARACTERS if dialect else limits.UNNAMED_CHARACTERS
    if sum(len(as_text(text)) for text in given) > most:
        message = f"dial strings of more than {most:,} characters are no call's"
        help = (
            "give the strings of one call" if dialect else "give the strings of one call, and their dialect"
        )
        raise DtmfError.of("string-too-long", message, help=help)
    return [
        _bare(Source("<string>" if len(given) == 1 else f"<string {number}>", text))
        for number, text in enumerate(given, 1)
    ]


def _bare(source: Source) -> Span:
    """A string without the blanks, and the pairs of quotes, around it."""
    text = source.text
    start, end = 0, len(text)
    for layer in range(MOST_QUOTES + 1):
        start = end - len(text[start:end].lstrip(_BLANKS))
        end = start + len(text[start:end].rstrip(_BLANKS))
        if layer < MOST_QUOTES and end - start >= 2 and text[start] + text[end - 1] in _QUOTES:
            start, end = start + 1, end - 1
    return Span(source, start, end)


def _read(
    places: list[Span], dialect: str | Dialect | None, templates: Sequence[Template | None]
) -> _Reading:
    """The one reading of the strings. `templates` are those to try; with None there are no marks."""
    if dialect is None:
        dialects = [each for each in DIALECTS.values() if not each.by_name_only]
    else:
        dialects = [get_dialect(dialect)]
    readings: list[_Reading] = []
    refused: list[tuple[Dialect, DtmfError]] = []
    characters = sorted(set().union(*[place.text for place in places]))
    longest = max(len(place.text) for place in places)
    for template in templates:
        # Most dialects read a string in the same way: it is read once for all of them.
        known: dict[tuple[object, ...], tuple[Program, str | None]] = {}
        for each in dialects:
            way = each.reading(characters)
            fits = each.limit is None or longest <= each.limit
            try:
                if not fits or way not in known:
                    known[way] = _program(places, each, template)
            except DtmfError as error:
                refused.append((each, error))
                continue
            program, called = known[way]
            for reading in readings:
                if reading.program == program:
                    reading.dialects.append(each)
                    break
            else:
                readings.append(_Reading(template, [each], program, called))
    match readings:
        case []:
            raise DtmfError(_nearest(refused))
        case [reading]:
            return reading
    raise DtmfError(_ambiguous(places, readings))


def _nearest(refused: Sequence[tuple[Dialect, DtmfError]]) -> tuple[Diagnostic, ...]:
    """What the dialect says that finds the fewest characters wrong."""

    def wrong_characters(refusal: tuple[Dialect, DtmfError]) -> int:
        spans = [found.span for found in refusal[1].diagnostics]
        return sum(span.end - span.start if span else 0 for span in spans)

    dialect, error = min(refused, key=wrong_characters)
    first, *others = error.diagnostics
    if len(refused) > 1 and first.code != "empty-string":
        note = Note(f"no dialect reads this string; {dialect.name} comes nearest")
        first = attrs.evolve(first, notes=(*first.notes, note))
    return (first, *others)


def _program(places: list[Span], dialect: Dialect, template: Template | None) -> tuple[Program, str | None]:
    """What strings mean in a dialect, and the name of the value that is the number to call."""
    events: list[Event] = []
    number = called = None
    wrong: list[Diagnostic] = []
    for place in places:
        at = 0
        marks = marks_of(place.text, template) if template else []
        for mark in [*marks, None]:
            end = mark.start if mark else len(place.text)
            first = place is places[0] and not at
            if at < end or not marks:
                span = Span(place.source, place.start + at, place.start + end)
                try:
                    read = dialect.decode(span.text, span, first=first)
                    number = number or read.number
                    events += read.events
                except DtmfError as error:
                    wrong += error.diagnostics
            if mark and first and not mark.start and dialect.is_number_before(place.text[mark.end :]):
                number, called = "0", mark.name
            elif mark:
                events.append(Tones("0", secrets=(Secret(mark.name, 0, 1),)))
            at = mark.end if mark else end
        if len(wrong) > limits.DIAGNOSTICS:
            break
    if wrong:
        raise DtmfError(in_order(wrong))
    program = Program(tuple(_joined(events)), number)
    check_size(program)
    return program, called


def _joined(events: list[Event]) -> list[Event]:
    """A template's value is of one group with the keys beside it."""
    joined: list[Event] = []
    for event in events:
        last = joined[-1] if joined else None
        if (
            isinstance(event, Tones)
            and isinstance(last, Tones)
            and (event.secrets or last.secrets)
            and not (event.every_ms or last.every_ms)
        ):
            shift = len(last.keys)
            moved = [Secret(each.name, each.start + shift, each.stop + shift) for each in event.secrets]
            joined[-1] = attrs.evolve(last, keys=last.keys + event.keys, secrets=(*last.secrets, *moved))
        else:
            joined.append(event)
    return joined


def _ambiguous(places: list[Span], readings: list[_Reading]) -> Diagnostic:
    """The readings, each from the first statement that differs, and how to choose one."""
    programs = [reading.program for reading in readings]
    beside = enumerate(zip(*(program.events for program in programs), strict=False))
    shortest = min(len(program.events) for program in programs)
    same = next((at for at, events in beside if len(set(events)) > 1), shortest)
    by_dialect = len({reading.names for reading in readings}) > 1
    by_template = len({reading.template for reading in readings}) > 1
    notes: list[Note] = []
    ways: list[str] = []
    for reading in readings:
        way = f"--dialect {reading.dialects[0].name}" * by_dialect + " " * (by_dialect and by_template)
        way += f"--template {reading.template}" * by_template
        ways.append(f"`{way}`")
        events = reading.program.events[same:]
        call = attrs.evolve(reading.program, events=()) if by_dialect else Program()
        shown = [lift(call, called=reading.called).body[-1:]]
        shown += [(statement_of(event),) for event in events[:SHOWN_STATEMENTS]]
        statements = [line for each in shown if (line := to_text(Script(each)).strip())]
        listed = "… " * bool(same) + "; ".join(statements or ["nothing"])
        listed += "; …" * (len(events) > SHOWN_STATEMENTS)
        alike = [each.name for each in reading.dialects[1:]] if by_dialect else []
        if len(alike) > SHOWN_DIALECTS:
            alike[SHOWN_DIALECTS - 1 :] = [f"{len(alike) - SHOWN_DIALECTS + 1} more"]
        others = f" (or {' or '.join(alike)})" if alike else ""
        about = ", about" if by_dialect and reading.dialects[0].about else ""
        notes.append(Note(f"with `{way}`{others}{about}: {listed}"))
    return Diagnostic(
        "ambiguous-string",
        f"this string has {len(readings)} readings",
        places[0] if len(places) == 1 else None,
        tuple(notes),
        help=f"choose one: {' or '.join(ways)}",
    )

"""A program to the codes of a dialect, and a string of a dialect back to a program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

import attrs

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, DtmfError, Note, in_order
from dtmfdsl.dialects.chunks import Code
from dtmfdsl.dialects.numbers import Dialled, read_dialled, write_number
from dtmfdsl.notation import LOOKALIKES, write_duration
from dtmfdsl.program import Event, Pause, Program, Tones, check_size
from dtmfdsl.source import Source, Span

Rounding: TypeAlias = Literal["up", "error"]

FOLD_KEYS = 3
"""At least this many single keys with equal silences between them are read as one `press … every …`."""

FOLD_MS = 2000
"""The longest such silence, in milliseconds. Longer ones lie between the steps of a menu."""

_SEEN = 200
"""Look for a second `wait` in at most this many characters of a pause."""


@attrs.frozen
class Codec:
    """How keys and silence are written in a string. Encoding and decoding read the same table.

    `pauses` pairs each pause character with its milliseconds; of characters with the same length, the first
    is written. Every length must be a multiple of the shortest. `limit` is the greatest length of a string,
    in characters, or None where none is documented. `waits` are characters that wait for an event: each with
    the cue of it, and the milliseconds of a run that cannot hear it. With `number`, a string begins with the
    number to call.
    """

    name: str
    keys: str
    pauses: tuple[tuple[str, int], ...]
    limit: int | None
    waits: tuple[tuple[str, str, int], ...] = ()
    number: bool = False

    @property
    def step_ms(self) -> int:
        """The shortest silence that the dialect can write, in milliseconds."""
        return min(ms for _, ms in self.pauses)

    @property
    def characters(self) -> str:
        """Everything that a string may hold."""
        return self.keys + self.silences

    @property
    def silences(self) -> str:
        """The characters that press nothing: pauses, and waits for an event."""
        pauses = [character for character, _ in self.pauses]
        return "".join([*pauses, *(character for character, _, _ in self.waits)])

    def is_number_before(self, rest: str) -> bool:
        """Whether an unknown value that begins a string, with `rest` after it, is the number to call."""
        return self.number and rest != "" and rest[0] in self.silences

    def write_pause(self, ms: int) -> str:
        """The fewest characters for a silence, long pauses first. `ms` must be a multiple of `step_ms`."""
        text = ""
        for length in sorted({length for _, length in self.pauses}, reverse=True):
            count, ms = divmod(ms, length)
            text += next(c for c, each in self.pauses if each == length) * count
        return text

    def encode(self, program: Program, rounding: Rounding = "up") -> tuple[list[Code], list[Diagnostic]]:
        """The codes of a program, and warnings about what had to be changed.

        A silence that is not a multiple of `step_ms` is lengthened with a warning; with `rounding="error"`
        it is an error. Raises DtmfError for such errors, for keys that the dialect lacks, and for a program
        that is too large.
        """
        check_size(program)
        writer = _Writer(self, rounding)
        for event in program.events:
            writer.write(event)
        writer.end_silence()
        if self.number:
            writer.call(program)
        if any(found.severity == "error" for found in writer.diagnostics):
            raise DtmfError(in_order(writer.diagnostics))
        return writer.codes, writer.diagnostics

    def decode(self, text: str, span: Span | None = None, *, first: bool = True) -> Program:
        """The program that a string of this dialect means.

        Three or more single keys with equal silences of at most 2 s between them become one group with
        `every_ms`. `span` is the string's place in a script, if it has one. Raises DtmfError with everything
        in the string that the dialect does not allow. What does not come `first` in a call begins with no
        number.
        """
        if span is None:
            span = Span(Source("<string>", text), 0, len(text))
        dialled = Dialled(None, text, range(len(text) + 1))
        if self.number:
            dialled = read_dialled(text, number=first)
        if wrong := self._wrong(dialled, span):
            raise DtmfError(wrong)
        lengths = dict(self.pauses)
        waits = {character: Pause(ms, cue) for character, cue, ms in self.waits}
        keys, waiting = re.escape(self.keys), re.escape("".join(waits))
        one = f"|[{waiting}]" if waits else ""
        events: list[Event] = []
        for run in re.finditer(f"[{keys}]{{1,{limits.GROUP_KEYS}}}{one}|[^{keys}{waiting}]+", dialled.rest):
            silence = sum(lengths.get(character, 0) for character in run[0])
            event = waits.get(run[0]) or (Pause(silence) if silence else Tones(run[0]))
            start = span.start + dialled.places[run.start()]
            end = span.start + dialled.places[run.end() - 1] + 1
            events.append(attrs.evolve(event, source=span.source, start=start, end=end))
        return Program(_fold(events), dialled.number)

    def _wrong(self, dialled: Dialled, span: Span) -> list[Diagnostic]:
        """What the dialect does not allow in a string; at most one more than `limits.DIAGNOSTICS`."""
        text = dialled.rest

        def at(start: int, end: int) -> Span:
            # A tree that was built without a text has a span that is shorter than the string.
            start, end = dialled.places[start], dialled.places[end - 1] + 1
            return Span(span.source, min(span.start + start, span.end), min(span.start + end, span.end))

        if not text and dialled.number is None:
            help = f"{self.name} needs at least one character"
            return [Diagnostic("empty-string", "a dial string must not be empty", span, help=help)]
        wrong = []
        if self.limit is not None and len(text) > self.limit:
            message = f"{len(text)} characters are more than the {self.limit} that {self.name} takes"
            help = "cut it at a pause into several strings"
            wrong.append(Diagnostic("string-too-long", message, at(self.limit, len(text)), help=help))
        for run in re.finditer(f"[^{re.escape(self.characters)}]+", text):
            if len(wrong) > limits.DIAGNOSTICS:
                break
            meant = LOOKALIKES.get(run[0])
            takes = f"it takes {' '.join(self.characters)}"
            help = f"write `{meant}`" if meant and meant in self.keys else takes
            shown = run[0] if len(run[0]) <= 40 else run[0][:40] + "…"
            message = f"`{shown}` means nothing in {self.name}"
            wrong.append(Diagnostic("not-in-dialect", message, at(*run.span()), help=help))
        return wrong


def _several(span: Span) -> bool:
    """Whether a pause was written as more than one `wait`."""
    text = span.source.text[span.start : min(span.end, span.start + _SEEN)]
    return bool(re.search(r"(?i)\bwait\b.*\bwait\b", text, re.DOTALL))


class _Writer:
    """Makes codes of events, one after the other. Neighbouring silences are written as one."""

    def __init__(self, dialect: Codec, rounding: Rounding):
        self.dialect = dialect
        self.rounding = rounding
        self.codes: list[Code] = []
        self.diagnostics: list[Diagnostic] = []
        self.silences: list[Pause] = []
        self.spellings: dict[int, Code] = {}
        self.keys = frozenset(dialect.keys)
        self.step = dialect.step_ms
        # Of characters with the same cue, the first is written.
        self.waits: dict[str | None, Code] = {cue: Code(c, ms) for c, cue, ms in reversed(dialect.waits)}

    def write(self, event: Event) -> None:
        """Adds an event's codes. A silence is written only when its last event is known."""
        if isinstance(event, Pause):
            if event.cue in self.waits:
                self.end_silence()
                self.codes.append(self.waits[event.cue])
                return
            self.silences.append(event)
            return
        self.end_silence()
        keys = event.keys
        if not self.keys.issuperset(keys):
            self.missing(event)
        if event.every_ms:
            self.paced(event)
            return
        limit = self.dialect.limit
        whole = limit is None or len(keys) <= limit
        if not whole:
            self.too_long(event, len(keys))
        self.codes.append(Code(keys, 0, whole, event.shown if event.secrets else None))

    def end_silence(self) -> None:
        """Writes the silence of the pauses since the last keys, if there is one."""
        if ms := sum(pause.ms for pause in self.silences):
            self.codes.append(self.pause(attrs.evolve(self.silences[0], ms=ms)))
        self.silences = []

    def call(self, program: Program) -> None:
        """Writes the number before all else, with the pause after it that a phone needs."""
        name = self.dialect.name
        rest = "".join(code.text for code in self.codes)
        first = program.events[0].span if program.events else None
        if program.number is None:
            if read_dialled(rest).number is not None:
                message = f"{name} would call these keys as a number"
                help = "write the number with `call`, or `wait` before the keys"
                self.diagnostics.append(Diagnostic("keys-as-number", message, first, help=help))
            return
        if rest and rest[0] in self.keys:
            step = write_duration(self.step)
            if self.rounding == "error":
                message = f"{name} has no keys without a pause after the number"
                found = Diagnostic(
                    "unwritable-pause", message, first, help=f"write `wait {step}` before them"
                )
            else:
                message = f"keys wait {step} after the number in {name}"
                help = f"write `wait {step}` before them"
                found = Diagnostic("rounded-pause", message, first, help=help, severity="warning")
            self.diagnostics.append(found)
            self.codes.insert(0, Code(self.dialect.write_pause(self.step), self.step, False))
            rest = self.codes[0].text + rest
        self.codes.insert(0, Code(write_number(program.number, rest)))

    def paced(self, event: Tones) -> None:
        """Writes a group with a pause between two keys: as one code if it fits the limit, else key by key."""
        pause = self.pause(event)
        text = pause.text.join(event.keys)
        limit = self.dialect.limit
        if limit is None or len(text) <= limit:
            self.codes.append(Code(text, 0, True, pause.text.join(event.shown) if event.secrets else None))
            return
        self.too_long(event, len(text))
        for index, (key, shown) in enumerate(zip(event.keys, event.shown, strict=True)):
            if index:
                self.codes.append(pause)
            self.codes.append(Code(key, 0, True, shown if event.secrets else None))

    def pause(self, event: Event) -> Code:
        """The code for a pause, or for the silence between two keys, rounded up to the dialect's step."""
        word, ms = ("wait", event.ms) if isinstance(event, Pause) else ("every", event.every_ms)
        if isinstance(event, Pause) and event.paced:
            word = "pace"
        if missing := -ms % self.step:
            name, after = self.dialect.name, write_duration(ms + missing)
            parts = self.silences if isinstance(event, Pause) else []
            before = " and ".join(write_duration(each.ms) for each in parts) or write_duration(ms)
            if len(parts) == 1 and word == "wait" and event.span and _several(event.span):
                word, before = "waits", f"of {before} in all"
            help = f"its pauses are multiples of {write_duration(self.step)}"
            if self.rounding == "error":
                message = f"{name} has no pause of {before}"
                help += f": write {after}, or allow rounding up"
                found = Diagnostic("unwritable-pause", message, event.span, help=help)
            else:
                message = f"{word} {before} became {after} in {name}"
                found = Diagnostic("rounded-pause", message, event.span, help=help, severity="warning")
            self.diagnostics.append(found)
            ms += missing
        code = self.spellings.get(ms)
        if code is None:
            code = self.spellings[ms] = Code(self.dialect.write_pause(ms), ms, False)
        return code

    def missing(self, event: Tones) -> None:
        """Reports the first key that the dialect lacks."""
        for key, shown in zip(event.keys, event.shown, strict=True):
            if key not in self.keys:
                what = "a key of this secret" if shown != key else f"the key `{key}`"
                message = f"{self.dialect.name} lacks {what}"
                help = f"it has the keys {' '.join(self.dialect.keys)}"
                self.diagnostics.append(Diagnostic("no-such-key", message, event.span, help=help))
                return

    def too_long(self, event: Tones, length: int) -> None:
        """Reports a group that must be cut, because it takes `length` characters."""
        name, limit = self.dialect.name, self.dialect.limit
        message = f"this group takes {length} characters and is cut: {name} takes {limit}"
        note = Note("the request between two strings lengthens the silence at the cut")
        help = "if the phone menu times its keys, press fewer at once or faster"
        self.diagnostics.append(Diagnostic("cut-group", message, event.span, (note,), help, None, "warning"))


def _fold(events: Sequence[Event]) -> list[Event]:
    """Joins single keys with equal short silences between them into groups with `every_ms`."""
    folded: list[Event] = []
    index = 0
    while index < len(events):
        event = events[index]
        pause = events[index + 1] if index + 1 < len(events) else None
        keys, end = _single_key(event), index
        while keys and end + 2 < len(events) and events[end + 1] == pause and _single_key(events[end + 2]):
            end += 2
            keys += _single_key(events[end])
        short = isinstance(pause, Pause) and pause.ms <= FOLD_MS
        if short and len(keys) >= FOLD_KEYS and isinstance(event, Tones) and isinstance(pause, Pause):
            folded.append(attrs.evolve(event, keys=keys, every_ms=pause.ms, end=events[end].end))
            index = end + 1
        else:
            folded.append(event)
            index += 1
    return folded


def _single_key(event: Event) -> str:
    """The key of an event that is one key; else an empty text."""
    return event.keys if isinstance(event, Tones) and len(event.keys) == 1 else ""

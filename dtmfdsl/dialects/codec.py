"""A program to the codes of a dialect, and a string of a dialect back to a program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

import attrs

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, DtmfError, Note, in_order
from dtmfdsl.dialects.chunks import Code
from dtmfdsl.notation import LOOKALIKES, write_duration
from dtmfdsl.program import Event, Pause, Program, Tones, excess
from dtmfdsl.source import Source, Span

Rounding: TypeAlias = Literal["up", "error"]

FOLD_KEYS = 3
"""So many single keys with equal silences between them read as one `press … every …`."""

FOLD_MS = 2000
"""The longest such silence, in milliseconds. Longer ones lie between the steps of a menu."""


@attrs.frozen
class Codec:
    """How keys and silence are written in a string, read in both directions.

    `pauses` pairs each pause character with its milliseconds, the preferred spelling of a length first;
    every length must be a multiple of the shortest. `limit` is the greatest length of a string in
    characters, None where none is documented.
    """

    name: str
    keys: str
    pauses: tuple[tuple[str, int], ...]
    limit: int | None

    @property
    def step_ms(self) -> int:
        """The shortest silence that the dialect can write."""
        return min(ms for _, ms in self.pauses)

    @property
    def characters(self) -> str:
        """Everything that a string may hold."""
        return self.keys + "".join(character for character, _ in self.pauses)

    def write_pause(self, ms: int) -> str:
        """The fewest characters for a silence, the longest first; `ms` is a multiple of `step_ms`."""
        text = ""
        for length in sorted({length for _, length in self.pauses}, reverse=True):
            count, ms = divmod(ms, length)
            text += next(c for c, each in self.pauses if each == length) * count
        return text

    def encode(self, program: Program, rounding: Rounding = "up") -> tuple[list[Code], list[Diagnostic]]:
        """The program in these characters, and what had to be changed on the way.

        Raises DtmfError for keys that are missing here, and with `rounding="error"` for silences that are
        no multiple of its step; with "up" those are lengthened and a warning tells.
        """
        if too_much := excess(program):
            raise DtmfError(too_much)
        writer = _Writer(self, rounding)
        for event in program.events:
            writer.write(event)
        writer.end_silence()
        if any(found.severity == "error" for found in writer.diagnostics):
            raise DtmfError(in_order(writer.diagnostics))
        return writer.codes, writer.diagnostics

    def decode(self, text: str, span: Span | None = None) -> Program:
        """The program that a string of this dialect means.

        Three or more single keys with equal silences of at most 2 s between them read as one paced group.
        `span` is where the string stands, if it is not a source by itself. Raises DtmfError with everything
        in the string that the dialect does not allow.
        """
        if span is None:
            span = Span(Source("<string>", text), 0, len(text))
        if wrong := self._wrong(text, span):
            raise DtmfError(wrong)
        lengths = dict(self.pauses)
        events: list[Event] = []
        offset = 0
        while offset < len(text):
            start = offset
            silence = 0
            while offset < len(text) and (length := lengths.get(text[offset])):
                silence += length
                offset += 1
            if not silence:
                end = min(len(text), start + limits.GROUP_KEYS)
                while offset < end and text[offset] not in lengths:
                    offset += 1
            event = Pause(silence) if silence else Tones(text[start:offset])
            start, end = span.start + start, span.start + offset
            events.append(attrs.evolve(event, source=span.source, start=start, end=end))
        return Program(_fold(events))

    def _wrong(self, text: str, span: Span) -> list[Diagnostic]:
        def at(start: int, end: int) -> Span:
            return Span(span.source, min(span.start + start, span.end), min(span.start + end, span.end))

        if not text:
            return [
                Diagnostic(
                    "empty-string",
                    "a dial string must not be empty",
                    span,
                    help=f"{self.name} needs at least one character",
                )
            ]
        wrong = []
        if self.limit is not None and len(text) > self.limit:
            wrong.append(
                Diagnostic(
                    "string-too-long",
                    f"{len(text)} characters are more than the {self.limit} that {self.name} takes",
                    at(self.limit, len(text)),
                    help="cut it at a pause into several strings",
                )
            )
        for run in re.finditer(f"[^{re.escape(self.characters)}]+", text):
            meant = LOOKALIKES.get(run[0])
            help = f"it takes {' '.join(self.characters)}"
            if meant and meant in self.keys:
                help = f"write `{meant}`"
            shown = run[0] if len(run[0]) <= 40 else run[0][:40] + "…"
            wrong.append(
                Diagnostic(
                    "not-in-dialect", f"`{shown}` means nothing in {self.name}", at(*run.span()), help=help
                )
            )
            if len(wrong) > limits.DIAGNOSTICS:
                break
        return wrong


class _Writer:
    """Events to codes. Neighbouring silences are written as one."""

    def __init__(self, dialect: Codec, rounding: Rounding):
        self.dialect = dialect
        self.rounding = rounding
        self.codes: list[Code] = []
        self.diagnostics: list[Diagnostic] = []
        self.silence = 0
        self.silent: Pause | None = None
        self.spellings: dict[int, Code] = {}
        self.keys = frozenset(dialect.keys)
        self.step = dialect.step_ms

    def write(self, event: Event) -> None:
        if isinstance(event, Pause):
            self.silence += event.ms
            if self.silent is None:
                self.silent = event
            return
        if self.silence:
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
        if self.silence:
            self.codes.append(self.pause(self.silence, self.silent, "wait"))
        self.silence = 0
        self.silent = None

    def paced(self, event: Tones) -> None:
        """A group with a pause after each key but the last: whole if it fits, else key by key."""
        pause = self.pause(event.every_ms, event, "every")
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

    def pause(self, ms: int, event: Event | None, word: str) -> Code:
        rest = ms % self.step
        if rest:
            rounded = ms + self.step - rest
            span = event.span if event else None
            before, after = write_duration(ms), write_duration(rounded)
            step = write_duration(self.step)
            if self.rounding == "error":
                self.diagnostics.append(
                    Diagnostic(
                        "unwritable-pause",
                        f"{self.dialect.name} has no pause of {before}",
                        span,
                        help=f"its pauses are multiples of {step}: write {after}, or allow rounding up",
                    )
                )
            else:
                self.diagnostics.append(
                    Diagnostic(
                        "rounded-pause",
                        f"{word} {before} became {after} in {self.dialect.name}",
                        span,
                        help=f"its pauses are multiples of {step}",
                        severity="warning",
                    )
                )
            ms = rounded
        code = self.spellings.get(ms)
        if code is None:
            code = self.spellings[ms] = Code(self.dialect.write_pause(ms), ms, False)
        return code

    def missing(self, event: Tones) -> None:
        for key, shown in zip(event.keys, event.shown, strict=True):
            if key not in self.keys:
                what = "a key of this secret" if shown != key else f"the key `{key}`"
                self.diagnostics.append(
                    Diagnostic(
                        "no-such-key",
                        f"{self.dialect.name} lacks {what}",
                        event.span,
                        help=f"it has the keys {' '.join(self.dialect.keys)}",
                    )
                )
                return

    def too_long(self, event: Tones, length: int) -> None:
        limit = self.dialect.limit
        self.diagnostics.append(
            Diagnostic(
                "cut-group",
                f"this group takes {length} characters and is cut: {self.dialect.name} takes {limit}",
                event.span,
                (Note("the request between two strings lengthens the silence at the cut"),),
                help="if the phone menu times its keys, press fewer at once or faster",
                severity="warning",
            )
        )


def _fold(events: Sequence[Event]) -> list[Event]:
    """Runs of single keys with equal short silences between become paced groups."""
    folded: list[Event] = []
    index = 0
    while index < len(events):
        event = events[index]
        following = events[index + 1] if index + 1 < len(events) else None
        end = index
        if _single(event) and isinstance(following, Pause) and following.ms <= FOLD_MS:
            while end + 2 < len(events) and events[end + 1] == following and _single(events[end + 2]):
                end += 2
        run = [tone for tone in events[index : end + 1] if isinstance(tone, Tones)]
        if len(run) >= FOLD_KEYS and isinstance(following, Pause):
            keys = "".join(tone.keys for tone in run)
            folded.append(attrs.evolve(run[0], keys=keys, every_ms=following.ms, end=run[-1].end))
            index = end + 1
        else:
            folded.append(event)
            index += 1
    return folded


def _single(event: Event) -> bool:
    return isinstance(event, Tones) and len(event.keys) == 1

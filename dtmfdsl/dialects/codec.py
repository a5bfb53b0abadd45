"""A program to the codes of a dialect, and a string of a dialect back to a program."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple, TypeAlias

import attrs

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, DtmfError, Note, in_order
from dtmfdsl.dialects.chunks import Code
from dtmfdsl.dialects.numbers import Dialled, read_dialled, write_number
from dtmfdsl.notation import LOOKALIKES, write_duration
from dtmfdsl.program import Event, Pause, Program, Tones, check_size
from dtmfdsl.source import Source, Span

Rounding: TypeAlias = Literal["up", "error"]

Waits: TypeAlias = Literal["error", "beside"]
"""What becomes of a silence that a string cannot hold: an error, or a wait beside the strings."""

FOLD_KEYS = 3
"""At least this many single keys with equal silences between them are read as one `press … every …`."""

FOLD_MS = 2000
"""The longest such silence, in milliseconds. Longer ones lie between the steps of a menu."""

_SEEN = 200
"""Look for a second `wait` in at most this many characters of a pause."""


class Counted(NamedTuple):
    """A pause with a number in it, as `{3}`: so many times `unit_ms`, and `most` in one such pause.

    With a `most`, two of them cannot stand side by side: no source says that they add up. None is no limit.
    """

    before: str
    after: str
    unit_ms: int
    most: int | None = None

    def write(self, ms: int) -> str:
        """The pause for a silence, which must be a multiple of `unit_ms`."""
        return f"{self.before}{ms // self.unit_ms}{self.after}"

    @property
    def pattern(self) -> str:
        """What such a pause looks like, for `re`."""
        before, after = re.escape(self.before), re.escape(self.after)
        alone = f"(?<!{after})" if self.most else ""
        return f"{alone}{before}[1-9][0-9]{{0,8}}{after}"


@attrs.frozen(init=False, eq=False, repr=False)  # a Dialect has these, and making them twice takes time
class Codec:
    """How keys and silence are written in a string. Encoding and decoding read the same table.

    `pauses` pairs each pause character with its milliseconds; of characters with the same length, the first
    is written. Every length must be a multiple of the shortest. A dialect has `pauses`, or a `counted` pause,
    or neither: then all silence is spent between its strings. `limit` is the greatest length of a string, in
    characters, or None where none is documented. `waits` are characters that wait for an event: each with the
    cue of it, and the milliseconds of a run that cannot hear it. With `number`, a string begins with the
    number to call.

    `spelt` pairs a key with the characters for it, of which the first is written; any other key is itself.
    Characters of `eye` are skipped when a string is read. After `tone_mark`, a string may end with the
    length of its tones, in milliseconds.
    """

    name: str
    keys: str
    pauses: tuple[tuple[str, int], ...]
    limit: int | None
    waits: tuple[tuple[str, str, int], ...] = ()
    number: bool = False
    counted: Counted | None = None
    spelt: tuple[tuple[str, str], ...] = ()
    eye: str = ""
    tone_mark: str = ""

    @property
    def step_ms(self) -> int:
        """The silence of which all others are multiples, in milliseconds; 1 if none can be written."""
        if self.counted:
            return self.counted.unit_ms
        return min([ms for _, ms in self.pauses], default=1)

    @property
    def longest_ms(self) -> int | None:
        """The longest silence that a string can hold, in milliseconds; None if there is no limit."""
        if self.counted and self.counted.most:
            return self.counted.unit_ms * self.counted.most
        return None if self.pauses or self.counted else 0

    @property
    def characters(self) -> str:
        """Every single character that means something in a string."""
        return "".join(self._readings()) + self.silences

    @property
    def silences(self) -> str:
        """The characters that press nothing: pauses, and waits for an event."""
        pauses = [character for character, _ in self.pauses]
        return "".join([*pauses, *(character for character, _, _ in self.waits)])

    def _readings(self) -> dict[str, str]:
        """The key of each character that means one."""
        spelt = dict(self.spelt)
        return {character: key for key in self.keys for character in spelt.get(key, key)}

    def written(self, ms: int) -> int:
        """The silence for which `ms` is written: rounded up to the step, if a string can hold it at all."""
        longest, rounded = self.longest_ms, ms + -ms % self.step_ms
        return rounded if longest is None or rounded <= longest else ms

    def holds(self, ms: int) -> bool:
        """Whether a string can hold a silence of so many milliseconds, rounded up."""
        return self.longest_ms is None or self.written(ms) <= self.longest_ms

    @property
    def spelling(self) -> dict[int, str]:
        """The keys that are not written as themselves, for `str.translate`."""
        return {ord(key): each[0] for key, each in self.spelt if each[0] != key}

    def spell(self, keys: str) -> str:
        """Keys in the characters of this dialect."""
        return keys.translate(self.spelling)

    def is_number_before(self, rest: str) -> bool:
        """Whether an unknown value that begins a string, with `rest` after it, is the number to call."""
        return self.number and rest != "" and rest[0] in self.silences

    def write_pause(self, ms: int) -> str:
        """The fewest characters for a silence, long pauses first.

        `ms` must be a multiple of `step_ms`, and at most `longest_ms`.
        """
        if self.counted:
            return self.counted.write(ms) if ms else ""
        text = ""
        characters = {length: character for character, length in reversed(self.pauses)}  # the first of equals
        for length in sorted(characters, reverse=True):
            count, ms = divmod(ms, length)
            text += characters[length] * count
        return text

    def encode(
        self, program: Program, rounding: Rounding = "up", waits: Waits = "beside"
    ) -> tuple[list[Code], list[Diagnostic]]:
        """The codes of a program, and warnings about what had to be changed.

        A silence that is not a multiple of `step_ms` is lengthened with a warning; with `rounding="error"`
        it is an error. A silence that no string can hold is a code without text; with `waits="error"` it is
        an error. Raises DtmfError for such errors, for keys that the dialect lacks, and for a program that is
        too large.
        """
        check_size(program)
        writer = _Writer(self, rounding, waits)
        writer.write(program.events)
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
        elif self.eye:
            places = [at for at, character in enumerate(text) if character not in self.eye]
            dialled = Dialled(None, "".join(text[at] for at in places), [*places, len(text)])
        if wrong := self._wrong(dialled, span):
            raise DtmfError(wrong)
        waits = {character: (ms, cue) for character, cue, ms in self.waits}
        keys = {ord(character): key for character, key in self._readings().items() if character != key}
        events: list[Event] = []
        for run in self._reader().finditer(dialled.rest):
            start = span.start + dialled.places[run.start()]
            end = span.start + dialled.places[run.end() - 1] + 1
            match run.lastgroup:
                case "keys":
                    events.append(Tones(run[0].translate(keys), source=span.source, start=start, end=end))
                case "wait":
                    events.append(Pause(*waits[run[0]], source=span.source, start=start, end=end))
                case "silence":
                    ms = sum([each or 0 for each in self.silences_of(run[0])])
                    events.append(Pause(ms, source=span.source, start=start, end=end))
        return Program(_fold(events), dialled.number)

    def reading(self, characters: Collection[str]) -> tuple[object, ...]:
        """How it reads these characters.

        If that is the same in two dialects, a string of these characters means the same in both, if it is not
        longer than their limits.
        """
        meanings: dict[str, object] = {character: (ms, cue) for character, cue, ms in self.waits}
        meanings |= {**dict(self.pauses), **self._readings()}
        counted = self.counted and self.counted.before in characters and self.counted
        mark = self.tone_mark in characters and self.tone_mark
        return (*map(meanings.get, characters), counted, mark, self.eye, self.number)

    def left_out(self, text: str, span: Span | None = None) -> list[Diagnostic]:
        """A warning for what a string that `decode` has read says, and no program can: how long tones are."""
        found = re.search(self._tone, text)
        if not found:
            return []
        if span is not None:
            start = span.start + found.start()
            span = Span(span.source, min(start, span.end), min(start + len(found[0]), span.end))
        message = f"`{found[0]}` sets the length of the tones, which is not part of a script"
        help = "put it back at the end of the string that you send, if the line needs it"
        return [Diagnostic("tone-length", message, span, help=help, severity="warning")]

    def silences_of(self, text: str) -> list[int | None]:
        """For each character of a string, the silence that ends with it, in milliseconds; None for a key."""
        lengths: dict[str, int | None] = {character: ms for character, _, ms in self.waits}
        lengths.update(self.pauses)
        if not self.counted and not self.tone_mark:
            return [lengths.get(character) for character in text]
        found: list[int | None] = []
        counted = self.counted.pattern if self.counted else r"(?!)"
        for part in re.finditer(f"({counted})|({self._tone})|.", text, re.DOTALL):
            if self.counted and part[1]:
                count = int(part[0][len(self.counted.before) : -len(self.counted.after)])
                found += [0] * (len(part[0]) - 1) + [count * self.counted.unit_ms]
            else:
                found += [0] * len(part[0]) if part[2] else [lengths.get(part[0])]
        return found

    @property
    def _tone(self) -> str:
        return f"{re.escape(self.tone_mark)}[0-9]{{1,5}}\\Z" if self.tone_mark else "(?!)"

    def _reader(self) -> re.Pattern[str]:
        """Matches the next part of a string, in a group that has the name of its kind."""
        keys = _any("".join(self._readings()))
        pause = _any("".join([character for character, _ in self.pauses]))
        counted = f"|{self.counted.pattern}" if self.counted else ""
        parts = {
            "keys": f"{keys}{{1,{limits.GROUP_KEYS}}}",
            "wait": _any("".join([character for character, _, _ in self.waits])),
            "silence": f"(?:{pause}{counted})+",
            "tone": self._tone,
        }
        named = "|".join([f"(?P<{name}>{part})" for name, part in parts.items()])
        before, after = (self.counted.before, self.counted.after) if self.counted else ("", "")
        unknown = f"[^{re.escape(self.characters + before[:1] + self.tone_mark)}]+|."
        if self.counted:  # a number that no pause can have is wrong as a whole
            unknown = f"{re.escape(before)}[0-9]+{re.escape(after)}|{unknown}"
        return re.compile(f"{named}|(?P<wrong>{unknown})", re.DOTALL)

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
            if self.limit == 1:
                help = "give each key as a string of its own"
            wrong.append(Diagnostic("string-too-long", message, at(self.limit, len(text)), help=help))
        longest = self.longest_ms
        counted = f" {self.counted.write(self.counted.unit_ms)}" if self.counted else ""
        if self.counted and longest:
            counted += f" to {self.counted.write(longest)}"
        for run in self._reader().finditer(text):
            if len(wrong) > limits.DIAGNOSTICS:
                break
            allowed = run.lastgroup != "wrong"
            if longest and run.lastgroup == "silence":
                allowed = (self.silences_of(run[0])[-1] or 0) <= longest
            if allowed:
                continue
            meant = LOOKALIKES.get(run[0])
            takes = f"it takes {' '.join(self.characters)}{counted}"
            help = f"write `{meant}`" if meant and meant in self._readings() else takes
            shown = run[0] if len(run[0]) <= 40 else run[0][:40] + "…"
            message = f"`{shown}` means nothing in {self.name}"
            wrong.append(Diagnostic("not-in-dialect", message, at(*run.span()), help=help))
        return wrong


def _any(characters: str) -> str:
    """A pattern for one of these characters, which may be none."""
    return f"[{re.escape(characters)}]" if characters else "(?!)"


def _several(span: Span) -> bool:
    """Whether a pause was written as more than one `wait`."""
    text = span.source.text[span.start : min(span.end, span.start + _SEEN)]
    return len(re.findall(r"\b[Ww]ait\b", text)) > 1


class _Writer:
    """Makes codes of events, one after the other. Neighbouring silences are written as one."""

    def __init__(self, dialect: Codec, rounding: Rounding, waits: Waits):
        self.dialect = dialect
        self.rounding = rounding
        self.beside = waits == "beside"
        self.codes: list[Code] = []
        self.diagnostics: list[Diagnostic] = []
        self.silences: list[Pause] = []
        self.spellings: dict[int, Code] = {}
        self.keys = frozenset(dialect.keys)
        self.step = dialect.step_ms
        self.limit = dialect.limit
        self.spelling = dialect.spelling
        # Of characters with the same cue, the first is written.
        self.waits: dict[str | None, Code] = {cue: Code(c, ms) for c, cue, ms in reversed(dialect.waits)}

    def write(self, events: Sequence[Event]) -> None:
        """Adds the codes of all events. A silence is written when its last event is known."""
        codes, silences, limit, spelling = self.codes, self.silences, self.limit, self.spelling
        has_keys = self.keys.issuperset
        for event in events:
            if isinstance(event, Pause):
                if event.cue is not None and event.cue in self.waits:
                    self.end_silence()
                    codes.append(self.waits[event.cue])
                else:
                    silences.append(event)
                continue
            if silences:
                self.end_silence()
            keys = event.keys
            if not has_keys(keys):
                self.missing(event)
            if event.every_ms:
                self.paced(event)
                continue
            whole = limit is None or len(keys) <= limit
            if not whole:
                self.too_long(event, len(keys))
            shown = event.shown if event.secrets else None
            if spelling:
                keys, shown = keys.translate(spelling), shown and shown.translate(spelling)
            codes.append(Code(keys, 0, whole, shown))
        self.end_silence()

    def end_silence(self) -> None:
        """Writes the silence of the pauses since the last keys, if there is one."""
        if not self.silences:
            return
        silence, *others = self.silences
        if others:
            silence = attrs.evolve(silence, ms=sum(pause.ms for pause in self.silences))
        if silence.ms:
            self.codes.append(self.spellings.get(silence.ms) or self.pause(silence))
        self.silences.clear()

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
        pause = self.spellings.get(event.every_ms) or self.pause(event)
        keys, all_shown = event.keys, event.shown if event.secrets else event.keys
        if self.spelling:
            keys, all_shown = keys.translate(self.spelling), all_shown.translate(self.spelling)
        text = pause.text.join(keys)
        if pause.text and (self.limit is None or len(text) <= self.limit):
            self.codes.append(Code(text, 0, True, pause.text.join(all_shown) if event.secrets else None))
            return
        if pause.text:
            self.too_long(event, len(text))
        for index, (key, shown) in enumerate(zip(keys, all_shown, strict=True)):
            if index:
                self.codes.append(pause)
            self.codes.append(Code(key, 0, True, shown if event.secrets else None))

    def pause(self, event: Event) -> Code:
        """The code for a pause, or for the silence between two keys, rounded up to the dialect's step.

        `spellings` has the codes of silences that were written before and need no diagnostic.
        """
        word, ms = ("wait", event.ms) if isinstance(event, Pause) else ("every", event.every_ms)
        if isinstance(event, Pause) and event.paced:
            word = "pace"
        if not self.dialect.holds(ms):
            return self.beside_strings(event, word, ms)
        if missing := -ms % self.step:
            span, name, after = event.span, self.dialect.name, write_duration(ms + missing)
            parts = self.silences if isinstance(event, Pause) else []
            before = " and ".join(write_duration(each.ms) for each in parts) or write_duration(ms)
            if len(parts) == 1 and word == "wait" and span and _several(span):
                word, before = "waits", f"of {before} in all"
            help = f"its pauses are multiples of {write_duration(self.step)}"
            if self.rounding == "error":
                message = f"{name} has no pause of {before}"
                help += f": write {after}, or allow rounding up"
                found = Diagnostic("unwritable-pause", message, span, help=help)
            else:
                message = f"{word} {before} became {after} in {name}"
                found = Diagnostic("rounded-pause", message, span, help=help, severity="warning")
            self.diagnostics.append(found)
            ms += missing
        code = self.spellings.get(ms)
        if code is None:
            whole = self.dialect.counted is not None
            code = self.spellings[ms] = Code(self.dialect.write_pause(ms), ms, whole)
        return code

    def beside_strings(self, event: Event, word: str, ms: int) -> Code:
        """The code for a silence that no string can hold: a cut, and a wait of whoever sends the strings."""
        if self.beside:
            self.spellings[ms] = Code("", ms)
        else:
            name, length = self.dialect.name, write_duration(ms)
            has = "has no pauses" if self.dialect.longest_ms == 0 else f"has no pause of {length}"
            message = f"{name} {has}: its strings cannot hold `{word} {length}`"
            help = "`--waits` shows each wait beside the strings; `send` waits by itself"
            self.diagnostics.append(Diagnostic("unwritable-pause", message, event.span, help=help))
        return Code("", ms)

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
        """Reports a group that must be cut, because it takes `length` characters.

        Where a string is a single key, every group is cut, and a warning at each would tell nothing.
        """
        if self.limit == 1:
            return
        message = f"this group takes {length} characters and is cut: {self.dialect.name} takes {self.limit}"
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

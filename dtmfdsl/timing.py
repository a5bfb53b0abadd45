"""When each key sounds and when all is over: the only file that computes such times.

A key is a tone and the gap after it. All keys of a call have the same lengths, which may be unknown: where
nothing is documented, a range is assumed. A pause adds to the gap of the key before it, or replaces it; where
that is unknown, the earliest time is without the gap and the latest with it.

So every time is a sum of lengths, none of them negative, and its bounds are the sums of their bounds. For two
times of one string, the bounds of what lies between them are the differences of both bounds (`Bounds.since`).
Between two strings stands a request, and the sender waits until the first has certainly ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

import attrs

from dtmfdsl.dialects import Dialect
from dtmfdsl.dialects.chunks import Chunk
from dtmfdsl.dialects.numbers import read_dialled
from dtmfdsl.program import Event, Pause, Program, Tones

ASSUMED_TONE_MS = (50, 200)
ASSUMED_GAP_MS = (43, 400)
"""The least and greatest tone and gap, in milliseconds, where nothing is documented.

A receiver needs 93 ms to tell two keys apart (RFC 2833). 200 and 400 ms are the defaults of Bandwidth's later
API, the longest of any carrier.
"""

ASSUMED_REQUEST_MS = 1000
"""The longest assumed time from a request to its answer, in milliseconds. The string begins in between."""

USUAL_MS = 100
"""A tone and a gap, in milliseconds, where one of many lengths must be chosen: ARI's and WebRTC's tone."""

Waiting: TypeAlias = Literal["carrier", "sender", "listener"]
"""Who waits: the carrier, by its string; the sender, between two; or somebody who may hear a cue sooner."""


@attrs.frozen
class Bounds:
    """A time or a length that is known to lie between two bounds, in milliseconds, both included."""

    earliest_ms: int
    latest_ms: int

    def __add__(self, other: Bounds) -> Bounds:
        return Bounds(self.earliest_ms + other.earliest_ms, self.latest_ms + other.latest_ms)

    def since(self, earlier: Bounds) -> Bounds:
        """What lies between two times of one string, of which `earlier` is the first."""
        return Bounds(self.earliest_ms - earlier.earliest_ms, self.latest_ms - earlier.latest_ms)

    def as_list(self) -> list[int]:
        """Both bounds, for JSON."""
        return [self.earliest_ms, self.latest_ms]


def tone_of(dialect: Dialect) -> Bounds:
    """How long a tone is."""
    return Bounds(*(dialect.tone_ms or ASSUMED_TONE_MS))


def key_time(dialect: Dialect) -> Bounds:
    """How long one key takes: its tone, and the gap after it."""
    return tone_of(dialect) + Bounds(*(dialect.gap_ms or ASSUMED_GAP_MS))


def key_time_before_pause(dialect: Dialect) -> Bounds:
    """How long a key takes that a pause follows, which may replace the gap.

    Of a tone that is assumed too, no less is assumed than of any other key.
    """
    whole, tone = key_time(dialect), tone_of(dialect)
    if dialect.pause_adds is None:
        return Bounds(tone.earliest_ms if dialect.tone_ms else whole.earliest_ms, whole.latest_ms)
    return whole if dialect.pause_adds else tone


def with_lengths(dialect: Dialect, tone_ms: int | None = None, gap_ms: int | None = None) -> Dialect:
    """The same dialect with a tone and a gap of these lengths, where they are given."""
    if tone_ms is not None:
        dialect = attrs.evolve(dialect, tone_ms=(tone_ms, tone_ms))
    return dialect if gap_ms is None else attrs.evolve(dialect, gap_ms=(gap_ms, gap_ms))


def settled(dialect: Dialect, tone_ms: int | None = None, gap_ms: int | None = None) -> Dialect:
    """The same dialect with one length for tones and one for gaps, and a known rule for pauses.

    Each is the given one, or the least that is documented, or usual. A pause adds unless it is known to
    replace the gap.
    """
    tone = dialect.tone_ms[0] if dialect.tone_ms else USUAL_MS
    gap = dialect.gap_ms[0] if dialect.gap_ms else USUAL_MS
    chosen = with_lengths(dialect, tone if tone_ms is None else tone_ms, gap if gap_ms is None else gap_ms)
    return attrs.evolve(chosen, pause_adds=dialect.pause_adds is not False)


def starts(text: str, dialect: Dialect) -> tuple[Bounds, ...]:
    """When each character of a string begins to play, and as the last item, when the string has ended."""
    key, before_pause = key_time(dialect), key_time_before_pause(dialect)
    low = high = dialect.lead_ms
    free_low = free_high = 0
    waits = {character: Bounds(0, ms) for character, _, ms in dialect.waits}
    times: list[Bounds] = []
    silences = dialect.silences_of(text)
    for character, silence, after in zip(text, silences, [*silences[1:], None], strict=True):
        if silence is None:
            # Where keys have a least cadence, one that is due sooner waits for its turn.
            low, high = max(low, free_low), max(high, free_high)
            free_low, free_high = low + dialect.cadence_ms, high + dialect.cadence_ms
        times.append(Bounds(low, high))
        if silence is None:
            length = key if after is None else before_pause
            low, high = low + length.earliest_ms, high + length.latest_ms
        elif character in waits:
            high += silence
        else:
            low, high = low + silence, high + silence
    return (*times, Bounds(low, high))


def playing_time(text: str, dialect: Dialect) -> Bounds:
    """How long a string takes from when it begins to play to the end of its last gap or pause."""
    return starts(text, dialect)[-1]


def timed(chunks: Sequence[Chunk], dialect: Dialect, last_wait_ms: int = 0) -> tuple[Chunk, ...]:
    """The chunks, each with how long it plays and how long after its beginning the next may go."""
    found = []
    for index, chunk in enumerate(chunks):
        playing = playing_time(chunk.text[_dialled(chunk.text, dialect) :], dialect)
        wait_ms = chunks[index + 1].wait_ms if index + 1 < len(chunks) else last_wait_ms
        times = (playing.earliest_ms, playing.latest_ms), playing.latest_ms + wait_ms
        found.append(Chunk(chunk.text, chunk.shown, chunk.wait_ms, *times))
    return tuple(found)


def _dialled(text: str, dialect: Dialect) -> int:
    """The characters at the beginning of a string that are the number to call, and no keys of the call."""
    if not dialect.number:
        return 0
    dialled = read_dialled(text)
    return 0 if dialled.number is None else dialled.places[0]


@attrs.frozen
class TimedKey:
    """One key: `start` and `end` are those of its tone; `chunk` is the index of its string.

    `event` is the group that it belongs to, in which it is the key of `index`. `repr` shows a secret masked.
    """

    shown: str
    start: Bounds
    end: Bounds
    chunk: int
    event: Tones = attrs.field(repr=False)
    index: int = attrs.field(repr=False)

    @property
    def key(self) -> str:
        """The key itself, of a secret too."""
        return self.event.keys[self.index]

    @property
    def label(self) -> str | None:
        return self.event.label

    @property
    def line(self) -> int | None:
        """The line of its statement, from 1; None if the program was built without a script."""
        return _line(self.event)


@attrs.frozen
class TimedPause:
    """One silence that the script asks for, or the part of it that stands on one side of a cut.

    `length` has its bounds: a `listener` may end it. `chunk` is the index of the string that holds it, or
    None if the sender waits. `event` is the wait that asks for it, or the group whose `every` does.
    """

    start: Bounds
    end: Bounds
    length: Bounds
    waiting: Waiting
    chunk: int | None
    event: Event = attrs.field(repr=False)

    @property
    def cue(self) -> str | None:
        return self.event.cue if isinstance(self.event, Pause) else None

    @property
    def line(self) -> int | None:
        """The line of its statement, from 1; None if the program was built without a script."""
        return _line(self.event)


@attrs.frozen
class TimedChunk:
    """One string: when it is sent, when it begins to play, and how long it plays."""

    shown: str
    send: Bounds
    start: Bounds
    playing: Bounds


def _line(event: Event) -> int | None:
    return event.span.position[0] if event.span else None


@attrs.frozen
class Timeline:
    """When each key and pause of a program begins and ends in a dialect, and when all is over.

    Times count from when the first string begins to play, or from the wait of the sender before it.
    """

    dialect: Dialect
    keys: tuple[TimedKey, ...]
    pauses: tuple[TimedPause, ...]
    chunks: tuple[TimedChunk, ...]
    ends: Bounds

    def between(self, earlier: TimedKey, later: TimedKey) -> Bounds:
        """How long after the start of one key another begins."""
        apart = later.start.since(earlier.start)
        if earlier.chunk == later.chunk:
            return apart
        # The sender waits until the first string has certainly ended: a key that was late in it is not later
        # than the next string because of that.
        begun = self.chunks[earlier.chunk].start
        into = earlier.start.since(begun)
        after = later.start.since(begun)
        return Bounds(after.earliest_ms - into.latest_ms, after.latest_ms - into.earliest_ms)

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values, for JSON. No secret key is in it."""
        return {
            "keys": [
                {
                    "shown": key.shown,
                    "start_ms": key.start.as_list(),
                    "end_ms": key.end.as_list(),
                    "line": key.line,
                    "label": key.label,
                    "chunk": key.chunk,
                }
                for key in self.keys
            ],
            "pauses": [
                {
                    "length_ms": pause.length.as_list(),
                    "start_ms": pause.start.as_list(),
                    "end_ms": pause.end.as_list(),
                    "line": pause.line,
                    "cue": pause.cue,
                    "waits": pause.waiting,
                    "chunk": pause.chunk,
                }
                for pause in self.pauses
            ],
            "chunks": [
                {
                    "shown": chunk.shown,
                    "send_ms": chunk.send.as_list(),
                    "plays_ms": chunk.playing.as_list(),
                }
                for chunk in self.chunks
            ],
            "ends_ms": self.ends.as_list(),
        }


Sent: TypeAlias = tuple[str, str, Sequence[Pause]]
"""A string that is sent, the same as it may be shown, and the sender's pauses before it."""


def timeline(
    program: Program,
    dialect: Dialect,
    strings: Iterable[Sent],
    last: Sequence[Pause] = (),
    *,
    interval_ms: int = 0,
    request_ms: int = ASSUMED_REQUEST_MS,
) -> Timeline:
    """The times of a program that is sent as these strings; `last` are the sender's pauses after them.

    The sender ends a pause with a cue when the cue is heard. Requests are at least `interval_ms` milliseconds
    apart, and one takes at most `request_ms`; 0 is for a line that is given key by key.
    """
    return _Walk(program, dialect, interval_ms, request_ms).walk(strings, last)


class _Piece(NamedTuple):
    """A silence of the strings or of the sender, not yet told which event asks for it."""

    start: Bounds
    length: Bounds
    waiting: Waiting
    chunk: int | None


class _Walk:
    """Goes along the strings and the program together."""

    def __init__(self, program: Program, dialect: Dialect, interval_ms: int, request_ms: int):
        self.program = program
        self.dialect = dialect
        self.interval_ms = interval_ms
        self.request_ms = request_ms
        self.tone = tone_of(dialect)
        self.waits = {character for character, _, _ in dialect.waits}
        self.keys: list[TimedKey] = []
        self.pauses: list[TimedPause] = []
        self.chunks: list[TimedChunk] = []
        self.pieces: list[_Piece] = []

    def walk(self, strings: Iterable[Sent], last: Sequence[Pause]) -> Timeline:
        asked = self.asked()
        over = Bounds(0, 0)
        for index, (text, shown, pauses) in enumerate(strings):
            begins = self.sent(pauses)
            text = text[_dialled(text, self.dialect) :]
            times = starts(text, self.dialect)
            self.chunks.append(TimedChunk(shown, *begins, times[-1]))
            over = begins[1] + times[-1]
            self.play(index, text, times, begins[1], asked)
        if last:
            over = self.sent(last)[0]
        if self.pieces:
            self.attribute(next(asked)[1] or [(0, Pause(0))])
        return Timeline(self.dialect, tuple(self.keys), tuple(self.pauses), tuple(self.chunks), over)

    def asked(self) -> Iterator[tuple[tuple[Tones, str, int] | None, list[tuple[int, Event]]]]:
        """Each key of the program, with the silences before it; and last, no key, with those after it."""
        silences: list[tuple[int, Event]] = []
        for event in self.program.events:
            if isinstance(event, Pause):
                silences.append((event.ms, event))
                continue
            for index, shown in enumerate(event.shown):
                if index and event.every_ms:
                    silences.append((event.every_ms, event))
                yield (event, shown, index), silences
                silences = []
        yield None, silences

    def sent(self, pauses: Sequence[Pause]) -> tuple[Bounds, Bounds]:
        """When the next string goes and when it begins to play, after these pauses of the sender."""
        waits = [Bounds(0 if pause.cue else pause.ms, pause.ms) for pause in pauses]
        wait = sum(waits, Bounds(0, 0))
        request = self.request_ms
        if not self.chunks:
            begun = go = wait
            played = Bounds(0, 0)
            late = request if pauses else 0
        else:
            # The sender knows when it asked and when it was answered; the string before began in between. It
            # ends a pause as if that was early, and sends the next string as if that was late.
            before = self.chunks[-1]
            begun, played = before.start, Bounds(before.playing.latest_ms, before.playing.latest_ms)
            least = max(before.playing.latest_ms, self.interval_ms, self.cadence())
            go = begun + Bounds(
                max(played.earliest_ms + wait.earliest_ms - request, least),
                max(played.latest_ms + wait.latest_ms, least + request),
            )
            played = begun + Bounds(max(played.earliest_ms - request, 0), played.latest_ms)
            late = request
        for pause, length in zip(pauses, waits, strict=True):
            waiting: Waiting = "listener" if pause.cue else "sender"
            if pause.ms:
                self.pieces.append(_Piece(played, length, waiting, None))
            played += length
        return go, go + Bounds(0, late)

    def cadence(self) -> int:
        """How long after the string before began the next key may begin, by the least cadence of the line."""
        key = self.keys[-1] if self.keys and self.keys[-1].chunk == len(self.chunks) - 1 else None
        if not self.dialect.cadence_ms or key is None:
            return 0
        return key.start.since(self.chunks[-1].start).latest_ms + self.dialect.cadence_ms

    def play(
        self,
        chunk: int,
        text: str,
        times: Sequence[Bounds],
        begins: Bounds,
        asked: Iterator[tuple[tuple[Tones, str, int] | None, list[tuple[int, Event]]]],
    ) -> None:
        """Adds the keys of a string, and the pauses before each."""
        silences = self.dialect.silences_of(text)
        early, late = begins.earliest_ms, begins.latest_ms
        tone_early, tone_late = self.tone.earliest_ms, self.tone.latest_ms
        for at, silence in enumerate(silences):
            time = times[at]
            low, high = early + time.earliest_ms, late + time.latest_ms
            if silence is not None:
                if silence:
                    waiting: Waiting = "listener" if text[at] in self.waits else "carrier"
                    length = Bounds(0 if waiting == "listener" else silence, silence)
                    self.pieces.append(_Piece(Bounds(low, high), length, waiting, chunk))
                continue
            key, before = next(asked)
            if key is None:
                raise ValueError("the strings press more keys than the program")
            if self.pieces:
                self.attribute(before or [(0, key[0])])
            end = Bounds(low + tone_early, high + tone_late)
            self.keys.append(TimedKey(key[1], Bounds(low, high), end, chunk, key[0], key[2]))

    def attribute(self, asked: list[tuple[int, Event]]) -> None:
        """Finds the event that asks for each silence since the last key; the last one asks for the rest."""
        rest = iter(asked)
        left, event = next(rest)
        more = next(rest, None)
        for piece in self.joined():
            start, length, heard = piece.start, piece.length, piece.waiting == "listener"
            while length.latest_ms:
                cut = more and not heard and left < length.latest_ms
                part = Bounds(left, left) if cut else length
                self.pauses.append(TimedPause(start, start + part, part, piece.waiting, piece.chunk, event))
                start, length, left = start + part, length.since(part), left - part.latest_ms
                if more and (heard or left <= 0):
                    (left, event), more = more, next(rest, None)
        self.pieces.clear()

    def joined(self) -> Iterator[_Piece]:
        """The silences, neighbours of one string as one."""
        last: _Piece | None = None
        for piece in self.pieces:
            if last and piece.waiting == last.waiting == "carrier" and piece.chunk == last.chunk:
                last = last._replace(length=last.length + piece.length)
                continue
            if last:
                yield last
            last = piece
        if last:
            yield last

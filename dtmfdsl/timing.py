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
from functools import cached_property
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
    replace the gap. What waits for an event waits as long as it can.
    """
    tone = dialect.tone_ms[0] if dialect.tone_ms else USUAL_MS
    gap = dialect.gap_ms[0] if dialect.gap_ms else USUAL_MS
    chosen = with_lengths(dialect, tone if tone_ms is None else tone_ms, gap if gap_ms is None else gap_ms)
    waits = [(character, ms) for character, _, ms in dialect.waits]
    return attrs.evolve(
        chosen, pause_adds=dialect.pause_adds is not False, pauses=(*dialect.pauses, *waits), waits=()
    )


def starts(text: str, dialect: Dialect) -> tuple[Bounds, ...]:
    """When each character of a string begins to play, and as the last item, when the string has ended."""
    return tuple([Bounds(low, high) for low, high in _starts(text, dialect, dialect.silences_of(text))])


def playing_time(text: str, dialect: Dialect) -> Bounds:
    """How long a string takes from when it begins to play to the end of its last gap or pause."""
    return Bounds(*_starts(text, dialect, dialect.silences_of(text))[-1])


def _starts(text: str, dialect: Dialect, silences: Sequence[int | None]) -> list[tuple[int, int]]:
    """What `starts` returns, as plain pairs."""
    key, before_pause = key_time(dialect), key_time_before_pause(dialect)
    key_low, key_high = key.earliest_ms, key.latest_ms
    pause_low, pause_high = before_pause.earliest_ms, before_pause.latest_ms
    cadence, waits = dialect.cadence_ms, {character for character, _, _ in dialect.waits}
    low = high = dialect.lead_ms
    free_low = free_high = 0
    times = []
    for character, silence, after in zip(text, silences, [*silences[1:], None], strict=True):
        if silence is not None:
            times.append((low, high))
            low, high = low if character in waits else low + silence, high + silence
            continue
        if cadence:  # a key that is due sooner waits for its turn
            low, high = max(low, free_low), max(high, free_high)
            free_low, free_high = low + cadence, high + cadence
        times.append((low, high))
        if after is None:
            low, high = low + key_low, high + key_high
        else:
            low, high = low + pause_low, high + pause_high
    times.append((low, high))
    return times


def timed(chunks: Sequence[Chunk], dialect: Dialect, last_wait_ms: int = 0) -> tuple[Chunk, ...]:
    """The chunks, each with how long it plays and how long after its beginning the next may go."""
    found = []
    for index, chunk in enumerate(chunks):
        playing = playing_time(chunk.text[dialled(chunk.text, dialect) :], dialect)
        wait_ms = chunks[index + 1].wait_ms if index + 1 < len(chunks) else last_wait_ms
        times = (playing.earliest_ms, playing.latest_ms), playing.latest_ms + wait_ms
        found.append(Chunk(chunk.text, chunk.shown, chunk.wait_ms, *times))
    return tuple(found)


def dialled(text: str, dialect: Dialect) -> int:
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


Item: TypeAlias = TimedKey | TimedPause | TimedChunk


def _line(event: Event) -> int | None:
    return event.span.position[0] if event.span else None


@attrs.frozen
class Timeline:
    """When each key and pause of a program begins and ends in a dialect, and when all is over.

    `items` are its keys, pauses and strings in order; a string stands where it begins. Times count from when
    the first string begins to play, or from the wait of the sender before it.
    """

    dialect: Dialect
    items: tuple[Item, ...]
    ends: Bounds

    @cached_property
    def keys(self) -> tuple[TimedKey, ...]:
        return tuple([item for item in self.items if isinstance(item, TimedKey)])

    @cached_property
    def pauses(self) -> tuple[TimedPause, ...]:
        return tuple([item for item in self.items if isinstance(item, TimedPause)])

    @cached_property
    def chunks(self) -> tuple[TimedChunk, ...]:
        return tuple([item for item in self.items if isinstance(item, TimedChunk)])

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
    apart, and one takes at most `request_ms`, but none of a dialect that is local.
    """
    return _Walk(program, dialect, interval_ms, request_ms).walk(strings, last)


class _Piece(NamedTuple):
    """A silence of the strings or of the sender, not yet told which event asks for it."""

    start: Bounds
    length: Bounds
    waiting: Waiting
    chunk: int | None


_Asked: TypeAlias = tuple[tuple[Tones, str, int] | None, list[tuple[int, Event]]]
"""A key of the program, as its group, what may be shown, and its index; and the silences before it."""


class _Walk:
    """Goes along the strings and the program together."""

    def __init__(self, program: Program, dialect: Dialect, interval_ms: int, request_ms: int):
        self.program = program
        self.dialect = dialect
        self.interval_ms = interval_ms
        self.request_ms = 0 if dialect.local else request_ms
        self.tone = tone_of(dialect)
        self.waits = {character for character, _, _ in dialect.waits}
        self.items: list[Item] = []
        self.pieces: list[_Piece | TimedChunk] = []
        self.before: TimedChunk | None = None
        self.last_key = 0

    def walk(self, strings: Iterable[Sent], last: Sequence[Pause]) -> Timeline:
        asked = self.asked()
        over = Bounds(0, 0)
        for index, (text, shown, pauses) in enumerate(strings):
            text = text[dialled(text, self.dialect) :]
            silences = self.dialect.silences_of(text)
            times = _starts(text, self.dialect, silences)
            chunk = TimedChunk(shown, *self.sent(pauses), Bounds(*times[-1]))
            self.pieces.append(chunk)
            self.play(index, text, silences, times, chunk.start, asked)
            self.before = chunk
            over = chunk.start + chunk.playing
        if last:
            over, _ = self.sent(last)
        if self.pieces:
            self.attribute(next(asked)[1])
        return Timeline(self.dialect, tuple(self.items), over)

    def asked(self) -> Iterator[_Asked]:
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
        request, before = self.request_ms, self.before
        if before is None:
            goes, begins, played = wait, wait + Bounds(0, request if pauses else 0), Bounds(0, 0)
        else:
            # The sender knows when it asked and when it was answered; the string before began in between. It
            # counts a pause as if that was early, and is sure of its end as if that was late.
            plays = before.playing.latest_ms
            least = max(plays, self.interval_ms, self.last_key + self.dialect.cadence_ms)
            goes = before.start + Bounds(
                max(plays + wait.earliest_ms - request, least), max(plays + wait.latest_ms, least + request)
            )
            begins = goes + Bounds(0, request)
            played = before.start + Bounds(max(plays - request, 0), plays)
        for pause, length in zip(pauses, waits, strict=True):
            if pause.ms:
                waiting: Waiting = "listener" if pause.cue else "sender"
                self.pieces.append(_Piece(played, length, waiting, None))
            played += length
        return goes, begins

    def play(
        self,
        chunk: int,
        text: str,
        silences: Sequence[int | None],
        times: Sequence[tuple[int, int]],
        begins: Bounds,
        asked: Iterator[_Asked],
    ) -> None:
        """Adds the keys of a string, and the pauses before each."""
        early, late = begins.earliest_ms, begins.latest_ms
        tone_early, tone_late = self.tone.earliest_ms, self.tone.latest_ms
        for character, silence, (low, high) in zip(text, silences, times, strict=False):
            start = Bounds(early + low, late + high)
            if silence is None:
                key, before = next(asked)
                if key is None:
                    raise ValueError("the strings press more keys than the program")
                event, shown, index = key
                if self.pieces:
                    self.attribute(before or [(0, event)])
                end = Bounds(early + low + tone_early, late + high + tone_late)
                self.items.append(TimedKey(shown, start, end, chunk, event, index))
                self.last_key = high
            elif silence:
                heard = character in self.waits
                length = Bounds(0 if heard else silence, silence)
                self.pieces.append(_Piece(start, length, "listener" if heard else "carrier", chunk))

    def attribute(self, asked: list[tuple[int, Event]]) -> None:
        """Finds the event that asks for each silence since the last key; the last one asks for the rest."""
        rest = iter(asked or [(0, Pause(0))])
        left, event = next(rest)
        more = next(rest, None)
        for piece in self.joined():
            if isinstance(piece, TimedChunk):
                self.items.append(piece)
                continue
            start, length, heard = piece.start, piece.length, piece.waiting == "listener"
            while length.latest_ms:
                cut = more and not heard and left < length.latest_ms
                part = Bounds(left, left) if cut else length
                self.items.append(TimedPause(start, start + part, part, piece.waiting, piece.chunk, event))
                start, length, left = start + part, length.since(part), left - part.latest_ms
                if more and (heard or left <= 0):
                    (left, event), more = more, next(rest, None)
        self.pieces.clear()

    def joined(self) -> Iterator[_Piece | TimedChunk]:
        """The silences, with neighbours in one string as one, and the strings between them."""
        last: _Piece | None = None
        for piece in self.pieces:
            if isinstance(piece, _Piece) and piece.waiting == "carrier":
                last = last._replace(length=last.length + piece.length) if last else piece
                continue
            if last:
                yield last
                last = None
            yield piece
        if last:
            yield last

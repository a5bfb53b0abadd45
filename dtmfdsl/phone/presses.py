"""The keys of a script: which they are, and when each comes to the line, in a world's time.

The rules of `timing.py`, for one call: its tones are all of one length, and so are its gaps.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import attrs

from dtmfdsl.dialects import Dialect
from dtmfdsl.dialects.chunks import Chunk
from dtmfdsl.phone.call import T, World
from dtmfdsl.phone.map import PhoneMap, Range
from dtmfdsl.program import Pause, Program
from dtmfdsl.source import Span
from dtmfdsl.timing import (
    ASSUMED_GAP_MS,
    ASSUMED_REQUEST_MS,
    ASSUMED_TONE_MS,
    TimedKey,
    TimedPause,
    dialled,
    key_time,
    playing_time,
    starts,
    timeline,
)


@attrs.frozen
class Press:
    """A key of the script: the one of index `index` in the press statement of number `press`, from 0.

    `after_ms` is the silence that stands before it in the strings, in milliseconds.
    """

    key: str = attrs.field(repr=False)
    shown: str
    press: int
    index: int
    after_ms: int
    span: Span | None = attrs.field(default=None, repr=False, eq=False)

    @property
    def line(self) -> int | None:
        """The line of its statement, from 1; None if the program was built without a script."""
        return self.span.position[0] if self.span else None


@attrs.frozen(slots=False)
class Played:
    """A program and the strings of a dialect that play it, as the compiler makes them."""

    program: Program
    dialect: Dialect
    chunks: tuple[Chunk, ...]

    @cached_property
    def presses(self) -> tuple[Press, ...]:
        """The keys that the strings play, in order."""
        waits = [(Pause(chunk.wait_ms),) if chunk.wait_ms else () for chunk in self.chunks]
        strings = [(chunk.text, chunk.shown, wait) for chunk, wait in zip(self.chunks, waits, strict=True)]
        found: list[Press] = []
        silence = 0
        for item in timeline(self.program, self.dialect, strings).items:
            if isinstance(item, TimedPause):
                silence += item.length.latest_ms
            elif isinstance(item, TimedKey):
                press = found[-1].press + (item.index == 0) if found else 0
                found.append(Press(item.key, item.shown, press, item.index, silence, item.event.span))
                silence = 0
        return tuple(found)


@attrs.frozen
class Lengths:
    """How long keys and requests take: those of a dialect, or `key_ms` in place of its tone and gap.

    A dialect that documents neither has a tone that may be as long as both together can be, and no gap.
    """

    dialect: Dialect
    key_ms: Range | None = None
    request_ms: Range = (0, ASSUMED_REQUEST_MS)

    @property
    def whole(self) -> Range | None:
        """How long a key takes, if it is not known which part of it is the tone."""
        if self.key_ms or self.dialect.tone_ms or self.dialect.gap_ms:
            return self.key_ms
        assumed = key_time(self.dialect)
        return assumed.earliest_ms, assumed.latest_ms

    @property
    def settled(self) -> Dialect:
        """The dialect with these lengths."""
        if self.whole:
            return attrs.evolve(self.dialect, tone_ms=self.whole, gap_ms=(0, 0), pause_adds=True)
        return self.dialect

    def assumed(self) -> list[str]:
        """What is not documented, in words."""
        if self.key_ms:
            return []
        if self.whole:
            return [f"{self.dialect.name}: a key takes {self.whole[0]}..{self.whole[1]}ms, all of it tone"]
        facts = []
        if not self.dialect.tone_ms:
            facts.append(f"{self.dialect.name}: a tone takes {ASSUMED_TONE_MS[0]}..{ASSUMED_TONE_MS[1]}ms")
        if not self.dialect.gap_ms:
            facts.append(f"{self.dialect.name}: a gap takes {ASSUMED_GAP_MS[0]}..{ASSUMED_GAP_MS[1]}ms")
        if self.dialect.pause_adds is None:
            facts.append(f"{self.dialect.name}: a pause adds to the gap before it, or replaces it")
        return facts


def arrivals(
    played: Played, phone: PhoneMap, lengths: Lengths, world: World[T], later: Mapping[int, T]
) -> list[T]:
    """When each key comes to the line: the delay after the end of its tone.

    `later` has times by which a key and all after it come later than the strings say, by the key's index. The
    next string starts after the latest end of the one before, the sender's wait, and a request.
    """
    dialect = lengths.settled
    delay = world.length("keys.arrive", phone.keys_arrive_ms)
    tone = world.length("key" if lengths.whole else "key.tone", dialect.tone_ms or ASSUMED_TONE_MS)
    gap = world.length("key.gap", dialect.gap_ms or ASSUMED_GAP_MS)
    adds = world.either("key.gap.adds") if dialect.pause_adds is None else dialect.pause_adds
    listens = {character for character, _, _ in dialect.waits}
    now = _exactly(world, 0)
    found: list[T] = []
    ends = listened = 0  # `ends`: how long after its start the string before has certainly ended
    for requests, chunk in enumerate(played.chunks):
        text = chunk.text[dialled(chunk.text, dialect) :]
        silences = dialect.silences_of(text)
        if requests or chunk.wait_ms:
            request = world.length("request" if requests < 2 else f"request.{requests}", lengths.request_ms)
            now = now + _exactly(world, ends + chunk.wait_ms) + request
        at = now + _exactly(world, dialect.lead_ms)
        free: T | None = None
        for character, silence, after in zip(text, silences, [*silences[1:], None], strict=True):
            if character in listens and silence is not None:
                listened += 1
                at = at + world.length(f"wait.{listened}", (0, silence))
            elif silence is not None:
                at = at + _exactly(world, silence)
            else:
                if len(found) in later:
                    at, now = at + later[len(found)], now + later[len(found)]
                if dialect.cadence_ms:  # a key that is due sooner waits for its turn
                    at = free if free is not None and world.before(at, free) else at
                    free = at + _exactly(world, dialect.cadence_ms)
                found.append(at + tone + delay)
                at = at + tone
                at = at + gap if adds or after is None else at
        ends = max(playing_time(text, dialect).latest_ms, dialect.cadence_ms + _last_key(text, dialect))
    return found


def _exactly(world: World[T], ms: int) -> T:
    return world.length("", (ms, ms))


def _last_key(text: str, dialect: Dialect) -> int:
    """The latest start of the last key of a string."""
    silences = dialect.silences_of(text)
    keys = [
        at.latest_ms for at, silence in zip(starts(text, dialect), silences, strict=False) if silence is None
    ]
    return keys[-1] if keys else 0

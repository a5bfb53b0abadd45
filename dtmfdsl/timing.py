"""How long a string takes to play, at the least and at the most.

Where a carrier documents no lengths, they are assumed: at the least what a receiver needs to tell two keys
apart, 93 ms of tone and silence (RFC 2833); at the most 600 ms, the 200 ms of tone and 400 ms of silence that
Bandwidth's later API leaves as a default. Both are assumptions, and the sender waits out the longer one.
"""

from __future__ import annotations

import attrs

from dtmfdsl.dialects import Dialect

ASSUMED_KEY_MS = (93, 600)


@attrs.frozen
class Bounds:
    """A stretch of time that is known within bounds: at least and at most so many milliseconds."""

    earliest_ms: int
    latest_ms: int

    def __add__(self, other: Bounds) -> Bounds:
        return Bounds(self.earliest_ms + other.earliest_ms, self.latest_ms + other.latest_ms)


def key_time(dialect: Dialect) -> Bounds:
    """How long one key takes, its tone and the gap after it."""
    if dialect.tone_ms is None or dialect.gap_ms is None:
        return Bounds(*ASSUMED_KEY_MS)
    # A pause may stand in the gap's place, so that at the least there is no gap.
    least = dialect.tone_ms[0] + (dialect.gap_ms[0] if dialect.pause_adds else 0)
    return Bounds(least, dialect.tone_ms[1] + dialect.gap_ms[1])


def starts(text: str, dialect: Dialect) -> tuple[Bounds, ...]:
    """When each character of a string begins to play, and last when the string has ended."""
    pauses = dict(dialect.pauses)
    key = key_time(dialect)
    at = Bounds(0, 0)
    found = [at]
    for character in text:
        pause = pauses.get(character)
        at += key if pause is None else Bounds(pause, pause)
        found.append(at)
    return tuple(found)


def playing_time(text: str, dialect: Dialect) -> Bounds:
    """How long a string takes from its first key to the end of its last gap or pause."""
    return starts(text, dialect)[-1]

"""How long a string takes to play: the shortest and the longest time.

Where a carrier documents no lengths, both are assumed for a key's tone and gap. At least 93 ms: a receiver
needs so long to tell two keys apart (RFC 2833). At most 600 ms: 200 ms of tone and 400 ms of silence are the
defaults of Bandwidth's later API. The sender waits for the longest time.
"""

from __future__ import annotations

import attrs

from dtmfdsl.dialects import Dialect

ASSUMED_KEY_MS = (93, 600)
"""The shortest and the longest tone and gap of one key, in milliseconds, where nothing is documented."""


@attrs.frozen
class Bounds:
    """A time that is known to lie between two bounds, in milliseconds, both included."""

    earliest_ms: int
    latest_ms: int

    def __add__(self, other: Bounds) -> Bounds:
        return Bounds(self.earliest_ms + other.earliest_ms, self.latest_ms + other.latest_ms)


def key_time(dialect: Dialect) -> Bounds:
    """How long one key takes: its tone, and the gap after it."""
    if dialect.tone_ms is None or dialect.gap_ms is None:
        return Bounds(*ASSUMED_KEY_MS)
    return Bounds(dialect.tone_ms[0] + dialect.gap_ms[0], dialect.tone_ms[1] + dialect.gap_ms[1])


def key_time_before_pause(dialect: Dialect) -> Bounds:
    """How long a key takes that a pause follows, which may replace the gap."""
    key = key_time(dialect)
    if dialect.tone_ms is None or dialect.gap_ms is None or dialect.pause_adds:
        return key
    return Bounds(dialect.tone_ms[0], key.latest_ms if dialect.pause_adds is None else dialect.tone_ms[1])


def starts(text: str, dialect: Dialect) -> tuple[Bounds, ...]:
    """When each character of a string begins to play, and as the last item, when the string has ended."""
    key, before_pause = key_time(dialect), key_time_before_pause(dialect)
    at = Bounds(dialect.lead_ms, dialect.lead_ms)
    times = [at]
    silences = dialect.silences_of(text)
    for silence, after in zip(silences, [*silences[1:], None], strict=True):
        if silence is None:
            at += key if after is None else before_pause
        else:
            at += Bounds(silence, silence)
        times.append(at)
    return tuple(times)


def playing_time(text: str, dialect: Dialect) -> Bounds:
    """How long a string takes from its first key to the end of its last gap or pause."""
    return starts(text, dialect)[-1]

"""The notes of a compiled script, and the program of keys that were heard."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import attrs

from dtmfdsl.audio.tones import Note
from dtmfdsl.compiler import Compiled
from dtmfdsl.dialects import DIALECTS, Dialect
from dtmfdsl.program import Program
from dtmfdsl.timing import key_time, settled, tone_of

HEARD_STEP_MS = 100
"""The finest step that the length of a pause is heard in, in milliseconds."""


@attrs.frozen
class Score:
    """All keys in order, and when the last silence is over, in milliseconds."""

    notes: tuple[Note, ...]
    length_ms: int


def lengths(dialect: Dialect, tone_ms: int | None = None, gap_ms: int | None = None) -> tuple[int, int]:
    """The tone and the gap in milliseconds, as `settled` has them."""
    chosen = settled(dialect, tone_ms, gap_ms)
    tone = tone_of(chosen).earliest_ms
    return tone, key_time(chosen).earliest_ms - tone


def score(compiled: Compiled, *, tone_ms: int | None = None, gap_ms: int | None = None) -> Score:
    """When each key sounds if a string is sent as soon as the one before it has played."""
    times = compiled.nominal(tone_ms=tone_ms, gap_ms=gap_ms)
    notes = [Note(each.key, each.start.earliest_ms, each.end.earliest_ms) for each in times.keys]
    return Score(tuple(notes), times.ends.earliest_ms)


def to_program(notes: Sequence[Note], length_ms: int, dialect: Dialect, gap_ms: int | None = None) -> Program:
    """The program whose `score` in this dialect has these times.

    What is longer than the gap is a pause, in steps that the dialect can write, of at least `HEARD_STEP_MS`.
    """
    _, gap = lengths(dialect, None, gap_ms)
    step = -(-HEARD_STEP_MS // dialect.step_ms) * dialect.step_ms

    def pause(silence: int) -> int:
        if dialect.pause_adds is not False:
            return max(round((silence - gap) / step) * step, 0)
        whole = round(silence / step) * step
        return 0 if abs(silence - gap) <= abs(silence - whole) else whole

    exact = DIALECTS["exact"]
    first = notes[0].start_ms if notes else length_ms
    text = exact.write_pause(max(round((first - dialect.lead_ms) / step) * step, 0))
    for note, following in zip_longest(notes, notes[1:]):
        end = following.start_ms if following else length_ms
        text += note.key + exact.write_pause(pause(end - note.end_ms))
    return exact.decode(text) if text else Program()

"""When each key of a program sounds, and the program of keys that were heard.

`score` needs one time for each key, where a carrier may document a range, or nothing. It takes the least
length that is documented, and `USUAL_MS` where there is none. A pause adds to the gap before it unless the
dialect documents that it replaces the gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import attrs

from dtmfdsl.audio.tones import Note
from dtmfdsl.compiler import Compiled
from dtmfdsl.dialects import DIALECTS, Dialect
from dtmfdsl.program import Program

USUAL_MS = 100
"""A tone and a gap of which nothing is documented, in milliseconds."""

HEARD_STEP_MS = 100
"""The finest step that the length of a pause is heard in, in milliseconds."""


@attrs.frozen
class Score:
    """All keys in order, and when the last silence is over, in milliseconds."""

    notes: tuple[Note, ...]
    length_ms: int


def lengths(dialect: Dialect, tone_ms: int | None = None, gap_ms: int | None = None) -> tuple[int, int]:
    """The tone and the gap in milliseconds: as asked for, or else as the dialect documents them."""
    tone = tone_ms if tone_ms is not None else (dialect.tone_ms or (USUAL_MS,))[0]
    gap = gap_ms if gap_ms is not None else (dialect.gap_ms or (USUAL_MS,))[0]
    return tone, gap


def score(compiled: Compiled, *, tone_ms: int | None = None, gap_ms: int | None = None) -> Score:
    """When each key sounds if a string is sent as soon as the one before it has played."""
    dialect = compiled.dialect
    tone, gap = lengths(dialect, tone_ms, gap_ms)
    replaced = gap if dialect.pause_adds is False else 0
    notes: list[Note] = []
    at = 0
    for index, chunk in enumerate(compiled.chunks):
        at += chunk.wait_ms + dialect.lead_ms
        after_key = False
        for step in dialect.decode(chunk.text, first=index == 0).steps():
            if isinstance(step, int):
                at += step - (replaced if after_key else 0)
                continue
            for key in step:
                notes.append(Note(key, at, at + tone))
                at += tone + gap
            after_key = True
    return Score(tuple(notes), at + compiled.last_wait_ms)


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

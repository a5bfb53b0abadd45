"""The keys in a recording: two tones of a keypad, with the checks of ITU-T Q.24.

A key is two blocks or more in a row in which the same two tones are nearly all that is heard. How the phase
of a tone moves from one block to the next shows how far it is off its frequency. The level of the blocks at
the edges, which hold a part of the tones, shows when they begin and end.
"""

from __future__ import annotations

from cmath import exp, phase
from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import hypot, log10, pi, sin
from typing import Protocol

import attrs

from dtmfdsl import limits
from dtmfdsl.audio.goertzel import Block, Plain, block_size
from dtmfdsl.audio.score import to_program
from dtmfdsl.audio.tones import COLUMNS, KEYPAD, ROWS, Note
from dtmfdsl.audio.wav import read_wav
from dtmfdsl.diagnostics import Diagnostic, DtmfError
from dtmfdsl.dialects import Dialect, get_dialect
from dtmfdsl.notation import counted
from dtmfdsl.program import Program

try:
    from dtmfdsl.audio.arrays import Arrays as Fastest
except ModuleNotFoundError:  # there is no NumPy
    Fastest = Plain  # type: ignore[assignment, misc]

MOST_OFF = 0.023
"""The most that a tone may be off its frequency. ITU-T Q.24: 1.5 % must be read, 3.5 % must not."""

TWISTS_DB = (-11.0, 7.0)
"""How much louder the column's tone may be than the row's, in decibels. Q.24: -8 to 4 must be read."""

LEAST_MS = 30
"""The shortest tone that is a key, in milliseconds. Q.24: 40 must be read, 20 to 25 must not."""

MOST_BEYOND = 0.35
"""The most of a tone's level 10 ms before it and after it. The tones of a voice rise and fall more slowly."""

LEAST_GAP_MS = 20
"""A tone that is missed for a shorter time has not ended, in milliseconds."""


@attrs.frozen
class HeardKey(Note):
    """A key in a recording. The levels of its two tones are decibels below a sine at full scale.

    Its `repr` does not show them either: no line carries all tones alike, so that they say which key it is.
    """

    row_db: float = attrs.field(repr=False)
    column_db: float = attrs.field(repr=False)


@attrs.frozen
class Heard:
    """What was heard in a recording of `length_ms` milliseconds. No `repr` of it shows the keys."""

    keys: tuple[HeardKey, ...]
    length_ms: int
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def shown(self) -> str:
        """The keys without their names: they may be a PIN."""
        return counted(len(self.keys), "key")

    def program(self, dialect: str | Dialect = "exact", *, gap_ms: int | None = None) -> Program:
        """The program that sounds so if a carrier of this dialect plays it.

        Silence that is longer than the gap is a pause, in steps of the dialect and of at least 100 ms. The
        gap is what the dialect documents, or else 100 ms; `gap_ms` says otherwise. Raises DtmfError if there
        is no such dialect.
        """
        return to_program(self.keys, self.length_ms, get_dialect(dialect), gap_ms)


class Channel(Protocol):
    """The blocks of a channel: `Plain`, or where NumPy is there, `Arrays`."""

    def blocks(self) -> Iterable[Block]: ...

    def level(self, number: int, row: int, column: int) -> float: ...


def listen(content: bytes) -> Heard:
    """The keys in a WAV file, in order, with their times and levels.

    Every channel is heard by itself; a key that is in several counts once. Raises DtmfError for what is no
    WAV file, or one that is not read.
    """
    if not isinstance(content, bytes):
        raise DtmfError.of("not-wav", "a recording is given as bytes", help="read the file first")
    if len(content) > limits.SOUND_BYTES:
        message = f"this file is larger than the {limits.SOUND_BYTES:,} bytes that are read"
        raise DtmfError.of("unread-wav", message, help="cut it, such as with `sox FILE part.wav trim 0 3600`")
    recording = read_wav(content)
    heard = [
        key
        for samples in recording.channels
        for key in keys_of(Fastest(samples, recording.rate, recording.full), recording.rate, recording.full)
    ]
    kept: list[HeardKey] = []
    ends: dict[str, int] = {}
    for key in sorted(heard, key=lambda key: (key.start_ms, key.end_ms)):
        if key.start_ms >= ends.get(key.key, 0):
            kept.append(key)
            ends[key.key] = key.end_ms
    length_ms = len(recording.channels[0]) * 1000 // recording.rate
    return Heard(tuple(kept), length_ms, recording.warnings)


@attrs.frozen
class _Tone:
    """A stretch of a key's tones, and whether there is silence, or another sound, before it and after it."""

    key: HeardKey
    begins: bool
    ends: bool


def keys_of(channel: Channel, rate: int, full: float) -> Iterator[HeardKey]:
    """The keys in a channel. `full` is a sample at full scale."""
    tones: list[_Tone] = []
    for run in _runs(channel.blocks()):
        if tone := _tone(channel, run, rate, full):
            last = tones[-1] if tones else None
            if last and last.key.key == tone.key.key and tone.key.start_ms - last.key.end_ms < LEAST_GAP_MS:
                key = attrs.evolve(last.key, end_ms=tone.key.end_ms)
                tones[-1] = _Tone(key, last.begins, tone.ends)
            else:
                tones.append(tone)
    return (tone.key for tone in tones if tone.begins and tone.ends)


def _runs(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Blocks side by side with the same two tones: two or more."""
    run: list[Block] = []
    for block in blocks:
        if run and (block.number - 1, *block[1:3]) != run[-1][:3]:
            if len(run) > 1:
                yield run
            run = []
        run.append(block)
    if len(run) > 1:
        yield run


def _tone(channel: Channel, run: list[Block], rate: int, full: float) -> _Tone | None:
    """The tones in a run of blocks, if their frequencies, levels and length are those of a key."""
    first, last = run[0], run[-1]
    seconds = block_size(rate) / rate
    row_hz, column_hz = ROWS[first.row], COLUMNS[first.column]
    row_off = _off([block.row_sum for block in run], row_hz, seconds)
    column_off = _off([block.column_sum for block in run], column_hz, seconds)
    if abs(row_off) > MOST_OFF * row_hz or abs(column_off) > MOST_OFF * column_hz:
        return None
    # The edges hold a part of the tones: the level is that of the fullest block, shared as in all of them.
    levels = [hypot(abs(block.row_sum), abs(block.column_sum)) for block in run]
    whole, every = max(levels), hypot(*levels)
    row_level = whole / every * hypot(*[abs(block.row_sum) for block in run])
    column_level = whole / every * hypot(*[abs(block.column_sum) for block in run])
    full_level = full * block_size(rate) / 2
    row_db = round(20 * log10(row_level / full_level / _kept(row_off * seconds)), 1)
    column_db = round(20 * log10(column_level / full_level / _kept(column_off * seconds)), 1)
    if not TWISTS_DB[0] <= column_db - row_db <= TWISTS_DB[1]:
        return None

    def part(number: int) -> float:
        return min(channel.level(number, first.row, first.column) / whole, 1.0)

    # Of the blocks at an edge, the inner one is in the run, and the outer one holds none of the tones.
    before, after = levels[0] / whole + part(first.number - 1), levels[-1] / whole + part(last.number + 1)
    start_ms = round((first.number + 1 - before) * seconds * 1000)
    end_ms = round((last.number + after) * seconds * 1000)
    if end_ms - start_ms < LEAST_MS:
        return None
    key = HeardKey(KEYPAD[first.row][first.column], start_ms, end_ms, row_db, column_db)
    begins, ends = part(first.number - 2) < MOST_BEYOND, part(last.number + 2) < MOST_BEYOND
    return _Tone(key, begins, ends)


def _off(sums: list[complex], frequency: int, seconds: float) -> float:
    """How far a tone is off its frequency, in hertz, by how its phase moves from block to block."""
    moved = sum((after * before.conjugate() for before, after in pairwise(sums)), 0j)
    return phase(moved * exp(-2j * pi * frequency * seconds)) / (2 * pi * seconds)


def _kept(turns: float) -> float:
    """How much of its level a tone keeps in the sums of a block, in which it is so many turns off."""
    x = pi * turns
    return sin(x) / x if x else 1.0

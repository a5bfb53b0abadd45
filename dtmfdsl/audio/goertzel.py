"""How much of each tone is in each block of samples, in plain Python.

A block is a hundredth of a second. What a Goertzel filter gives at its end, the sum of the samples times a
cosine and a sine, is written here as these sums: they run in C, and give the phase too. The tones of the rows
come first, and those of the columns only where a row's is there.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from operator import mul
from typing import NamedTuple

from dtmfdsl.audio.tones import COLUMNS, ROWS

LEAST_DB = -46.0
"""The least level of a block in which tones are looked for, in decibels below a sine at full scale."""

LEAST_ROW = 0.08
"""The least share of a row's tone in the energy of a block."""

LEAST_SHARE = 0.7
"""The least share of both tones in the energy of a block. The rest is noise, or speech."""


def block_size(rate: int) -> int:
    """The samples of a block."""
    return rate // 100


class Block(NamedTuple):
    """A block in which two tones are nearly all: its number, which tones they are, and their sums."""

    number: int
    row: int
    column: int
    row_sum: complex
    column_sum: complex


def _products(left: Sequence[float], right: Sequence[float]) -> float:
    total: float = sum(map(mul, left, right))
    return total


# From Python 3.12 on there is a faster way to the same sum.
sum_of_products: Callable[[Sequence[float], Sequence[float]], float] = getattr(math, "sumprod", _products)


def waves(frequencies: Sequence[int], rate: int) -> list[tuple[list[float], list[float]]]:
    """A cosine and a sine of each frequency, as long as a block."""
    steps = [2 * math.pi * frequency / rate for frequency in frequencies]
    count = range(block_size(rate))
    return [([math.cos(step * i) for i in count], [math.sin(step * i) for i in count]) for step in steps]


class Plain:
    """The blocks of a channel, without NumPy."""

    def __init__(self, samples: array[float] | array[int], rate: int, full: float):
        self.samples = samples
        self.size = block_size(rate)
        self.least = self.size / 2 * (full * 10 ** (LEAST_DB / 20)) ** 2
        self.waves = waves(ROWS, rate), waves(COLUMNS, rate)

    @cached_property
    def means(self) -> list[float]:
        """The mean of each hundred blocks."""
        hundred = 100 * self.size
        parts = (self.samples[start : start + hundred] for start in range(0, len(self.samples), hundred))
        return [sum(part) / len(part) for part in parts]

    def block(self, number: int) -> list[float]:
        """The samples of a block without their mean in a hundred blocks, which is no sound.

        At the end of a recording, silence follows.
        """
        start, mean = number * self.size, self.means[number // 100]
        found = [sample - mean for sample in self.samples[start : start + self.size]]
        return found + [0.0] * (self.size - len(found))

    def blocks(self) -> Iterator[Block]:
        """Every block in which the tones of a key are."""
        rows, columns = self.waves
        dot, size = sum_of_products, self.size
        for number in range(-(-len(self.samples) // size)):
            block = self.block(number)
            energy = dot(block, block)
            if not energy > self.least:
                continue
            row, row_power, row_sum = self._strongest(block, rows)
            if row_power < LEAST_ROW * energy * size / 2:
                continue
            column, column_power, column_sum = self._strongest(block, columns)
            if row_power + column_power > LEAST_SHARE * energy * size / 2:
                yield Block(number, row, column, row_sum, column_sum)

    def _strongest(
        self, block: list[float], tones: list[tuple[list[float], list[float]]]
    ) -> tuple[int, float, complex]:
        """The tone that a block has most of, its power, and its sum."""
        dot = sum_of_products
        best, most, real, imaginary = 0, -1.0, 0.0, 0.0
        for index, (cosine, sine) in enumerate(tones):
            x, y = dot(block, cosine), dot(block, sine)
            if (power := x * x + y * y) > most:
                best, most, real, imaginary = index, power, x, y
        return best, most, complex(real, -imaginary)

    def level(self, number: int, row: int, column: int) -> float:
        """The level of two tones in any block; before the recording and after it there is silence."""
        if not 0 <= number * self.size < len(self.samples):
            return 0.0
        block = self.block(number)
        waves = (*self.waves[0][row], *self.waves[1][column])
        return math.hypot(*[sum_of_products(block, wave) for wave in waves])

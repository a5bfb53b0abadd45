"""The same as `Plain` of goertzel.py, a second at a time, with NumPy."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator

import numpy as np

from dtmfdsl.audio.goertzel import LEAST_ROW, LEAST_SHARE, Block, Plain

_BLOCKS = 100
"""Blocks that are looked at together. For many more, NumPy starts threads, which cost more than they save."""


class Arrays(Plain):
    """The blocks of a channel, with NumPy. The levels of all tones in all blocks are kept."""

    def __init__(self, samples: array[float] | array[int], rate: int, full: float):
        super().__init__(samples, rate, full)
        every = np.frombuffer(samples, dtype=samples.typecode)
        pairs = [pair for group in self.waves for pair in group]
        matrix = np.array([[c for c, _ in pairs], [s for _, s in pairs]], np.float32).reshape(16, -1).T
        energies, sums = [np.zeros(0, np.float32)], [np.zeros((0, 8), np.complex64)]
        for start in range(0, len(every), _BLOCKS * self.size):
            some = every[start : start + _BLOCKS * self.size].astype(np.float32)
            some -= some.mean()
            if over := len(some) % self.size:  # silence follows
                some = np.append(some, np.zeros(self.size - over, np.float32))
            blocks = some.reshape(-1, self.size)
            products = blocks @ matrix
            energies.append(np.einsum("ij,ij->i", blocks, blocks))
            sums.append(products[:, :8] - 1j * products[:, 8:])
        self.energies = np.concatenate(energies)
        self.sums = np.concatenate(sums)
        self.powers = self.sums.real**2 + self.sums.imag**2

    def blocks(self) -> Iterator[Block]:
        rows, columns = self.powers[:, :4].argmax(1), 4 + self.powers[:, 4:].argmax(1)
        at = np.arange(len(self.powers))
        row_powers, column_powers = self.powers[at, rows], self.powers[at, columns]
        scale = self.energies * (self.size / 2)
        good = (self.energies > self.least) & (row_powers >= LEAST_ROW * scale)
        (numbers,) = np.nonzero(good & (row_powers + column_powers > LEAST_SHARE * scale))
        rows, columns = rows[numbers], columns[numbers]
        return map(
            Block,
            numbers.tolist(),
            rows.tolist(),
            (columns - 4).tolist(),
            self.sums[numbers, rows].tolist(),
            self.sums[numbers, columns].tolist(),
        )

    def level(self, number: int, row: int, column: int) -> float:
        if not 0 <= number < len(self.powers):
            return 0.0
        power: float = self.powers.item(number, row) + self.powers.item(number, 4 + column)
        return math.sqrt(power)

"""The same as `Plain` of goertzel.py, a second at a time, with NumPy."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import numpy as np

from dtmfdsl.audio.goertzel import LEAST_ROW, LEAST_SHARE, Block, Plain

_BLOCKS = 100
"""Blocks that are looked at together. For many more, NumPy starts threads, which cost more than they save."""


class Arrays(Plain):
    """The blocks of a channel, with NumPy. The sums of all blocks are kept."""

    def __init__(self, samples: array[float] | array[int], rate: int, full: float):
        super().__init__(samples, rate, full)
        all_samples = np.frombuffer(samples, dtype=samples.typecode)
        waves = np.array([c for group in self.waves for c, _ in group], dtype=np.float32)
        more = np.array([s for group in self.waves for _, s in group], dtype=np.float32)
        matrix = np.concatenate([waves, more]).T
        energies, sums = [np.zeros(0, np.float32)], [np.zeros((0, 8), np.complex64)]
        for start in range(0, len(all_samples), _BLOCKS * self.size):
            some = all_samples[start : start + _BLOCKS * self.size].astype(np.float32)
            blocks = np.pad(some - some.mean(), (0, -len(some) % self.size)).reshape(-1, self.size)
            energies.append(np.einsum("ij,ij->i", blocks, blocks))
            products = blocks @ matrix
            sums.append(products[:, :8] - 1j * products[:, 8:])
        self.energies = np.concatenate(energies)
        self.all_sums = np.concatenate(sums)

    def blocks(self) -> Iterator[Block]:
        (loud,) = np.nonzero(self.energies > self.least)
        powers = np.abs(self.all_sums[loud]) ** 2
        at = np.arange(len(loud))
        rows, columns = powers[:, :4].argmax(1), 4 + powers[:, 4:].argmax(1)
        both = powers[at, rows] + powers[at, columns]
        scale = self.energies[loud] * self.size / 2
        good = (powers[at, rows] >= LEAST_ROW * scale) & (both > LEAST_SHARE * scale)
        numbers, rows, columns = loud[good], rows[good], columns[good]
        return map(
            Block,
            numbers.tolist(),
            rows.tolist(),
            (columns - 4).tolist(),
            self.all_sums[numbers, rows].tolist(),
            self.all_sums[numbers, columns].tolist(),
        )

    def sums(self, number: int, row: int, column: int) -> tuple[complex, complex]:
        if not 0 <= number < len(self.all_sums):
            return 0j, 0j
        return self.all_sums[number, row], self.all_sums[number, 4 + column]

"""Time things in pairs, and say how the ratios compare with their targets.

A machine that is busy with other work slows down whatever it runs just then. So nothing is compared
with a figure from another minute: each contestant is timed between two runs of its yardstick, and
what is reported is the median of the ratios.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

Action = Callable[[], object]
Clock = Callable[[], float]
Timing = Callable[[], float]
"""Does something once and says how long that took."""


class Finding(NamedTuple):
    """What was measured, whether it meets the target, and perhaps a note for below the table."""

    text: str
    met: bool
    note: str = ""


class Row(NamedTuple):
    """A line of the report: what it is about, its target in words, and how to find out."""

    name: str
    target: str
    find: Callable[[], Finding]


def ratio_row(name: str, target: float, find: Callable[[], float]) -> Row:
    """The row of a ratio that should be no more than its target."""

    def judge() -> Finding:
        ratio = find()
        return Finding(f"{ratio:.3f}x", ratio <= target)

    return Row(name, f"≤ {target:g}x", judge)


class Pairs(NamedTuple):
    """What timing a contestant against its yardstick gave: ratios, and the best time of each."""

    ratios: tuple[float, ...]
    contestant: float
    yardstick: float

    @property
    def ratio(self) -> float:
        return median(self.ratios)


def seconds(action: Action, clock: Clock) -> float:
    """How long it takes, without the clearing up of what it returns."""
    gc.collect()
    start = clock()
    result = action()
    taken = clock() - start
    del result
    return taken


def pairs(yardstick: Timing, contestant: Timing, rounds: int) -> Pairs:
    """Time both in turns: each run of the contestant stands between two of the yardstick."""
    scale = [yardstick()]
    times = []
    for _ in range(rounds):
        times.append(contestant())
        scale.append(yardstick())
    around = zip(times, scale, scale[1:], strict=False)
    ratios = tuple(2 * taken / (before + after) for taken, before, after in around)
    return Pairs(ratios, min(times), min(scale))


def kept_bytes(action: Action) -> int:
    """The memory that the result of an action holds on to."""
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        result = action()
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        del result
    finally:
        tracemalloc.stop()
    return after - before

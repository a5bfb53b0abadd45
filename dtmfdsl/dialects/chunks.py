"""Cuts a long string into the fewest chunks, at the best places. Knows nothing of carriers.

A `Code` is a text with the silence that it means; `pack` joins codes into `Chunk`s of at most `limit`
characters. There are as few chunks as possible; among the packings with so few chunks, the sum of `cut_cost`
over all cuts is the least.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence
from itertools import chain, repeat, takewhile
from typing import NamedTuple

import attrs

from dtmfdsl.notation import SecretText

BARE_CUT = 1_000_000
LONG_PAUSE_MS = 60_000


class Code(NamedTuple):  # which is made in a third of the time that an attrs class takes
    """The text of some keys (`pause_ms` is 0), or of a silence of `pause_ms` milliseconds.

    A silence without a text is a forced cut: no string can hold it. A `whole` code must not be cut; others
    may be cut between any two characters. `shown` is the text with secrets masked, as long as `text`; None if
    it is the same.
    """

    text: str
    pause_ms: int = 0
    whole: bool = True
    shown: str | None = None

    def __repr__(self) -> str:
        return f"Code({self.text if self.shown is None else self.shown!r}, {self.pause_ms})"


@attrs.frozen
class Chunk:
    """One string of at most the dialect's limit. `text` is a `SecretText` if it holds a secret.

    `wait_ms` is the silence before it that no string holds, in milliseconds: whoever sends it waits so long
    after the string before has played. A compiled script's chunk also says how long it plays, at least and at
    most, and how long after it began to play the next may go; comparison ignores both.
    """

    text: str = attrs.field(repr=False)
    shown: str
    wait_ms: int = 0
    plays_ms: tuple[int, int] = attrs.field(default=(0, 0), eq=False)
    next_ms: int = attrs.field(default=0, eq=False)

    def __attrs_post_init__(self) -> None:
        if self.text != self.shown:
            object.__setattr__(self, "text", SecretText(self.text))

    def __str__(self) -> str:
        return self.shown


def cut_cost(silence_ms: int) -> int:
    """The cost of a cut inside or beside a pause of `silence_ms` milliseconds; 0 means no pause.

    A cut between two groups of keys without a pause costs a million. Beside or in a pause, the cost is a
    minute minus the pause's length, in milliseconds, and never below 0.
    """
    return max(LONG_PAUSE_MS - silence_ms, 0) if silence_ms else BARE_CUT


def cuts(codes: Sequence[Code]) -> tuple[list[int], list[int]]:
    """Where the joined text may be cut, in order and ending with its length, and the cost of each cut."""
    positions: list[int] = []
    costs: list[int] = []
    position = 0
    previous = 0
    for code in codes:
        pause = code.pause_ms
        length = len(code.text)
        if position:
            costs.append(cut_cost(pause if pause > previous else previous))
        if length > 1 and not code.whole:
            positions.extend(range(position + 1, position + length))
            costs.extend([cut_cost(pause)] * (length - 1))
        position += length
        positions.append(position)
        previous = pause
    costs.append(0)
    return positions, costs


def pack(codes: Sequence[Code], limit: int | None) -> tuple[Chunk, ...]:
    """Joins codes into chunks of at most `limit` characters (None: no limit). No codes give no chunks.

    Raises ValueError if a `whole` code is longer than the limit.
    """
    if "" not in [code.text for code in codes]:
        return _pack(codes, limit)
    chunks: list[Chunk] = []
    between: list[Code] = []
    wait_ms = 0
    for code in codes:
        if code.text:
            between.append(code)
            continue
        if between:
            chunks += _pack(between, limit, wait_ms)
            between, wait_ms = [], 0
        wait_ms += code.pause_ms
    chunks += _pack(between, limit, wait_ms)
    return tuple(chunks)


def wait_after(codes: Sequence[Code]) -> int:
    """The silence after the last chunk that no string holds, in milliseconds."""
    return sum(code.pause_ms for code in takewhile(lambda code: not code.text, reversed(codes)))


def _pack(codes: Sequence[Code], limit: int | None, wait_ms: int = 0) -> tuple[Chunk, ...]:
    """Packs codes among which no cut is forced, after a wait."""
    if not codes:
        return ()
    text = "".join([code.text for code in codes])
    shown = "".join([code.text if code.shown is None else code.shown for code in codes])
    if limit is None or len(text) <= limit:
        return (Chunk(text, shown, wait_ms),)
    if limit == 1 and not any(code.whole and len(code.text) > 1 for code in codes):  # nothing to choose
        ends = list(range(1, len(text) + 1))
    else:
        ends = _best_ends(*cuts(codes), limit)
    waits = chain([wait_ms], repeat(0))
    return tuple(
        [Chunk(text[a:b], shown[a:b], ms) for a, b, ms in zip([0, *ends], ends, waits, strict=False)]
    )


def _best_ends(positions: list[int], costs: list[int], limit: int) -> list[int]:
    """The ends of the chunks in the cheapest packing with the fewest chunks.

    Filling from the left gives the last position that the k-th cut may have, and filling from the right the
    first. The search looks only between the two, and a queue of minima makes it linear.
    """
    # Index 0 is the beginning of the text.
    positions, costs = [0, *positions], [0, *costs]
    last = _fill(positions, limit)
    first = _fill_from_right(positions, limit, len(last))
    # Stage k holds, for each allowed index of the k-th end, the least cost so far and where it came from.
    costs_before = [0]
    indices_before = range(1)
    came_from: list[list[int]] = []
    for low, high in zip(first, last, strict=True):
        window: deque[tuple[int, int]] = deque()
        stage: list[int] = []
        origins: list[int] = []
        entering = 0
        for index in range(low, high + 1):
            reach = positions[index] - limit
            while entering < len(indices_before) and indices_before[entering] < index:
                cost = costs_before[entering]
                while window and window[-1][0] >= cost:
                    window.pop()
                window.append((cost, indices_before[entering]))
                entering += 1
            while window and positions[window[0][1]] < reach:
                window.popleft()
            cost, origin = window[0]
            stage.append(cost + costs[index])
            origins.append(origin)
        costs_before, indices_before = stage, range(low, high + 1)
        came_from.append(origins)
    ends: list[int] = []
    index = len(positions) - 1
    for low, origins in zip(reversed(first), reversed(came_from), strict=True):
        ends.append(positions[index])
        index = origins[index - low]
    return ends[::-1]


def _fill(positions: list[int], limit: int) -> list[int]:
    """Indices of the chunk ends when each chunk takes as much as it can, from the left."""
    ends: list[int] = []
    index = 0
    while index < len(positions) - 1:
        furthest = bisect_right(positions, positions[index] + limit) - 1
        if furthest == index:
            raise ValueError("a code that must stay whole is longer than the limit")
        index = furthest
        ends.append(index)
    return ends


def _fill_from_right(positions: list[int], limit: int, count: int) -> list[int]:
    """The same from the right: the first index that the end of each of `count` chunks may have."""
    ends = [len(positions) - 1]
    while len(ends) < count:
        ends.append(bisect_left(positions, positions[ends[-1]] - limit))
    return ends[::-1]

"""The plain way to pack codes: every cut against every cut within reach. A check, and a yardstick.

It shares with the product only what a code is and what a cut costs; where cuts may fall is worked
out here anew, so that a mistake in the one is not a mistake in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dtmfdsl.dialects.chunks import Code, cut_cost


def cut_costs(codes: Sequence[Code]) -> dict[int, int]:
    """What a cut costs, for each place in the joined text that may be cut, and 0 for its end."""
    costs: dict[int, int] = {}
    end = silence = 0
    for code in codes:
        if end:
            costs[end] = cut_cost(max(silence, code.pause_ms))
        if not code.whole:
            for place in range(end + 1, end + len(code.text)):
                costs[place] = cut_cost(code.pause_ms)
        end += len(code.text)
        silence = code.pause_ms
    costs[end] = 0
    return costs


def plain_pack(codes: Sequence[Code], limit: int) -> list[str]:
    """The texts of the fewest chunks, and of those packings one whose cuts cost least."""
    costs = cut_costs(codes)
    ends = [0, *costs]
    best = [(0, 0)]
    origins = [0]
    nearest = 0
    for index in range(1, len(ends)):
        end = ends[index]
        while end - ends[nearest] > limit:
            nearest += 1
        origin = min(range(nearest, index), key=best.__getitem__)
        count, cost = best[origin]
        best.append((count + 1, cost + costs[end]))
        origins.append(origin)
    text = "".join([code.text for code in codes])
    chunks = []
    index = len(ends) - 1
    while index:
        chunks.append(text[ends[origins[index]] : ends[index]])
        index = origins[index]
    return chunks[::-1]


def total_cost(codes: Sequence[Code], chunks: Iterable[str]) -> int:
    """What the cuts of a packing cost; a cut where none may fall is a KeyError."""
    costs = cut_costs(codes)
    end = total = 0
    for chunk in chunks:
        end += len(chunk)
        total += costs[end]
    return total

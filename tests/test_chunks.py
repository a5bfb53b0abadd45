"""Packing, held against every possible packing of small inputs."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtmfdsl.dialects.chunks import BARE_CUT, Chunk, Code, cut_cost, cuts, pack

groups = st.integers(1, 6).map(lambda length: Code("1" * length))
pauses = st.builds(
    lambda length, ms: Code("w" * length, ms, whole=False),
    st.integers(1, 6),
    st.sampled_from([500, 1000, 90_000]),
)
oversized = st.integers(1, 12).map(lambda length: Code("2" * length, whole=False))
inputs = st.lists(groups | pauses | oversized, max_size=5)


def best(codes: list[Code], limit: int) -> tuple[int, int]:
    """The least count, and among those the least cost, by trying every set of cuts."""
    positions, costs = cuts(codes)
    inner = list(zip(positions[:-1], costs[:-1], strict=True))
    for count in range(len(inner) + 1):
        totals = [
            sum(cost for _, cost in chosen)
            for chosen in combinations(inner, count)
            if fits([0, *(position for position, _ in chosen), positions[-1]], limit)
        ]
        if totals:
            return count + 1, min(totals)
    raise AssertionError("no packing at all")


def fits(ends: list[int], limit: int) -> bool:
    return all(end - start <= limit for start, end in pairwise(ends))


def cost(codes: list[Code], chunks: tuple[Chunk, ...]) -> int:
    price = dict(zip(*cuts(codes), strict=True))
    total = position = 0
    for chunk in chunks[:-1]:
        position += len(chunk.text)
        total += price[position]
    return total


@given(inputs, st.integers(6, 12))
def test_count_and_cost_are_the_least_there_are(codes: list[Code], limit: int) -> None:
    chunks = pack(codes, limit)
    assert "".join(chunk.text for chunk in chunks) == "".join(code.text for code in codes)
    assert all(0 < len(chunk.text) <= limit for chunk in chunks)
    if codes:
        assert (len(chunks), cost(codes, chunks)) == best(codes, limit)


@given(inputs)
def test_without_a_limit_there_is_one_chunk(codes: list[Code]) -> None:
    assert len(pack(codes, None)) == bool(codes)


@given(inputs, st.integers(6, 12))
def test_the_shown_text_is_cut_at_the_same_places(codes: list[Code], limit: int) -> None:
    masked = [Code(code.text, code.pause_ms, code.whole, "•" * len(code.text)) for code in codes]
    assert [chunk.text for chunk in pack(masked, limit)] == [chunk.text for chunk in pack(codes, limit)]
    assert all(chunk.shown == "•" * len(chunk.text) for chunk in pack(masked, limit))


def test_a_cut_beside_a_long_pause_is_better_than_beside_a_short_one_and_that_than_none() -> None:
    assert cut_cost(60_000) < cut_cost(5_000) < cut_cost(500) < cut_cost(0) == BARE_CUT


def test_the_cut_moves_to_the_longest_pause_that_the_count_allows() -> None:
    codes = [Code("11"), Code("w", 500, False), Code("22"), Code("www", 1500, False), Code("33"), Code("444")]
    assert [chunk.text for chunk in pack(codes, 10)] in (
        ["11w22", "www33444"],
        ["11w22w", "ww33444"],
        ["11w22ww", "w33444"],
        ["11w22www", "33444"],
    )


def test_a_whole_code_over_the_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than the limit"):
        pack([Code("1"), Code("12345")], 4)


def test_a_code_shows_no_secret() -> None:
    code = Code("4711", shown="••••")
    assert "4711" not in repr(code)
    assert "••••" in repr(code)
    assert "59#" in repr(Code("59#"))

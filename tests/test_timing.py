"""When each key of a string sounds, at the earliest and at the latest."""

from __future__ import annotations

import re
from itertools import pairwise

import attrs
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from dtmfdsl.dialects import DIALECTS, Dialect
from dtmfdsl.timing import Bounds, key_time, playing_time, starts

DOCUMENTED = attrs.evolve(DIALECTS["twilio"], tone_ms=(100, 200), gap_ms=(40, 400), pause_adds=True)
REPLACED = attrs.evolve(DOCUMENTED, pause_adds=False)
dialects = st.sampled_from([*DIALECTS.values(), DOCUMENTED, REPLACED])


@st.composite
def strings(draw: st.DrawFn) -> tuple[Dialect, str]:
    dialect = draw(dialects)
    return dialect, draw(strategies.strings(dialect))


@given(strings())
def test_each_character_takes_its_time(case: tuple[Dialect, str]) -> None:
    dialect, text = case
    at = starts(text, dialect)
    assert at[0] == Bounds(dialect.lead_ms, dialect.lead_ms)
    assert at[-1] == playing_time(text, dialect)
    pauses = {character: ms for character, _, ms in dialect.waits} | dict(dialect.pauses)
    silences: list[int | None] = []
    for written, count in re.findall(r"(\{([0-9]+)\}|.)", text):
        unit = dialect.counted.unit_ms if dialect.counted else 0
        silences += [0] * (len(written) - 1) + [int(count) * unit if count else pauses.get(written)]
    for ms, (one, other) in zip(silences, pairwise(at), strict=True):
        took = other.earliest_ms - one.earliest_ms, other.latest_ms - one.latest_ms
        key = key_time(dialect)
        assert took == ((key.earliest_ms, key.latest_ms) if ms is None else (ms, ms))


@pytest.mark.parametrize(
    ("dialect", "key"),
    [(DOCUMENTED, Bounds(140, 600)), (REPLACED, Bounds(100, 600)), (DIALECTS["vonage"], Bounds(93, 600))],
)
def test_a_key_takes_a_tone_and_the_gap_unless_a_pause_replaces_it(dialect: Dialect, key: Bounds) -> None:
    assert key_time(dialect) == key


@pytest.mark.parametrize("missing", [{"tone_ms": None}, {"gap_ms": None}])
def test_what_is_half_documented_is_assumed(missing: dict[str, None]) -> None:
    assert key_time(attrs.evolve(DOCUMENTED, **missing)) == Bounds(93, 600)

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
from dtmfdsl.timing import Bounds, key_time, key_time_before_pause, playing_time, starts

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
    waits = {character: ms for character, _, ms in dialect.waits}
    pauses = waits | dict(dialect.pauses)
    silences: list[int | None] = []
    heard: list[bool] = []
    for written, count in re.findall(r"(\{([0-9]+)\}|.)", text):
        unit = dialect.counted.unit_ms if dialect.counted else 0
        silences += [0] * (len(written) - 1) + [int(count) * unit if count else pauses.get(written)]
        heard += [written in waits] * len(written)
    before = [following is not None for following in [*silences[1:], None]]
    for ms, sooner, pause_follows, (one, other) in zip(silences, heard, before, pairwise(at), strict=True):
        took = other.earliest_ms - one.earliest_ms, other.latest_ms - one.latest_ms
        key = (key_time_before_pause if pause_follows else key_time)(dialect)
        # What waits for an event may hear it at once.
        assert took == ((key.earliest_ms, key.latest_ms) if ms is None else (0 if sooner else ms, ms))


@pytest.mark.parametrize(
    ("dialect", "key"),
    [(DOCUMENTED, Bounds(140, 600)), (REPLACED, Bounds(140, 600)), (DIALECTS["vonage"], Bounds(93, 600))],
)
def test_a_key_takes_a_tone_and_the_gap(dialect: Dialect, key: Bounds) -> None:
    assert key_time(dialect) == key


@pytest.mark.parametrize(
    ("dialect", "key"),
    [
        (DOCUMENTED, Bounds(140, 600)),
        (REPLACED, Bounds(100, 200)),
        (attrs.evolve(DOCUMENTED, pause_adds=None), Bounds(100, 600)),
        (DIALECTS["vonage"], Bounds(93, 600)),
    ],
)
def test_only_a_pause_replaces_the_gap_of_the_key_before_it(dialect: Dialect, key: Bounds) -> None:
    assert key_time_before_pause(dialect) == key
    usual = key_time(dialect)
    pause = dict(dialect.pauses)[pause_of(dialect)]
    assert playing_time(f"12{pause_of(dialect)}3", dialect) == usual + key + Bounds(pause, pause) + usual


def pause_of(dialect: Dialect) -> str:
    return dialect.pauses[0][0]


def test_real_strings_take_the_time_that_is_documented() -> None:
    # Bandwidth's own example, with its usual interval: `2` begins half a second after the end of `1`.
    assert starts("1w2", DIALECTS["bandwidth"])[2] == Bounds(700, 700)
    # Measured on Asterisk from the first key on: a tone, a gap and 3.5 s.
    first, *_, fifth = starts("1WWWw5", DIALECTS["asterisk"])[:-1]
    assert (first, fifth.latest_ms - first.latest_ms) == (Bounds(100, 100), 3700)


@pytest.mark.parametrize(
    ("missing", "key"),
    [({"tone_ms": None}, Bounds(90, 600)), ({"gap_ms": None}, Bounds(143, 600))],
)
def test_of_what_is_half_documented_the_other_half_is_assumed(missing: dict[str, None], key: Bounds) -> None:
    assert key_time(attrs.evolve(DOCUMENTED, **missing)) == key

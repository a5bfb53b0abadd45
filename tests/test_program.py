"""Programs built in Python: they add, multiply and count like what they sound like."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl import DtmfError, Pause, Program, Tones, limits


@given(strategies.programs(), strategies.programs(), st.integers(0, 3))
def test_programs_add_and_multiply_like_what_they_sound_like(one: Program, two: Program, times: int) -> None:
    assert (one + two).events == Program(one.events + two.events).events
    assert one * times == sum([one] * times, Program())
    assert not times or one * times == sum([one] * times)
    assert (one + two).key_count == one.key_count + two.key_count
    assert (one + two).pause_ms == one.pause_ms + two.pause_ms
    silences = sum(step for step in one.steps() if isinstance(step, int))
    assert silences == one.pause_ms


@given(strategies.programs())
def test_steps_are_what_is_heard(program: Program) -> None:
    heard: list[str | int] = []
    for event in program.events:
        gap = [event.every_ms] if isinstance(event, Tones) else []
        heard += [event.ms] if isinstance(event, Pause) else [event.keys[0]]
        heard += [] if isinstance(event, Pause) else [each for key in event.keys[1:] for each in (*gap, key)]
    kinds = [type(step) for step in program.steps()]
    assert all(one != other for one, other in pairwise(kinds))
    assert [key for step in program.steps() if isinstance(step, str) for key in step] == [
        step for step in heard if isinstance(step, str)
    ]
    assert silences(program.steps()) == silences(heard)


def silences(steps: Iterable[str | int]) -> list[int]:
    """The silence before each key, and after the last."""
    found = [0]
    for step in steps:
        if isinstance(step, str):
            found += [0] * len(step)
        else:
            found[-1] += step
    return found


@given(strategies.programs())
def test_a_program_is_in_normal_form(program: Program) -> None:
    for one, other in pairwise(program.events):
        assert not (isinstance(one, Pause) and isinstance(other, Pause) and one.cue is other.cue is None)
    assert all(event.ms or event.cue is not None for event in program.events if isinstance(event, Pause))
    assert all(event.keys for event in program.events if isinstance(event, Tones))
    assert bool(program) == bool(program.events)


def test_press_and_wait_read_as_the_statements_do() -> None:
    assert dtmfdsl.press("1-800 pound", every="1s", label="x").events == (Tones("1800#", 1000, "x"),)
    assert dtmfdsl.wait(" 1m 30s ", cue="x").events == (Pause(90_000, "x"),)
    secret = dtmfdsl.press("12", secret=True)
    assert repr(secret.events) == "(Tones('••'),)"
    assert (
        repr(dtmfdsl.press("12", every="1s", label="x").events[0]) == "Tones('12', every_ms=1000, label='x')"
    )
    assert repr(dtmfdsl.wait("1s", cue="x").events[0]) == "Pause(1000, 'x')"


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (lambda: dtmfdsl.press(""), "missing-keys"),
        (lambda: dtmfdsl.press(7), "keys-not-text"),
        (lambda: dtmfdsl.press("1x"), "unknown-key"),
        (lambda: dtmfdsl.press("1" * (limits.GROUP_KEYS + 1)), "too-many-keys"),
        (lambda: dtmfdsl.press("1", every="1"), "missing-unit"),
        (lambda: dtmfdsl.wait("3"), "missing-unit"),
        (lambda: dtmfdsl.wait("3s", cue=""), "empty-cue"),
        (lambda: Program((Pause(1, " "),)), "empty-cue"),
        (lambda: dtmfdsl.press("1", label=1), "not-text"),
        (lambda: dtmfdsl.press("1", label="a\nb"), "control-character"),
        (lambda: dtmfdsl.press("1", label="a\x7f"), "control-character"),
        (lambda: dtmfdsl.wait("x"), "bad-duration"),
        (lambda: dtmfdsl.wait(3), "duration-not-text"),
        (lambda: dtmfdsl.wait("1s", cue=b"x"), "not-text"),
        (lambda: Program((Pause(-1),)), "bad-duration"),
    ],
)
def test_what_cannot_be_built_is_an_error(build: Callable[[], Program], code: str) -> None:
    with pytest.raises(DtmfError) as caught:
        build()
    assert [found.code for found in caught.value.diagnostics] == [code]


@pytest.mark.parametrize(
    ("program", "more", "code"),
    [
        (
            dtmfdsl.press("1" * limits.GROUP_KEYS) * (limits.KEYS // limits.GROUP_KEYS),
            dtmfdsl.press("1"),
            "too-many-keys",
        ),
        (Program((Pause(limits.DURATION_MS),)), dtmfdsl.wait("1ms"), "too-long"),
        (Program((Tones("12", limits.DURATION_MS),)), dtmfdsl.wait("1ms"), "too-long"),
        (Program((Tones("1"),) * limits.EVENTS), dtmfdsl.press("1"), "too-many-steps"),
    ],
    ids=["keys", "pauses", "paces", "events"],
)
def test_a_program_compiles_up_to_its_limits(program: Program, more: Program, code: str) -> None:
    assert dtmfdsl.compile(program, dialect="vonage").chunks
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile(program + more, dialect="vonage")
    assert [found.code for found in caught.value.diagnostics] == [code]


def test_a_program_multiplies_up_to_the_limit() -> None:
    assert len((dtmfdsl.press("1") * limits.EVENTS).events) == limits.EVENTS
    with pytest.raises(DtmfError, match="too-many-steps"):
        _ = dtmfdsl.press("1") * (limits.EVENTS + 1)


@given(strategies.programs(calls=True), strategies.programs(calls=True), st.integers(-1, 3))
def test_a_call_begins_and_ends_once(one: Program, two: Program, times: int) -> None:
    if two.number is not None and one:
        wrong = "second-call" if one.number is not None else "call-not-first"
    else:
        wrong = "hang-up-not-last" if one.hangs_up and two else ""
    try:
        both = one + two
    except DtmfError as error:
        assert [found.code for found in error.diagnostics] == [wrong]
    else:
        assert not wrong
        assert (both.number, both.hangs_up) == (one.number or two.number, one.hangs_up or two.hangs_up)
    try:
        repeated = one * times
    except DtmfError as error:
        assert [found.code for found in error.diagnostics] == ["call-repeated"]
        assert times > 1
        assert one.number is not None or one.hangs_up
    else:
        assert repeated == (Program() if times < 1 else one if times == 1 else sum([one] * times, Program()))


def test_a_program_with_a_call_is_not_empty_and_its_number_is_digits() -> None:
    assert Program(number="+1 (800) 555-0199").number == "+18005550199"
    assert Program(number="1")
    assert Program(hangs_up=True)
    assert not dtmfdsl.compile(Program(number="1", hangs_up=True)).chunks
    with pytest.raises(DtmfError, match="bad-number"):
        Program(number="1x")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda p: p + 1,
        lambda p: p + 0,
        lambda p: 1 + p,
        lambda p: False + p,
        lambda p: p + "press 1",
        lambda p: p * "2",
        lambda p: p * 1.5,
    ],
)
def test_a_program_adds_to_programs_and_multiplies_by_counts_alone(
    wrong: Callable[[Program], object],
) -> None:
    with pytest.raises(TypeError):
        wrong(dtmfdsl.press("1"))

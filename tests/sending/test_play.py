"""One key at a time: on time, in order, none twice, and what was pressed is reported truly."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from virtualtime import Time, run

import dtmfdsl
from dtmfdsl.sending import Delivery, NotPressed, Report, Status, Watcher, plan_call
from dtmfdsl.sending.delivery import timetable


class Keys:
    """A keypad that notes when each key began. Each press takes `took_ms` milliseconds."""

    def __init__(self, loop: Time, took_ms: float = 0, slow: dict[int, float] | None = None):
        self.loop, self.took_ms, self.slow = loop, took_ms, slow or {}
        self.pressed: list[tuple[str, float]] = []
        self.sounding = 0

    async def press(self, key: str) -> None:
        assert not self.sounding, "one key at a time"
        self.sounding += 1
        self.pressed.append((key, self.loop.ms - 1_000))
        await asyncio.sleep(self.slow.get(len(self.pressed) - 1, self.took_ms) / 1000)
        self.sounding -= 1

    @property
    def keys(self) -> str:
        return "".join(key for key, _ in self.pressed)

    @property
    def onsets(self) -> list[int]:
        return [round(at) for _, at in self.pressed]


def played(script: str, took_ms: float = 0, **options: Any) -> tuple[Keys, Report]:
    async def main(loop: Time) -> tuple[Keys, Report]:
        keys = Keys(loop, took_ms, options.pop("slow", None))
        return keys, await dtmfdsl.play(script, keys.press, clock=loop, **options)

    return run(main)


EXACT = {"tone_ms": 100, "gap_ms": 100}


def test_keys_come_at_their_times() -> None:
    keys, report = played("press 1; wait 3.5s; press 59#", **EXACT)
    assert (keys.keys, keys.onsets) == ("159#", [0, 3_700, 3_900, 4_100])
    assert (report.status, report.accepted, report.summary) == (Status.COMPLETE, 4, "all 4 accepted")


@given(took_ms=st.floats(0, 150), keys=st.integers(1, 60))
def test_what_a_press_takes_adds_nothing_where_the_times_are_exact(took_ms: float, keys: int) -> None:
    pressed, _ = played(f"repeat {keys} {{ press 1 }}", took_ms, **EXACT)
    assert pressed.onsets == [200 * number for number in range(keys)]


def test_a_key_that_is_very_late_moves_those_after_it_and_none_is_pressed_early() -> None:
    keys, _ = played("press 1234; wait 1s; press 5", slow={1: 1_500}, **EXACT)
    assert keys.onsets == [0, 200, 1_700, 1_900, 3_100]
    keys, _ = played("press 1234", slow={1: 240}, **EXACT)  # late by less than half a gap
    assert keys.onsets == [0, 200, 440, 600]


def test_without_exact_times_a_key_is_counted_from_its_answer_at_its_longest() -> None:
    keys, report = played("press 12; wait 1s; press 3", 50)
    assert (keys.keys, keys.onsets) == ("123", [0, 650, 2_250])
    assert report.status is Status.COMPLETE


@given(pauses=st.lists(st.integers(0, 90_000), max_size=20), every=st.integers(0, 900))
def test_silences_are_kept_to_the_millisecond(pauses: list[int], every: int) -> None:
    script = "".join(f"press 12 every {every}ms; wait {ms}ms; " for ms in pauses) + "press 3"
    keys, _ = played(script, 3, **EXACT)
    steps = 200, 200 + every
    expected = [0]
    for ms in pauses:
        expected += [expected[-1] + steps[1], expected[-1] + steps[1] + steps[0] + ms]
    assert keys.onsets == expected
    assert keys.keys == "12" * len(pauses) + "3"


def test_it_is_over_when_the_last_key_and_the_last_pause_are() -> None:
    async def main(loop: Time) -> float:
        await dtmfdsl.play("press 1; wait 2s", Keys(loop).press, clock=loop, **EXACT)
        return loop.ms - 1_000

    assert round(run(main)) == 2_200


def test_a_plan_knows_the_times_beforehand() -> None:
    plan = dtmfdsl.sending.plan_keys("press 1; wait 3.5s; press 59#", **EXACT)
    assert timetable(plan, 0) == ([0, 3_700, 3_900, 4_100], 4_300)


class Noting(Watcher):
    delivery: Delivery | None = None

    def over(self, delivery: Delivery) -> None:
        self.delivery = delivery


def failing(
    at: int, failure: BaseException
) -> Callable[[Time], tuple[Keys, Callable[[str], Awaitable[None]]]]:
    def make(loop: Time) -> tuple[Keys, Callable[[str], Awaitable[None]]]:
        keys = Keys(loop)

        async def press(key: str) -> None:
            await keys.press(key)
            if len(keys.pressed) == at:
                raise failure

        return keys, press

    return make


@pytest.mark.parametrize(
    ("failure", "status", "reason"),
    [
        (ConnectionError("no line for 5"), Status.UNKNOWN, "the press failed with ConnectionError"),
        (TimeoutError(), Status.UNKNOWN, "the press failed with TimeoutError"),
        (asyncio.CancelledError(), Status.UNKNOWN, "the press was cancelled"),
        (NotPressed("the call has ended"), Status.INCOMPLETE, "the call has ended"),
        (NotPressed(), Status.INCOMPLETE, "the key was not pressed"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_a_press_that_fails_is_reported_with_what_is_known_of_its_key(
    failure: BaseException, status: Status, reason: str, tmp_path: Path
) -> None:
    async def main(loop: Time) -> tuple[Keys, Report]:
        keys, press = failing(3, failure)(loop)
        report = await dtmfdsl.play("press 12567", press, clock=loop, journal=tmp_path / "j", **EXACT)
        return keys, report

    keys, report = run(main)
    assert keys.keys == "125"
    assert (report.status, report.accepted, report.reason) == (status, 2, reason)
    assert report.cause is (None if isinstance(failure, NotPressed) else failure)
    assert "no line" not in repr(report)

    async def again(loop: Time) -> tuple[Keys, Report]:
        keys = Keys(loop)
        options = {"clock": loop, "journal": tmp_path / "j", "resume": True, **EXACT}
        if status is Status.UNKNOWN:
            with pytest.raises(dtmfdsl.DtmfError) as caught:
                await dtmfdsl.play("press 12567", keys.press, **options)
            assert caught.value.diagnostics[0].code == "in-doubt"
            assert not keys.pressed
            options["doubt"] = "skip"
        return keys, await dtmfdsl.play("press 12567", keys.press, **options)

    keys, report = run(again)
    assert keys.keys == ("67" if status is Status.UNKNOWN else "567")
    assert report.status is Status.COMPLETE


@pytest.mark.parametrize(
    ("after_ms", "keys", "status", "accepted"),
    [
        (150, "1", Status.INTERRUPTED, 1),  # between two keys
        (250, "12", Status.UNKNOWN, 1),  # while the press of the second is under way
        (390, "12", Status.INTERRUPTED, 2),
    ],
)
def test_a_task_that_is_cancelled_says_what_was_pressed(
    after_ms: int, keys: str, status: Status, accepted: int
) -> None:
    noting = Noting()

    async def main(loop: Time) -> Keys:
        pad = Keys(loop, 120)
        playing = dtmfdsl.play("press 123", pad.press, clock=loop, watcher=noting, **EXACT)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(playing, after_ms / 1000)
        return pad

    assert run(main).keys == keys
    assert noting.delivery
    assert (noting.delivery.status, noting.delivery.index) == (status, accepted)


def test_a_press_that_ignores_a_cancellation_is_followed_by_no_other() -> None:
    noting = Noting()

    async def main(loop: Time) -> str:
        keys = Keys(loop)

        async def press(key: str) -> None:
            await keys.press(key)
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.1)

        task = asyncio.ensure_future(dtmfdsl.play("press 123", press, clock=loop, watcher=noting, **EXACT))
        loop.call_later(0.25, task.cancel)
        with pytest.raises(asyncio.CancelledError):
            await task
        return keys.keys

    assert run(main) == "12"
    assert noting.delivery
    assert (noting.delivery.status, noting.delivery.index) == (Status.INTERRUPTED, 2)


def test_a_cue_ends_a_wait_when_it_is_heard_and_is_a_pause_where_nobody_listens() -> None:
    script = 'press 1; wait up to 30s for "PIN"; press 2'
    keys, _ = played(script, **EXACT)
    assert keys.onsets == [0, 30_200]
    asked = []

    async def ask(cue: str, left_ms: float) -> None:
        asked.append((cue, round(left_ms)))
        await asyncio.sleep(4)

    keys, _ = played(script, ask=ask, **EXACT)
    assert (keys.onsets, asked) == ([0, 4_200], [("PIN", 30_000)])


@pytest.mark.parametrize(
    "times", [{"tone_ms": 100}, {"gap_ms": 100}, {"tone_ms": 0, "gap_ms": 9}, {"tone_ms": 90.0, "gap_ms": 9}]
)
def test_times_that_cannot_be_are_refused_before_a_key(times: dict[str, Any]) -> None:
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        played("press 1", **times)
    assert [found.code for found in caught.value.diagnostics] == ["bad-duration"]


def test_a_plan_of_longer_strings_is_refused() -> None:
    async def main(loop: Time) -> None:
        await dtmfdsl.play(plan_call("press 12"), Keys(loop).press, clock=loop)

    with pytest.raises(dtmfdsl.DtmfError) as caught:
        run(main)
    assert caught.value.diagnostics[0].code == "other-dialect"


def test_a_journal_that_cannot_be_written_lets_no_key_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[str] = []

    async def press(key: str) -> None:
        keys.append(key)
        if len(keys) == 2:
            monkeypatch.setattr("os.fsync", full)

    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    report = run(lambda loop: dtmfdsl.play("press 123", press, clock=loop, journal=tmp_path / "j", **EXACT))
    assert keys == ["1", "2"]
    assert (report.status, report.accepted) == (Status.INCOMPLETE, 2)
    assert "No space left" in report.reason
    assert report.unrecorded == "accepted"

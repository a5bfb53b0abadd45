"""A delivery in an event loop: its waits are the loop's, and a cancellation forgets nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from lines import KEYS, PATIENCE, FakeClock

import dtmfdsl
from dtmfdsl.sending import Delivery, Kind, Outcome, RealClock, Send, Status, Watcher
from dtmfdsl.testline import TestLine

SPEED = 5_000
SCRIPT = "press 12*; wait 5m; press 456# every 1s; wait 5m; press 78"


@pytest.fixture
def line() -> Iterator[TestLine]:
    with TestLine(speed=SPEED, rate_limit_ms=0) as line:
        yield line


def to(line: TestLine, **more: Any) -> dict[str, Any]:
    return {
        "base_url": line.base_url, "credentials": line.credentials, "clock": RealClock(SPEED), **more,
    }  # fmt: skip


class Noting(Watcher):
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.outcomes: list[Kind] = []
        self.delivery: Delivery | None = None

    def ended(self, action: Send, outcome: Outcome, now_ms: float) -> None:
        self.outcomes.append(outcome.kind)

    def over(self, delivery: Delivery) -> None:
        self.delivery = delivery


def held(reached: threading.Event, gate: threading.Event) -> requests.Session:
    """A session whose answers are held back until the gate opens."""

    def hold(answer: requests.Response, **options: object) -> None:
        reached.set()
        assert gate.wait(PATIENCE)

    session = requests.Session()
    session.hooks["response"] = [hold]
    return session


def test_a_script_arrives_in_order_and_once_while_the_loop_does_other_things(line: TestLine) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def main() -> tuple[dtmfdsl.sending.Report, ...]:
        busy = asyncio.create_task(others())
        reports = await asyncio.gather(*(dtmfdsl.send_async(SCRIPT, f"c-{n}", **to(line)) for n in range(3)))
        busy.cancel()
        return tuple(reports)

    reports = asyncio.run(main())
    assert [report.status for report in reports] == [Status.COMPLETE] * 3
    assert [line.keys(f"c-{n}") for n in range(3)] == [KEYS] * 3
    assert not any(line.collisions(f"c-{n}") for n in range(3))
    assert turns > 3


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_cancellation_while_a_request_is_out_records_it_and_presses_no_more(
    line: TestLine, tmp_path: Path, times: int
) -> None:
    reached, gate, noting = threading.Event(), threading.Event(), Noting()
    path = tmp_path / "j"

    async def main() -> None:
        with held(reached, gate) as session:
            task = asyncio.create_task(
                dtmfdsl.send_async(SCRIPT, "c-1", **to(line, session=session, journal=path, watcher=noting))
            )
            await asyncio.to_thread(reached.wait)
            for _ in range(times):
                task.cancel()
                for _ in range(5):
                    await asyncio.sleep(0)
                assert not task.done()  # it waits for the answer
            gate.set()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(main())
    assert line.keys("c-1") == "12*"
    assert noting.outcomes == [Kind.ACCEPTED]
    assert noting.delivery
    assert (noting.delivery.status, noting.delivery.index) == (Status.INTERRUPTED, 1)
    report = asyncio.run(dtmfdsl.send_async(SCRIPT, "c-1", **to(line, journal=path), resume=True))
    assert report.status is Status.COMPLETE
    assert line.keys("c-1") == KEYS


def test_a_loop_that_ends_waits_for_the_answer_too(line: TestLine, tmp_path: Path) -> None:
    reached, gate, noting = threading.Event(), threading.Event(), Noting()

    async def main() -> None:
        session = held(reached, gate)
        arguments = to(line, session=session, journal=tmp_path / "j", watcher=noting)
        task = asyncio.create_task(dtmfdsl.send_async(SCRIPT, "c-1", **arguments))
        await asyncio.to_thread(reached.wait)
        asyncio.get_running_loop().call_later(0.01, gate.set)
        del task  # and what it was doing is left to asyncio.run

    asyncio.run(main())
    assert noting.outcomes == [Kind.ACCEPTED]
    assert dtmfdsl.send(SCRIPT, "c-1", **to(line, journal=tmp_path / "j"), resume=True).accepted == 3
    assert line.keys("c-1") == KEYS


def test_a_request_that_is_cancelled_before_a_thread_is_free_is_not_made(
    line: TestLine, tmp_path: Path
) -> None:
    gate = threading.Event()

    async def main() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        blocker = asyncio.get_running_loop().run_in_executor(None, gate.wait)
        task = asyncio.create_task(dtmfdsl.send_async(SCRIPT, "c-1", **to(line, journal=tmp_path / "j")))
        for _ in range(5):  # until its request waits for a thread
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        gate.set()
        await blocker
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert not line.requests
    report = dtmfdsl.send(SCRIPT, "c-1", **to(line, journal=tmp_path / "j"), resume=True)
    assert report.status is Status.COMPLETE
    assert line.keys("c-1") == KEYS


def test_a_cancellation_during_a_wait_stops_at_once(line: TestLine) -> None:
    noting = Noting()
    waits = asyncio.Event()
    noting.waiting = lambda until, now: waits.set()  # type: ignore[method-assign]

    async def main() -> None:
        arguments = {**to(line, watcher=noting), "clock": RealClock()}
        task = asyncio.create_task(dtmfdsl.send_async("press 1; wait 90m; press 2", "c-1", **arguments))
        await waits.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert line.keys("c-1") == "1"
    assert noting.delivery
    assert noting.delivery.reason == "interrupted"


def test_a_cue_is_awaited_and_ends_when_it_is_heard(line: TestLine) -> None:
    asked: list[str] = []

    async def ask(cue: str, left_ms: float) -> None:
        asked.append(cue)

    script = 'press 1; wait up to 1000m for "PIN"; press 2'
    report = asyncio.run(dtmfdsl.send_async(script, "c-1", **to(line), ask=ask))
    assert report.status is Status.COMPLETE
    assert asked == ["PIN"]
    first, second = (key.start_ms for key in line.heard("c-1"))
    assert second - first < 1000 * 60_000


def test_the_limit_of_a_cue_ends_it() -> None:
    class Passing(FakeClock):
        """Its time passes when `seconds` is called, which returns a moment."""

        def seconds(self, ms: float) -> float:
            self.ms += ms
            return 0.001

    asked: list[tuple[str, float]] = []

    async def ask(cue: str, left_ms: float) -> None:
        asked.append((cue, left_ms))
        await asyncio.Event().wait()

    clock = Passing()
    with TestLine(clock=clock) as line:
        arguments = {**to(line), "clock": clock}
        script = 'press 1; wait up to 12s for "PIN"; press 2'
        report = asyncio.run(dtmfdsl.send_async(script, "c-1", **arguments, ask=ask))
        assert report.status is Status.COMPLETE
        assert asked == [("PIN", 12_600 - 1_000)]
        assert [key.start_ms for key in line.heard("c-1")] == [0, 12_600]


def test_a_failure_in_the_thread_is_raised_and_leaves_a_doubt(line: TestLine) -> None:
    class Failing(RealClock):
        def wall_ms(self) -> float:
            if line.requests or self.asked:
                raise OSError("no clock")
            self.asked = True
            return super().wall_ms()

        asked = False

    noting = Noting()
    with pytest.raises(OSError, match="no clock"):
        asyncio.run(dtmfdsl.send_async("press 1", "c-1", **{**to(line, watcher=noting), "clock": Failing()}))
    assert noting.delivery
    assert noting.delivery.status is Status.UNKNOWN

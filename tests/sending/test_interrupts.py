"""An interrupt, wherever it falls."""

from __future__ import annotations

import itertools
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import requests
from lines import PLAN, TWO, FakeClock, journal_of, keys_of, sender_to, text_of
from requests.adapters import HTTPAdapter

from dtmfdsl import sending
from dtmfdsl.sending.clock import RealClock
from dtmfdsl.sending.delivery import Delivery
from dtmfdsl.sending.fleet import Fleet, Job
from dtmfdsl.sending.interrupts import ending_is_interrupt, ignore_interrupts
from dtmfdsl.sending.outcomes import Kind, Outcome, Status
from dtmfdsl.sending.pool import run_fleet
from dtmfdsl.testline import TestLine

OURS = str(Path(sending.__file__).parent)


class Interrupt:
    """Sends SIGINT to this process at the `at`-th line of ours that runs, and once more `again` lines later."""

    def __init__(self, at: int, again: int | None = None):
        self.at = {at, at + again} if again else {at}
        self.lines = 0

    def trace(self, frame: FrameType, event: str, argument: object) -> Any:
        if not frame.f_code.co_filename.startswith(OURS):
            return None
        if event == "line":
            self.lines += 1
            if self.lines in self.at:
                os.kill(os.getpid(), signal.SIGINT)
        return self.trace

    @property
    def over(self) -> bool:
        """Whether all of it ran before the signal was due."""
        return self.lines < min(self.at)

    def __enter__(self) -> Interrupt:
        sys.settrace(self.trace)
        return self

    def __exit__(self, *exception: object) -> None:
        sys.settrace(None)


@pytest.mark.parametrize("again", [None, 1, 5])
def test_an_interrupt_at_any_line_of_a_sender_is_reported_truly(
    line: TestLine, clock: FakeClock, tmp_path: Path, again: int | None
) -> None:
    sender = sender_to(line, clock)
    seen = set()
    for at in itertools.count(1):
        call, path = f"c-{at}", tmp_path / str(at)
        interrupt = Interrupt(at, again)
        running = Delivery(TWO)
        with journal_of(path, TWO, call=call) as journal, suppress(KeyboardInterrupt), interrupt:
            sender.run(running, call, journal=journal)
        heard = line.keys(call)
        before = "".join(keys_of(TWO, step) for step in range(running.index))
        match running.status:
            case Status.COMPLETE:
                assert heard == "12345"
            case Status.UNKNOWN:
                assert again
                assert heard in (before, before + keys_of(TWO, running.index))
            case Status.INTERRUPTED | Status.UNDER_WAY:
                assert heard == before
        with journal_of(path, TWO, call=call, resume=True) as journal:
            progress = journal.progress(call)
            assert progress.start.step == running.index
            assert progress.in_doubt == (running.status is Status.UNKNOWN)
        seen.add(running.status)
        if interrupt.over:
            break
    assert seen >= {Status.COMPLETE, Status.INTERRUPTED}
    assert (Status.UNKNOWN in seen) == (again is not None)


@pytest.mark.parametrize("again", [None, 1, 3])
def test_an_interrupt_at_any_line_of_a_fleet_is_reported_truly_and_ends_it(again: int | None) -> None:
    texts = [step.chunk.text for step in TWO.steps]
    for at in itertools.count(1):
        posted: dict[int, list[str]] = {0: [], 1: [], 2: []}

        def post(job: Job, posted: dict[int, list[str]] = posted) -> Outcome:
            posted[job.number].append(text_of(job))
            return Outcome(Kind.ACCEPTED, "accepted")

        running = Fleet([Delivery(TWO) for _ in posted])
        interrupt = Interrupt(at, again)
        with suppress(KeyboardInterrupt), interrupt:
            run_fleet(running, post, RealClock(200_000), workers=2)
        for number, ended in enumerate(running.deliveries):
            assert posted[number] == texts[: len(posted[number])]
            match ended.status:
                case Status.COMPLETE:
                    assert posted[number] == texts
                case Status.UNKNOWN:
                    assert again
                    assert ended.index <= len(posted[number]) <= ended.index + 1
                case _:
                    assert len(posted[number]) == ended.index
        if interrupt.over:
            break


@pytest.mark.parametrize(
    ("interrupts", "status", "index"), [(1, Status.INTERRUPTED, 1), (2, Status.UNKNOWN, 0)]
)
def test_the_first_interrupt_waits_for_the_answer_and_the_second_does_not(
    line: TestLine, clock: FakeClock, tmp_path: Path, interrupts: int, status: Status, index: int
) -> None:
    class Interrupting(HTTPAdapter):
        def send(self, *arguments: Any, **options: Any) -> requests.Response:
            answer = super().send(*arguments, **options)
            for _ in range(interrupts):
                signal.raise_signal(signal.SIGINT)
            return answer

    session = requests.Session()
    session.mount("http://", Interrupting())
    with journal_of(tmp_path / "j") as journal:
        delivery = sender_to(line, clock, session=session).run(Delivery(PLAN), "c-1", journal=journal)
        assert (delivery.status, delivery.index) == (status, index)
        assert journal.progress("c-1").in_doubt == (interrupts == 2)
    assert line.keys("c-1") == "12*"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_another_program_is_left_alone(line: TestLine, clock: FakeClock) -> None:
    heard: list[int] = []
    session = requests.Session()
    session.hooks["response"] = [lambda answer, **options: signal.raise_signal(signal.SIGINT)]
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        delivery = sender_to(line, clock, session=session).run(Delivery(PLAN), "c-1")
    finally:
        signal.signal(signal.SIGINT, before)
    assert delivery.status is Status.COMPLETE
    assert len(heard) == 3


def test_an_ending_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ending_is_interrupt():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is signal.default_int_handler
            ignore_interrupts()
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGHUP, before)

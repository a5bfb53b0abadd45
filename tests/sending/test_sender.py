"""The sender against the test line and everything that it can do wrong: each key once, and in order."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
import requests
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from lines import (
    BANDWIDTH,
    FAULTS,
    KEYS,
    PLAN,
    FakeClock,
    command,
    journal_of,
    keys_of,
    releasing,
    sender_to,
    taken_up,
)
from requests.adapters import HTTPAdapter

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.program import Program
from dtmfdsl.sending.carriers import BANDWIDTH_V1
from dtmfdsl.sending.carriers.bandwidth_v1 import SECRET, TOKEN
from dtmfdsl.sending.clock import RealClock
from dtmfdsl.sending.delivery import Delivery, Send
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.outcomes import Status
from dtmfdsl.sending.plan import make_plan
from dtmfdsl.sending.sender import Watcher
from dtmfdsl.testline import TestLine


def test_a_script_arrives_in_order_on_time_and_once(line: TestLine, clock: FakeClock) -> None:
    delivery = sender_to(line, clock).run(Delivery(PLAN), "c-1")
    assert delivery.status is Status.COMPLETE
    assert line.keys("c-1") == KEYS
    assert not line.collisions("c-1")
    began = [heard.start_ms for heard in line.heard("c-1")]
    # 12*, at most 600 ms a key, and five minutes; 456#, a second between, and five minutes.
    assert began[3] - began[0] == 3 * 600 + 300_000
    assert began[7] - began[3] == 4 * 600 + 3_000 + 300_000


def test_a_wrong_call_id_or_dialect_leaves_no_trace(line: TestLine, clock: FakeClock, tmp_path: Path) -> None:
    vonage = make_plan(dtmfdsl.press("12"), dtmfdsl.get_dialect("vonage"))
    with journal_of(tmp_path / "j") as journal:
        before = (tmp_path / "j").read_bytes()
        for plan, call in ((PLAN, ".."), (vonage, "c-1")):
            with pytest.raises(DtmfError):
                sender_to(line, clock).run(Delivery(plan), call, journal=journal)
    assert (tmp_path / "j").read_bytes() == before
    assert not line.requests


def test_a_session_that_repeats_is_refused(line: TestLine, clock: FakeClock) -> None:
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=2))
    with pytest.raises(DtmfError, match="press keys twice"):
        sender_to(line, clock, session=session)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("then", ["stop", "repeat", "skip"])
def test_the_keys_heard_are_the_scripts_and_none_twice(
    line: TestLine, clock: FakeClock, tmp_path: Path, fault: str, at: int, then: str
) -> None:
    line.misbehave(fault, at=at)
    path = tmp_path / "journal"
    with journal_of(path) as journal:
        delivery = sender_to(line, clock).run(Delivery(PLAN), "c-1", journal=journal)
    heard = line.keys("c-1")
    assert KEYS.startswith(heard)
    accepted = "".join(keys_of(PLAN, step) for step in range(delivery.index))
    if delivery.status is Status.UNKNOWN:
        assert heard in (accepted, accepted + keys_of(PLAN, delivery.index))
    else:
        assert heard == accepted
    if then == "stop":
        return
    with journal_of(path, resume=True) as journal:
        progress = journal.progress("c-1")
        assert progress.start.step == delivery.index
        assert progress.in_doubt == (delivery.status is Status.UNKNOWN)
        if progress.in_doubt:
            # A person has listened to the call, and knows.
            played = heard != accepted
            if (then == "skip") != played:
                return
            journal.decided("c-1", progress.start.step, repeat=not played)
        delivery = sender_to(line, clock).run(taken_up(journal), "c-1", journal=journal)
    assert delivery.status is Status.COMPLETE
    assert line.keys("c-1") == KEYS
    assert not line.collisions("c-1")


@given(
    st.lists(strategies.programs("0123456789ABCD*#", 500, longest=12), min_size=1, max_size=4),
    st.lists(st.sampled_from(FAULTS), max_size=6),
)
@settings(max_examples=60)
def test_any_script_is_heard_once_and_in_order_whatever_the_line_does(
    parts: list[Program], faults: list[str]
) -> None:
    """A person who resumes as long as it takes, and knows what was played, ends with just the script's keys."""
    program = Program()
    for part in parts:
        program = program + part + dtmfdsl.wait("3m")
    plan = make_plan(program, BANDWIDTH)
    keys = "".join(keys_of(plan, step) for step in range(len(plan.steps)))
    clock = FakeClock()
    with releasing(clock, slow_ms=1) as line, tempfile.TemporaryDirectory() as folder:
        for fault in faults:
            line.misbehave(fault)
        sender = sender_to(line, clock)
        path, resume = Path(folder, "j"), False
        while True:
            with journal_of(path, plan, resume=resume) as journal:
                progress = journal.progress("c-1")
                step = progress.start.step
                before = "".join(keys_of(plan, each) for each in range(step))
                assert line.keys("c-1") in (
                    before,
                    before + keys_of(plan, step) if progress.in_doubt else before,
                )
                if progress.in_doubt:
                    journal.decided("c-1", step, repeat=line.keys("c-1") == before)
                running = Delivery(plan, start=progress.start, tries=2)
                sender.run(running, "c-1", journal=journal)
                resume = True
                if running.status is Status.COMPLETE:
                    break
        assert line.keys("c-1") == keys
        assert not line.collisions("c-1")
        sender.session.close()


class Crash(BaseException):
    """The end of a process."""


class Sending(RuleBasedStateMachine):
    """Faults, interrupts, crashes and resumes in any order: the keys heard stay the script's, each at most once."""

    @initialize()
    def begin(self) -> None:
        self.clock = FakeClock()
        self.line = releasing(self.clock, slow_ms=5)
        self.line.start()
        self.sender = sender_to(self.line, self.clock)
        self.folder = Path(os.environ.get("PYTEST_TMP", "/tmp")) / f"dtmfdsl-{os.getpid()}-{id(self)}"
        self.journal: Journal | None = journal_of(self.folder, call="c")
        self.delivery = Delivery(PLAN)

    @rule(fault=st.sampled_from(FAULTS))
    def misbehave(self, fault: str) -> None:
        self.line.misbehave(fault)

    @precondition(lambda self: self.journal is not None)
    @rule(requests=st.integers(1, 4))
    def run(self, requests: int) -> None:
        """Runs until this many requests were made, then Ctrl-C comes."""

        class Impatient(Watcher):
            left = requests

            def sending(self, action: Send) -> None:
                self.left -= 1

            def waiting(self, until_ms: float, now_ms: float) -> None:
                if self.left <= 0:
                    raise KeyboardInterrupt

        self.sender.run(self.delivery, "c", journal=self.journal, watcher=Impatient())

    @precondition(lambda self: self.journal is not None)
    @rule(within=st.booleans())
    def crash(self, within: bool) -> None:
        """The process is gone, perhaps between a request and its record; its journal stays."""
        assert self.journal
        if within:
            gone = self.sender.session.hooks["response"] = [lambda answer, **options: self.die(answer)]
            with suppress(Crash):
                self.sender.run(self.delivery, "c", journal=self.journal)
            gone.clear()
        self.journal.close()
        self.journal = None

    def die(self, answer: requests.Response) -> None:
        """What is written after this is not."""
        assert self.journal
        answer.close()
        self.journal.file.close()
        self.journal.file = open(os.devnull, "rb+")  # noqa: SIM115 - closed as the journal's
        raise Crash

    @precondition(lambda self: self.journal is None)
    @rule()
    def resume(self) -> None:
        self.journal = journal_of(self.folder, resume=True, call="c")
        progress = self.journal.progress("c")
        if progress.in_doubt:
            before = "".join(keys_of(PLAN, each) for each in range(progress.start.step))
            self.journal.decided("c", progress.start.step, repeat=self.line.keys("c") == before)
        self.delivery = taken_up(self.journal, "c")

    @invariant()
    def keys_are_a_prefix(self) -> None:
        if hasattr(self, "line"):
            assert KEYS.startswith(self.line.keys("c"))
            assert not self.line.collisions("c")
            if self.delivery.status is Status.COMPLETE:
                assert self.line.keys("c") == KEYS

    def teardown(self) -> None:
        if hasattr(self, "line"):
            if self.journal:
                self.journal.close()
            self.folder.unlink(missing_ok=True)
            self.sender.session.close()
            self.line.stop()


Sending.TestCase.settings = settings(max_examples=40, stateful_step_count=12, deadline=None)


TestSending = Sending.TestCase


KILLED = """
import os, signal, sys
import dtmfdsl
from dtmfdsl.sending import Credentials, Delivery, RealClock, Sender, journal, make_plan
from dtmfdsl.testline import BANDWIDTH_V1

base, path, lines, when = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
write = journal.Journal._write
written = 0
def die(at):
    if (written, at) == (lines, when):
        os.kill(os.getpid(), signal.SIGKILL)
def counting(self, *entries):
    global written
    written += 1
    die("before")
    write(self, *entries)
    die("after")
journal.Journal._write = counting
script = "press 12*; wait 5m; press 456# every 1s; wait 5m; press 78"
plan = make_plan(dtmfdsl.lower(dtmfdsl.parse(script)), dtmfdsl.get_dialect("bandwidth-v1"))
sender = Sender(Credentials(BANDWIDTH_V1.account), base_url=base, clock=RealClock(2000))
with journal.Journal(path, resume=False) as journal:
    journal.begin({"c-1": plan})
    sender.run(Delivery(plan), "c-1", journal=journal)
"""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("lines", range(1, 8))
def test_a_process_killed_between_any_two_lines_resumes_without_doubling(
    tmp_path: Path, lines: int, when: str
) -> None:
    clock = RealClock(2_000)
    with TestLine(speed=2_000, rate_limit_ms=0) as line:
        path = str(tmp_path / "journal")
        killed = subprocess.run([sys.executable, "-c", KILLED, line.base_url, path, str(lines), when])
        assert killed.returncode == -signal.SIGKILL
        heard = line.keys("c-1")
        if (lines, when) == (1, "before"):
            assert heard == ""
            with pytest.raises(DtmfError, match="nothing was sent"):
                journal_of(path, resume=True)
            return
        with journal_of(path, resume=True) as journal:
            progress = journal.progress("c-1")
            step = progress.start.step
            before = "".join(keys_of(PLAN, each) for each in range(step))
            assert heard in (before, before + (keys_of(PLAN, step) if progress.in_doubt else ""))
            if progress.in_doubt:
                journal.decided("c-1", step, repeat=heard == before)
            sender_to(line, clock).run(taken_up(journal), "c-1", journal=journal)
        assert line.keys("c-1") == KEYS
        assert not line.collisions("c-1")


@pytest.mark.parametrize("fault", ["429", "503-before", "503-after"])
def test_a_repeat_that_is_taken_up_again_waits_for_what_may_still_play(
    line: TestLine, clock: FakeClock, tmp_path: Path, fault: str
) -> None:
    """The keys of a request in doubt may sound while their repeat is refused, stopped and taken up once more."""
    plan = make_plan(dtmfdsl.press("123456789012"), BANDWIDTH)
    line.misbehave("500-after", at=1)
    line.misbehave(fault, at=2)
    sender = sender_to(line, clock)
    with journal_of(tmp_path / "j", plan) as journal:
        sender.run(Delivery(plan), "c-1", journal=journal)
        journal.decided("c-1", 0, repeat=True)
        clock.sleep_ms(1_000)
        sender.run(Delivery(plan, tries=1), "c-1", journal=journal)  # too early, by somebody else
    with journal_of(tmp_path / "j", plan, resume=True) as journal:
        if journal.progress("c-1").in_doubt:
            journal.decided("c-1", 0, repeat=True)
        progress = journal.progress("c-1")
        assert progress.start.may_play
        started = clock.now_ms()
        sender.run(Delivery(plan, start=progress.start), "c-1", journal=journal)
        assert clock.now_ms() - started >= 2 * 12 * 600
        assert not journal.progress("c-1").start.may_play


def test_a_cue_is_asked_for_with_its_limit(line: TestLine, clock: FakeClock) -> None:
    script = 'press 1; wait up to 12s for "enter your PIN"; press 2'
    plan = make_plan(dtmfdsl.lower(dtmfdsl.parse(script)), BANDWIDTH, attended=True)
    asked: list[tuple[str, float]] = []

    def ask(cue: str, left_ms: float) -> None:
        asked.append((cue, left_ms))
        clock.sleep_ms(3_000)

    sender_to(line, clock).run(Delivery(plan), "c-1", ask=ask)
    assert asked == [("enter your PIN", 12_600 - 1_000)]
    assert [heard.start_ms for heard in line.heard("c-1")][1] == line.heard("c-1")[0].start_ms + 4_000
    sender_to(line, clock).run(Delivery(plan), "c-2")  # a cue is a pause
    first, second = (heard.start_ms for heard in line.heard("c-2"))
    assert second - first == 600 + 12_000


def test_the_wall_clock_jumping_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Jumping(FakeClock):
        """Its wall clock jumps by a day whenever time passes."""

        def sleep_ms(self, ms: float) -> None:
            self.wall += 86_400_000
            super().sleep_ms(ms)

    times = []
    for clock in (FakeClock(), Jumping()):
        with TestLine(clock=clock) as line:
            line.misbehave("429", at=2)
            sender_to(line, clock).run(Delivery(PLAN, jitter=Random(7)), "c-1")
            times.append([heard.start_ms for heard in line.heard("c-1")])
            assert line.keys("c-1") == KEYS
    assert times[0] == times[1]
    real = RealClock()
    before = real.now_ms()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert 0 <= real.now_ms() - before < 60_000
    assert real.wall_ms() == 0


def test_the_time_of_a_request_is_taken_off_the_wait_after_it(line: TestLine, clock: FakeClock) -> None:
    class Slow(HTTPAdapter):
        def send(self, *arguments: Any, **options: Any) -> requests.Response:
            answer = super().send(*arguments, **options)
            clock.sleep_ms(340)
            return answer

    session = requests.Session()
    session.mount("http://", Slow())
    sender_to(line, clock, session=session).run(Delivery(PLAN), "c-1")
    began = [heard.start_ms for heard in line.heard("c-1")]
    assert began[3] - began[0] == 3 * 600 + 300_000


def test_each_line_of_the_journal_is_on_disk_before_the_next_step(
    line: TestLine, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    synced = os.fsync

    def fsync(file: int) -> None:
        synced(file)
        happened.append("folder" if stat.S_ISDIR(os.fstat(file).st_mode) else "line")

    session = requests.Session()
    session.hooks["response"] = [lambda answer, **options: happened.append("request")]
    monkeypatch.setattr(os, "fsync", fsync)
    with journal_of(tmp_path / "j") as journal:
        sender_to(line, clock, session=session).run(Delivery(PLAN), "c-1", journal=journal)
    assert happened == ["folder", "line", *["line", "request", "line"] * 3]


def test_a_sender_works_in_any_thread(line: TestLine, clock: FakeClock) -> None:
    with ThreadPoolExecutor(1) as pool:
        delivery = pool.submit(sender_to(line, clock).run, Delivery(PLAN), "c-1").result()
    assert delivery.status is Status.COMPLETE


CANARY = "73914862"


def test_no_object_error_or_log_shows_keys_or_credentials(
    line: TestLine, clock: FakeClock, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(0)
    program = dtmfdsl.compile(
        "secret pin: 8 digits; press $pin #; wait 5m; press 1", values={"pin": CANARY}
    ).program
    plan = make_plan(program, BANDWIDTH)
    for fault in ("echo", "503-echo", "500-after", "reset-after", "429"):
        line.misbehave(fault)
        sender = sender_to(line, clock)
        path = tmp_path / fault
        with journal_of(path, plan) as journal:
            delivery = sender.run(Delivery(plan, tries=1), "c-1", journal=journal)
        shown = [
            sender,
            sender.credentials,
            plan,
            plan.steps,
            delivery,
            delivery.outcomes,
            delivery.reason,
            line,
        ]
        shown += [
            line.requests,
            line.heard("c-1"),
            BANDWIDTH_V1.request(line.base_url, line.credentials, command("c", CANARY)),
        ]
        text = "".join(repr(each) + str(each) for each in shown) + caplog.text + path.read_text()
        for secret in (CANARY, CANARY[:4], CANARY[4:], line.credentials[TOKEN], line.credentials[SECRET]):
            assert secret not in text, (fault, secret)
        clock.sleep_ms(600_000)

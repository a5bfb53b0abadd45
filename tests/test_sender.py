"""The sender over real HTTP, against the test line and everything that it can do wrong."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from requests.adapters import HTTPAdapter

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.cli.line import FastClock
from dtmfdsl.sending.carriers import BANDWIDTH_V1, Credentials
from dtmfdsl.sending.delivery import Delivery, Send
from dtmfdsl.sending.fleet import Fleet, run_fleet
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.outcomes import Kind, Outcome, Status
from dtmfdsl.sending.plan import Plan, make_plan
from dtmfdsl.sending.sender import Clock, Sender, Watcher
from dtmfdsl.sending.testline import Fault, TestLine

BANDWIDTH = dtmfdsl.get_dialect("bandwidth-v1")
KEYS = "12*456#78"
PLAN = make_plan(
    dtmfdsl.lower(dtmfdsl.parse("press 12*; wait 5m; press 456# every 1s; wait 5m; press 78")), BANDWIDTH
)

FAULTS = [fault.value for fault in Fault]
QUICK = [fault for fault in FAULTS if not fault.startswith("no-answer")]
SAFE = ("429",)
"""The faults after which the sender goes on by itself."""


class FakeClock:
    """Time that passes when somebody sleeps, for the sender and the line alike."""

    def __init__(self) -> None:
        self.ms = 1_000.0
        self.wall = 1_700_000_000_000.0

    def now_ms(self) -> float:
        return self.ms

    def wall_ms(self) -> float:
        return self.wall + self.ms

    def seconds(self, ms: float) -> float:
        return 0.0

    def sleep_ms(self, ms: float) -> None:
        self.ms += ms


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def line(clock: FakeClock) -> Iterator[TestLine]:
    with TestLine(clock=clock, slow_ms=50) as line:
        yield line


def sender_to(
    line: TestLine, clock: Clock, fault: str = "", session: requests.Session | None = None
) -> Sender:
    account = Credentials(line.user_id, line.token, line.secret)
    # Only for an answer that never comes is there no use in waiting.
    patience = 0.2 if fault.startswith("no-answer") else 20
    return Sender(account, BANDWIDTH_V1, line.base_url, session or requests.Session(), clock, patience)


def test_a_script_arrives_in_order_on_time_and_once(line: TestLine, clock: FakeClock) -> None:
    delivery = sender_to(line, clock).run(Delivery(PLAN), "c-1")
    assert delivery.status is Status.COMPLETE
    assert line.keys("c-1") == KEYS
    assert not line.collisions("c-1")
    began = [heard.start_ms for heard in line.heard("c-1")]
    # 12*, at most 600 ms a key, and five minutes; 456#, a second between, and five minutes.
    assert began[3] - began[0] == 3 * 600 + 300_000
    assert began[7] - began[3] == 4 * 600 + 3_000 + 300_000


# The wire


def test_the_seven_facts_of_the_wire(line: TestLine, clock: FakeClock) -> None:
    assert sender_to(line, clock).post("c 1/2#x", "007#*,W").kind is Kind.ACCEPTED
    (request,) = line.requests
    assert request.method == "POST"
    assert request.path == f"/v1/users/{line.user_id}/calls/c%201%2F2%23x/dtmf"
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert (
        headers["authorization"]
        == "Basic " + base64.b64encode(f"{line.token}:{line.secret}".encode()).decode()
    )
    assert headers["content-type"] == "application/json"
    assert json.loads(request.body) == {"dtmfOut": "007#*,W"}
    assert line.keys("c 1/2#x") == "007#*"


@pytest.mark.parametrize("call_id", ["", ".", "..", "a\nb", "\0"])
def test_an_id_that_could_lead_elsewhere_is_refused(line: TestLine, clock: FakeClock, call_id: str) -> None:
    with pytest.raises(DtmfError, match="cannot be part"):
        sender_to(line, clock).post(call_id, "1")
    assert not line.requests


def test_a_failure_that_nobody_foresaw_is_a_doubt(line: TestLine, clock: FakeClock) -> None:
    sender = sender_to(line, clock)
    sender.session.hooks["response"] = [lambda answer, **options: 1 / 0]
    assert sender.post("c-1", "12") == Outcome(Kind.UNKNOWN, "the sender failed (ZeroDivisionError)")
    assert line.keys("c-1") == "12"


def test_a_session_that_repeats_is_refused(line: TestLine, clock: FakeClock) -> None:
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=2))
    with pytest.raises(DtmfError, match="press keys twice"):
        sender_to(line, clock, session=session)


def test_certificates_are_checked_whatever_the_session_says(line: TestLine, clock: FakeClock) -> None:
    session = requests.Session()
    session.verify = False
    seen: list[object] = []
    session.request = lambda *args, **options: (
        seen.append(options["verify"]) or requests.Session.request(session, *args, **options)
    )  # type: ignore[method-assign, func-returns-value, assignment]
    sender_to(line, clock, session=session).post("c-1", "1")
    assert seen == [True]


def test_credentials_do_not_follow_a_redirect(line: TestLine, clock: FakeClock) -> None:
    line.misbehave("redirect")
    assert sender_to(line, clock).post("c-1", "12").kind is Kind.REFUSED
    assert len(line.requests) == 1


# What is known after a request


@pytest.mark.parametrize("fault", FAULTS)
def test_what_the_sender_says_of_a_request_is_true(line: TestLine, clock: FakeClock, fault: str) -> None:
    line.misbehave(fault)
    outcome = sender_to(line, clock, fault).post("c-1", "12")
    heard = line.keys("c-1")
    line.release()
    match outcome.kind:
        case Kind.ACCEPTED:
            assert heard == "12"
        case Kind.NOT_EXECUTED:
            assert heard == ""
        case Kind.REFUSED:
            assert heard == ""
        case Kind.UNKNOWN:
            assert fault not in SAFE
    assert (outcome.kind is Kind.NOT_EXECUTED) == (fault in SAFE)
    assert "12" not in outcome.reason


def test_where_nobody_listens_nothing_was_executed(clock: FakeClock) -> None:
    with TestLine(clock=clock) as line:
        sender = sender_to(line, clock)
    assert sender.post("c-1", "12").kind is Kind.NOT_EXECUTED
    assert (
        Sender(Credentials("u", "t", "s"), base_url="http://no-such-host.invalid", clock=clock)
        .post("c", "1")
        .kind
        is Kind.NOT_EXECUTED
    )
    for url in ("nonsense", "ftp://x", "http://"):
        assert (
            Sender(Credentials("u", "t", "s"), base_url=url, clock=clock).post("c", "1").kind is Kind.REFUSED
        )


def test_a_reset_in_milliseconds_and_in_seconds_are_told_apart() -> None:
    for header, wait in (
        ("1700000002500", 2_500),
        ("1700000003", 3_000),
        ("1699999999", 0),
        ("17000000025000", 120_000),
        ("soon", None),
    ):
        outcome = BANDWIDTH_V1.outcome(429, {"X-RateLimit-Reset": header}, b"", 1_700_000_000_000)
        assert outcome == Outcome(Kind.NOT_EXECUTED, "too many requests", wait)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"code": 7}', b'{"code": "1234 5678"}', b"\xff", b'{"message": "7391"}']
)
@pytest.mark.parametrize(
    "status", [200, 202, 302, 400, 401, 403, 404, 408, 409, 415, 429, 500, 502, 503, 504, 599]
)
def test_any_answer_is_read_without_repeating_it(status: int, body: bytes) -> None:
    outcome = BANDWIDTH_V1.outcome(status, {}, body, 0)
    assert "7391" not in outcome.reason
    assert "1234" not in outcome.reason
    if outcome.kind is Kind.NOT_EXECUTED:
        assert status == 429


# Every fault, at every chunk, with and without resume


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("then", ["stop", "repeat", "skip"])
def test_the_keys_heard_are_the_scripts_and_none_twice(
    line: TestLine, clock: FakeClock, tmp_path: Path, fault: str, at: int, then: str
) -> None:
    line.misbehave(fault, at=at)
    path = str(tmp_path / "journal")
    journal = Journal(path, PLAN, "c-1", resume=False)
    delivery = sender_to(line, clock, fault).run(Delivery(PLAN), "c-1", journal=journal)
    journal.close()
    heard = line.keys("c-1")
    assert KEYS.startswith(heard)
    accepted = "".join(keys_of(PLAN, step) for step in range(delivery.index))
    if delivery.status is Status.UNKNOWN:
        assert heard in (accepted, accepted + keys_of(PLAN, delivery.index))
    else:
        assert heard == accepted
    if then == "stop":
        return
    journal = Journal(path, PLAN, "c-1", resume=True)
    assert journal.progress.next_step == delivery.index
    assert journal.progress.in_doubt == (delivery.status is Status.UNKNOWN)
    first = journal.progress.next_step
    if journal.progress.in_doubt:
        # A person has listened to the call, and knows.
        played = heard != accepted
        if (then == "skip") != played:
            journal.close()
            return
        journal.decided(first, repeat=not played)
        first += played
    clock.sleep_ms(60_000)
    delivery = sender_to(line, clock).run(Delivery(PLAN, first=first), "c-1", journal=journal)
    journal.close()
    assert delivery.status is Status.COMPLETE
    assert line.keys("c-1") == KEYS
    assert not line.collisions("c-1")


def keys_of(plan: Plan, step: int) -> str:
    return "".join(key for key in plan.steps[step].chunk.text if key in BANDWIDTH.keys)


class Sending(RuleBasedStateMachine):
    """Faults, interrupts, crashes and resumes in any order: the keys heard stay the script's, each at most once."""

    @initialize()
    def begin(self) -> None:
        self.clock = FakeClock()
        self.line = TestLine(clock=self.clock, slow_ms=5)
        self.line.start()
        self.sender = sender_to(self.line, self.clock)
        self.folder = Path(os.environ.get("PYTEST_TMP", "/tmp")) / f"dtmfdsl-{os.getpid()}-{id(self)}"
        self.journal: Journal | None = Journal(str(self.folder), PLAN, "c", resume=False)
        self.delivery = Delivery(PLAN)

    @rule(fault=st.sampled_from(QUICK))
    def misbehave(self, fault: str) -> None:
        self.line.misbehave(fault)

    @precondition(lambda self: self.journal is not None)
    @rule(requests=st.integers(1, 4))
    def run(self, requests: int) -> None:
        """Runs until so many requests were made, then somebody presses Ctrl-C."""

        class Impatient(Watcher):
            left = requests

            def sending(self, action: Send) -> None:
                self.left -= 1

            def waiting(self, until_ms: float, now_ms: float) -> None:
                if self.left <= 0:
                    raise KeyboardInterrupt

        self.sender.run(self.delivery, "c", journal=self.journal, watcher=Impatient())

    @precondition(lambda self: self.journal is not None)
    @rule()
    def crash(self) -> None:
        """The process is gone; its journal stays."""
        assert self.journal
        self.journal.close()
        self.journal = None

    @precondition(lambda self: self.journal is None)
    @rule()
    def resume(self) -> None:
        self.journal = Journal(str(self.folder), PLAN, "c", resume=True)
        step = self.journal.progress.next_step
        if self.journal.progress.in_doubt:
            before = "".join(keys_of(PLAN, each) for each in range(step))
            played = self.line.keys("c") != before
            self.journal.decided(step, repeat=not played)
            step += played
        self.clock.sleep_ms(60_000)
        self.delivery = Delivery(PLAN, first=step)

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


# A killed process


KILLED = """
import os, signal, sys
import dtmfdsl
from dtmfdsl.sending import journal
from dtmfdsl.sending.carriers import BANDWIDTH_V1, Credentials
from dtmfdsl.sending.delivery import Delivery
from dtmfdsl.sending.plan import make_plan
from dtmfdsl.sending.sender import RealClock, Sender

class Fast(RealClock):
    def now_ms(self): return super().now_ms() * 2000
    def seconds(self, ms): return super().seconds(ms) / 2000

base, path, lines = sys.argv[1], sys.argv[2], int(sys.argv[3])
write = journal.Journal._write
written = 0
def counting(self, entry):
    global written
    write(self, entry)
    written += 1
    if written == lines:
        os.kill(os.getpid(), signal.SIGKILL)
journal.Journal._write = counting
script = "press 12*; wait 5m; press 456# every 1s; wait 5m; press 78"
plan = make_plan(dtmfdsl.lower(dtmfdsl.parse(script)), dtmfdsl.get_dialect("bandwidth-v1"))
sender = Sender(Credentials("u-test", "t-test", "s-test"), BANDWIDTH_V1, base, clock=Fast())
sender.run(Delivery(plan), "c-1", journal=journal.Journal(path, plan, "c-1", resume=False))
"""


@pytest.mark.parametrize("lines", range(1, 8))
def test_a_process_killed_between_any_two_lines_resumes_without_doubling(tmp_path: Path, lines: int) -> None:
    clock = FastClock(2_000)
    with TestLine(speed=2_000, rate_limit_ms=0) as line:
        path = str(tmp_path / "journal")
        killed = subprocess.run([sys.executable, "-c", KILLED, line.base_url, path, str(lines)])
        assert killed.returncode == -signal.SIGKILL
        heard = line.keys("c-1")
        journal = Journal(path, PLAN, "c-1", resume=True)
        step = journal.progress.next_step
        before = "".join(keys_of(PLAN, each) for each in range(step))
        assert heard in (before, before + (keys_of(PLAN, step) if journal.progress.in_doubt else ""))
        if journal.progress.in_doubt:
            journal.decided(step, repeat=heard == before)
            step += heard != before
        clock.sleep_ms(60_000)
        sender_to(line, clock).run(Delivery(PLAN, first=step), "c-1", journal=journal)
        journal.close()
        assert line.keys("c-1") == KEYS


def test_an_interrupt_during_a_request_leaves_it_in_doubt(
    line: TestLine, clock: FakeClock, tmp_path: Path
) -> None:
    class Interrupting(Watcher):
        def sending(self, action: Send) -> None:
            raise KeyboardInterrupt

    journal = Journal(str(tmp_path / "j"), PLAN, "c-1", resume=False)
    delivery = sender_to(line, clock).run(Delivery(PLAN), "c-1", journal=journal, watcher=Interrupting())
    journal.close()
    assert delivery.status is Status.UNKNOWN
    journal = Journal(str(tmp_path / "j"), PLAN, "c-1", resume=True)
    journal.close()
    assert journal.progress.in_doubt


# Cues and time


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


def test_the_wall_clock_jumping_changes_nothing(line: TestLine) -> None:
    class Jumping(FakeClock):
        def wall_ms(self) -> float:
            self.wall = -self.wall
            return super().wall_ms()

    times = []
    for clock in (FakeClock(), Jumping()):
        with TestLine(clock=clock) as line:
            sender_to(line, clock).run(Delivery(PLAN), "c-1")
            times.append([heard.start_ms for heard in line.heard("c-1")])
    assert times[0] == times[1]


# Many


def test_two_hundred_calls_over_http() -> None:
    program = dtmfdsl.lower(dtmfdsl.parse("press 1; wait 5m; press 23"))
    plan = make_plan(program, BANDWIDTH)
    clock = FastClock(3_000)
    with TestLine(speed=3_000) as line, requests.Session() as session:
        session.mount("http://", HTTPAdapter(pool_maxsize=16))
        account = Credentials(line.user_id, line.token, line.secret)
        sender = Sender(account, BANDWIDTH_V1, line.base_url, session, clock)
        fleet = Fleet([Delivery(plan) for _ in range(200)])
        line.misbehave("close-after", call_id="c-7")
        run_fleet(fleet, lambda number, text: sender.post(f"c-{number}", text), clock, workers=16)
        statuses = [delivery.status for delivery in fleet.deliveries]
        assert statuses[7] is Status.UNKNOWN
        assert statuses.count(Status.COMPLETE) == 199
        assert all(line.keys(f"c-{number}") == "123" for number in range(200) if number != 7)
        assert not any(line.collisions(f"c-{number}") for number in range(200))


def test_one_bad_post_stops_no_other_call() -> None:
    plan = make_plan(dtmfdsl.press("1"), BANDWIDTH)
    fleet = Fleet([Delivery(plan) for _ in range(3)])

    def post(number: int, text: str) -> Outcome:
        if number == 1:
            raise RuntimeError("a bug")
        return Outcome(Kind.ACCEPTED, "accepted")

    run_fleet(fleet, post, FastClock(10_000), workers=2)
    assert [delivery.status for delivery in fleet.deliveries] == [
        Status.COMPLETE,
        Status.UNKNOWN,
        Status.COMPLETE,
    ]


# Nothing shows


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
        journal = Journal(str(path), plan, "c-1", resume=False)
        delivery = sender.run(Delivery(plan, tries=1), "c-1", journal=journal)
        journal.close()
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
        shown += [line.requests, line.heard("c-1"), BANDWIDTH_V1.request(line.base_url, "u", "c", CANARY)]
        text = "".join(repr(each) + str(each) for each in shown) + caplog.text + path.read_text()
        for secret in (CANARY, CANARY[:4], CANARY[4:], line.token, line.secret):
            assert secret not in text, (fault, secret)
        clock.sleep_ms(600_000)

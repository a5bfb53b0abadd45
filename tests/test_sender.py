"""The sender over real HTTP, against the test line and everything that it can do wrong."""

from __future__ import annotations

import base64
import itertools
import json
import os
import signal
import socket
import ssl
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import attrs
import pytest
import requests
import strategies
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from requests.adapters import HTTPAdapter

import dtmfdsl
from dtmfdsl import DtmfError, sending
from dtmfdsl.program import Program
from dtmfdsl.sending.carriers import BANDWIDTH_V1, Credentials
from dtmfdsl.sending.clock import Clock, RealClock
from dtmfdsl.sending.delivery import Delivery, Send
from dtmfdsl.sending.fleet import Fleet, Job, run_fleet
from dtmfdsl.sending.interrupts import deafen, ending_is_interrupt
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.outcomes import Kind, Outcome, Status
from dtmfdsl.sending.plan import Plan, make_plan
from dtmfdsl.sending.sender import Sender, Watcher, make_session
from dtmfdsl.testline.line import Fault, TestLine

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
    line: TestLine,
    clock: Clock,
    fault: str = "",
    session: requests.Session | None = None,
    base_url: str | None = None,
) -> Sender:
    account = Credentials(line.user_id, line.token, line.secret)
    # Only for an answer that never comes is there no use in waiting.
    patience = 0.2 if fault.startswith("no-answer") else 20
    return Sender(
        account, BANDWIDTH_V1, base_url or line.base_url, session or requests.Session(), clock, patience
    )


def journal_of(path: str | Path, plan: Plan = PLAN, *, resume: bool = False, call: str = "c-1") -> Journal:
    journal = Journal(str(path), resume=resume)
    journal.begin({call: plan})
    return journal


def taken_up(journal: Journal, call: str = "c-1") -> Delivery:
    """The delivery that goes on where a journal stops, once its doubts are settled."""
    progress = journal.progress(call)
    return Delivery(PLAN, start=progress.start)


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


def test_a_user_id_is_escaped_or_refused_too(line: TestLine, clock: FakeClock) -> None:
    line.user_id = "u/1 ü"
    assert sender_to(line, clock).post("c-1", "1").kind is Kind.ACCEPTED
    assert line.requests[0].path == "/v1/users/u%2F1%20%C3%BC/calls/c-1/dtmf"
    with pytest.raises(DtmfError, match="cannot be part"):
        Sender(Credentials("..", "t", "s"))


def test_credentials_are_utf_8(line: TestLine, clock: FakeClock) -> None:
    line.token, line.secret = "t-ü", "s-€"
    assert sender_to(line, clock).post("c-1", "1").kind is Kind.ACCEPTED


def test_a_wrong_call_id_or_dialect_leaves_no_trace(line: TestLine, clock: FakeClock, tmp_path: Path) -> None:
    vonage = make_plan(dtmfdsl.press("12"), dtmfdsl.get_dialect("vonage"))
    with journal_of(tmp_path / "j") as journal:
        before = (tmp_path / "j").read_bytes()
        for plan, call in ((PLAN, ".."), (vonage, "c-1")):
            with pytest.raises(DtmfError):
                sender_to(line, clock).run(Delivery(plan), call, journal=journal)
    assert (tmp_path / "j").read_bytes() == before
    assert not line.requests


def test_a_connection_is_kept_alive_through_long_waits(line: TestLine, clock: FakeClock) -> None:
    with make_session(line.base_url) as session:
        sender = sender_to(line, clock, session=session)
        for _ in range(3):
            assert sender.post("c-1", "1").kind is Kind.ACCEPTED
            clock.sleep_ms(60_000)
        (pool,) = session.get_adapter(line.base_url).poolmanager.pools._container.values()
        connection = pool._get_conn()
        assert (pool.num_connections, pool.num_requests) == (1, 3)
        assert connection.sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        if hasattr(socket, "TCP_KEEPIDLE"):
            assert connection.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 15
        connection.close()


def test_the_environments_proxy_is_asked_and_nothing_else_of_it(
    line: TestLine, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("default login wrong password wrong")
    monkeypatch.setenv("HOME", str(tmp_path))
    with Relay(line) as proxy:
        monkeypatch.setenv("http_proxy", f"http://{proxy.address}")
        monkeypatch.delenv("no_proxy", raising=False)
        with make_session(line.base_url) as session:
            assert sender_to(line, clock, session=session).post("c-1", "12").kind is Kind.ACCEPTED
    assert line.requests[0].headers.get("Host") == line.base_url.removeprefix("http://")
    assert proxy.served == 1


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


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("error", [requests.ConnectionError, requests.ReadTimeout, RuntimeError])
def test_the_text_of_an_error_is_not_shown(
    line: TestLine, clock: FakeClock, error: type[Exception], asked: bool
) -> None:
    class Failing(HTTPAdapter):
        def send(self, request: requests.PreparedRequest, *rest: Any, **options: Any) -> requests.Response:
            body = b"".join(request.body) if asked else request.body.content
            raise error(f"sent {body!r}")

    session = requests.Session()
    session.mount("http://", Failing())
    outcome = sender_to(line, clock, session=session).post("c-1", "7391")
    assert (outcome.kind is Kind.UNKNOWN) == asked
    assert error is not requests.ReadTimeout or not asked or outcome.reason == "no answer in time"
    assert "7391" not in repr(outcome)


@pytest.mark.parametrize("trusted", [False, True])
@pytest.mark.parametrize("verify", [None, False])
def test_certificates_are_checked_whatever_the_session_says(
    line: TestLine,
    clock: FakeClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trusted: bool,
    verify: bool | None,
) -> None:
    authority = trustme.CA()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    (authority if trusted else trustme.CA()).cert_pem.write_to_path(tmp_path / "authority.pem")
    if verify is False:  # and there is nothing that it could be trusted by
        monkeypatch.delenv("REQUESTS_CA_BUNDLE")
        trusted = False
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with Relay(line, context) as relay:
        session = make_session(relay.base_url)
        if verify is not None:
            session.verify, session.trust_env = verify, True
        outcome = sender_to(line, clock, session=session, base_url=relay.base_url).post("c-1", "12")
    assert outcome.kind is (Kind.ACCEPTED if trusted else Kind.REFUSED)
    assert line.keys("c-1") == ("12" if trusted else "")


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
    for url in (
        "nonsense",
        "ftp://x",
        "http://",
        "http://:pw@h",
        "http://h?",
        "http://h/#f",
        "http://h:99999",
        "http://h\\x",
        "http://h/a b",
        "http://h/\nx",
    ):
        with pytest.raises(DtmfError, match="bad-address"):
            Sender(Credentials("u", "t", "s"), base_url=url, clock=clock)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("200 OK\r\nContent-Length: 100", Kind.ACCEPTED), ("200 OK\r\nTransfer-Encoding: chunked", Kind.ACCEPTED),
        ("202 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3", Kind.ACCEPTED),
        ("429 No\r\nContent-Length: 100", Kind.NOT_EXECUTED), ("404 No\r\nContent-Length: 100", Kind.REFUSED),
        ('503 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{"\r\n19\r\ncode":"call-unavailable"}\r\n0\r\n', Kind.REFUSED),
        ("503 No\r\nContent-Length: 100", Kind.UNKNOWN), ("307 No\r\nLocation: /x\r\nContent-Length: 9", Kind.REFUSED),
    ],
)  # fmt: skip
def test_a_status_counts_even_if_what_comes_after_it_breaks_off(
    line: TestLine, clock: FakeClock, head: str, kind: Kind
) -> None:
    with Relay(line, answer=f"HTTP/1.1 {head}\r\n\r\nabc".encode()) as relay:
        assert sender_to(line, clock, base_url=relay.base_url).post("c-1", "12").kind is kind


class Relay:
    """A server on loopback that hands on to the test line what it gets: with TLS, or as a proxy does, or badly."""

    def __init__(
        self,
        line: TestLine,
        context: ssl.SSLContext | None = None,
        *,
        loses: bool = False,
        answer: bytes | None = None,
    ):
        self.line, self.context, self.loses, self.answer = line, context, loses, answer
        self.served = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.base_url = f"http{'s' if context else ''}://{self.address}"
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self) -> Relay:
        self.thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.socket.accept()
                with client, suppress(OSError):
                    if self.context:
                        with self.context.wrap_socket(client, server_side=True) as secure:
                            self.hand_on(secure)
                    else:
                        self.hand_on(client)

    def hand_on(self, client: socket.socket) -> None:
        request = b""
        while b'"}' not in request and (more := client.recv(4096)):
            request += more
        if request.startswith(b"CONNECT"):
            client.sendall(b"HTTP/1.1 403 No\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", self.line.port)) as server:
            server.sendall(request.replace(b"POST " + self.line.base_url.encode(), b"POST ", 1))
            answer = self.answer or server.recv(4096)
        self.served += 1
        if self.loses:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            client.sendall(answer)


@pytest.mark.parametrize("loses", [False, True])
def test_a_proxy_that_loses_the_answer_leaves_a_doubt(line: TestLine, clock: FakeClock, loses: bool) -> None:
    """urllib3 tells of a proxy that cannot be reached, though the request had gone through it."""
    with Relay(line, loses=loses) as proxy:
        session = make_session(line.base_url)
        session.proxies = {"http": f"http://{proxy.address}"}
        outcome = sender_to(line, clock, session=session).post("c-1", "12")
    assert outcome.kind is (Kind.UNKNOWN if loses else Kind.ACCEPTED)
    assert line.keys("c-1") == "12"


def dead_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("way", ["no tls", "dead proxy", "dead proxy for tls", "proxy that refuses"])
def test_what_never_left_was_certainly_not_executed(line: TestLine, clock: FakeClock, way: str) -> None:
    session = make_session(line.base_url)
    url = line.base_url
    with Relay(line) as proxy:
        match way:
            case "no tls":
                url = url.replace("http:", "https:")
            case "dead proxy":
                session.proxies = {"http": f"http://{dead_address()}"}
            case "dead proxy for tls":
                session.proxies = {"https": f"http://{dead_address()}"}
                url = url.replace("http:", "https:")
            case "proxy that refuses":
                session.proxies = {"https": f"http://{proxy.address}"}
                url = url.replace("http:", "https:")
        outcome = sender_to(line, clock, session=session, base_url=url).post("c-1", "12")
    assert outcome.kind is Kind.NOT_EXECUTED, outcome
    assert line.keys("c-1") == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"verify": "/nowhere/at/all"}, "certificates"),
        ({"proxies": {"https": "foo:bar"}}, "the proxy's"),
        ({"auth": "wrong"}, None),
    ],
)
def test_what_cannot_be_sent_at_all_is_refused_and_not_tried_again(
    line: TestLine, clock: FakeClock, change: dict[str, Any], said: str | None
) -> None:
    session = make_session(line.base_url)
    for name, value in change.items():
        setattr(session, name, value)
    url = line.base_url.replace("http:", "https:") if said else "http://a..b"
    outcome = sender_to(line, clock, session=session, base_url=url).post("c-1", "12")
    assert outcome.kind is Kind.REFUSED
    assert (said or "not an address") in outcome.reason


def test_a_reset_in_milliseconds_and_in_seconds_are_told_apart() -> None:
    for header, wait in (
        ("1700000002500", 2_500),
        ("1700000003", 3_000),
        ("1699999999", 0),
        ("17000000025000", 120_000),
        ("999999999999", 0),  # twelve digits are milliseconds
        ("soon", None),
    ):
        outcome = BANDWIDTH_V1.outcome(429, {"X-RateLimit-Reset": header}, b"", 1_700_000_000_000)
        assert outcome == Outcome(Kind.NOT_EXECUTED, "too many requests", wait, too_many=True)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, "accepted"), (201, "accepted"), (202, "accepted"), (204, "accepted"), (300, "unknown"), (302, "unknown"),
        (303, "unknown"), (307, "refused"), (308, "refused"), (400, "refused"), (401, "refused"), (404, "refused"),
        (408, "unknown"), (409, "refused"), (413, "refused"), (429, "not executed"), (500, "unknown"), (504, "unknown"),
    ],
)  # fmt: skip
def test_what_each_status_means(status: int, kind: str) -> None:
    assert BANDWIDTH_V1.outcome(status, {}, b"", 0).kind == kind


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
    path = tmp_path / "journal"
    with journal_of(path) as journal:
        delivery = sender_to(line, clock, fault).run(Delivery(PLAN), "c-1", journal=journal)
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


def keys_of(plan: Plan, step: int) -> str:
    return "".join(key for key in plan.steps[step].chunk.text if key in BANDWIDTH.keys)


@given(
    st.lists(strategies.programs("0123456789ABCD*#", 500, longest=12), min_size=1, max_size=4),
    st.lists(st.sampled_from(QUICK), max_size=6),
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
    with TestLine(clock=clock, slow_ms=1) as line, tempfile.TemporaryDirectory() as folder:
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
        self.line = TestLine(clock=self.clock, slow_ms=5)
        self.line.start()
        self.sender = attrs.evolve(sender_to(self.line, self.clock), answer_seconds=0.1)
        self.folder = Path(os.environ.get("PYTEST_TMP", "/tmp")) / f"dtmfdsl-{os.getpid()}-{id(self)}"
        self.journal: Journal | None = journal_of(self.folder, call="c")
        self.delivery = Delivery(PLAN)

    @rule(fault=st.sampled_from(FAULTS))
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


# A killed process


KILLED = """
import os, signal, sys
import dtmfdsl
from dtmfdsl.sending import journal
from dtmfdsl.sending.carriers import BANDWIDTH_V1, Credentials
from dtmfdsl.sending.delivery import Delivery
from dtmfdsl.sending.plan import make_plan
from dtmfdsl.sending.clock import RealClock
from dtmfdsl.sending.sender import Sender

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
sender = Sender(Credentials("u-test", "t-test", "s-test"), BANDWIDTH_V1, base, clock=RealClock(2000))
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


# An interrupt, wherever it falls


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


TWO = make_plan(dtmfdsl.lower(dtmfdsl.parse("press 12; wait 5m; press 345")), BANDWIDTH)


@pytest.mark.parametrize("again", [None, 1, 5])
def test_an_interrupt_at_any_line_of_a_sender_is_told_truly(
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
def test_an_interrupt_at_any_line_of_a_fleet_is_told_truly_and_ends_it(again: int | None) -> None:
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


def test_a_handler_of_somebody_elses_is_left_alone(line: TestLine, clock: FakeClock) -> None:
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
    sender_to(line, clock).run(Delivery(plan), "c-2")  # nobody is asked
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


# Many


def text_of(job: Job) -> str:
    return job.action.step.chunk.text


def test_two_hundred_calls_over_http() -> None:
    program = dtmfdsl.lower(dtmfdsl.parse("press 1; wait 5m; press 23"))
    plan = make_plan(program, BANDWIDTH)
    clock = RealClock(3_000)
    with TestLine(speed=3_000) as line, requests.Session() as session:
        session.mount("http://", HTTPAdapter(pool_maxsize=16))
        account = Credentials(line.user_id, line.token, line.secret)
        sender = Sender(account, BANDWIDTH_V1, line.base_url, session, clock)
        fleet = Fleet([Delivery(plan) for _ in range(200)])
        line.misbehave("close-after", call_id="c-7")
        run_fleet(fleet, lambda job: sender.post(f"c-{job.number}", text_of(job)), clock, workers=16)
        statuses = [delivery.status for delivery in fleet.deliveries]
        assert statuses[7] is Status.UNKNOWN
        assert statuses.count(Status.COMPLETE) == 199
        assert all(line.keys(f"c-{number}") == "123" for number in range(200) if number != 7)
        assert not any(line.collisions(f"c-{number}") for number in range(200))


def test_no_more_workers_post_at_once_than_there_are_and_each_end_is_told() -> None:
    plan = make_plan(dtmfdsl.lower(dtmfdsl.parse("press 1; wait 5m; press 2")), BANDWIDTH)
    clock = RealClock(10_000)
    both = threading.Barrier(2, timeout=60)
    under_way = most = 0
    lock = threading.Lock()
    told: list[int] = []

    def post(job: Job) -> Outcome:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        both.wait()
        with lock:
            under_way -= 1
        return Outcome(Kind.ACCEPTED, "accepted")

    run_fleet(Fleet([Delivery(plan) for _ in range(6)]), post, clock, workers=2, ended=told.append)
    assert most == 2
    assert sorted(told) == sorted([*range(6)] * 2)


def test_a_limit_for_all_calls_together_is_kept_once_it_is_known() -> None:
    """An account that may make one request a second, whatever the call: all get through, within their tries."""
    with TestLine(speed=200, shared_limit=True) as line, make_session(line.base_url, 8) as session:
        clock = RealClock(200)
        sender = sender_to(line, clock, session=session)
        fleet = Fleet([Delivery(TWO) for _ in range(12)])
        run_fleet(fleet, lambda job: sender.post(f"c-{job.number}", text_of(job)), clock, workers=8)
        assert all(delivery.status is Status.COMPLETE for delivery in fleet.deliveries)
        assert all(line.keys(f"c-{number}") == "12345" for number in range(12))
        assert 1 <= sum(request.status == 429 for request in line.requests) <= 16


def test_after_an_interrupt_no_request_is_begun_and_the_second_leaves_those_on_their_way_unknown() -> None:
    posted: list[int] = []

    def post(job: Job) -> Outcome:
        posted.append(job.number)
        if job.number == 1:
            for _ in range(interrupts):
                hear = signal.getsignal(signal.SIGINT)
                assert callable(hear)
                hear(signal.SIGINT, None)
            silent.wait(60 if interrupts == 2 else 0)
        return Outcome(Kind.ACCEPTED, "accepted")

    for interrupts in (1, 2):
        posted.clear()
        silent = threading.Event()
        fleet = Fleet([Delivery(TWO) for _ in range(3)])
        run_fleet(fleet, post, RealClock(100_000_000), workers=1)
        statuses = [delivery.status for delivery in fleet.deliveries]
        assert 2 not in posted
        assert statuses[1] is (Status.UNKNOWN if interrupts == 2 else Status.INTERRUPTED)
        assert statuses[2] is Status.INTERRUPTED
        assert fleet.next(9e12) is None
        assert fleet.finished
        silent.set()


def test_a_sender_works_in_any_thread(line: TestLine, clock: FakeClock) -> None:
    with ThreadPoolExecutor(1) as pool:
        delivery = pool.submit(sender_to(line, clock).run, Delivery(PLAN), "c-1").result()
    assert delivery.status is Status.COMPLETE


def test_an_ending_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ending_is_interrupt():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is signal.default_int_handler
            deafen()
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGHUP, before)


def test_one_bad_post_stops_no_other_call() -> None:
    plan = make_plan(dtmfdsl.press("1"), BANDWIDTH)
    fleet = Fleet([Delivery(plan) for _ in range(3)])

    def post(job: Job) -> Outcome:
        if job.number == 1:
            raise RuntimeError("a bug")
        return Outcome(Kind.ACCEPTED, "accepted")

    run_fleet(fleet, post, RealClock(10_000), workers=2)
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
        shown += [line.requests, line.heard("c-1"), BANDWIDTH_V1.request(line.base_url, "u", "c", CANARY)]
        text = "".join(repr(each) + str(each) for each in shown) + caplog.text + path.read_text()
        for secret in (CANARY, CANARY[:4], CANARY[4:], line.token, line.secret):
            assert secret not in text, (fault, secret)
        clock.sleep_ms(600_000)

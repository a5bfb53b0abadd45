"""Answers that come late, by the byte, without end, or for another request: for one call, and for a fleet."""

from __future__ import annotations

import http.client
import logging
import os
import signal
from collections.abc import Callable
from typing import Any

import attrs
import pytest
import requests
from lines import ACCOUNT, PLAN, FakeClock, command, plan_of
from raw import ECHO, NO, YES, Answer, Endless, Later, RawServer, plain
from requests.adapters import HTTPAdapter

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.sending.carriers import BANDWIDTH_V1, Request
from dtmfdsl.sending.connections import BODY_SECONDS, Adapter
from dtmfdsl.sending.delivery import Delivery
from dtmfdsl.sending.fleet import Fleet
from dtmfdsl.sending.http import make_session
from dtmfdsl.sending.outcomes import Kind, Outcome, Status
from dtmfdsl.sending.pool import run_fleet
from dtmfdsl.sending.sender import Sender
from dtmfdsl.testline import TestLine

SHORT = 0.2
"""Seconds to wait for an answer that never ends. However slow the machine is, it never has."""


class LeapingClock(FakeClock):
    """Time that leaps over each wait of a fleet."""

    def seconds(self, ms: float) -> float:
        self.ms += max(ms, 0)
        return 0.0


def sender_of(server: RawServer, *, short: bool = False, session: requests.Session | None = None) -> Sender:
    return Sender(
        ACCOUNT,
        base_url=server.base_url,
        session=session or make_session(server.base_url),
        clock=LeapingClock(),
        answer_seconds=SHORT if short else 240,
    )


def one_after_the_other(server: RawServer, calls: int, *, short: bool) -> list[Kind]:
    sender = sender_of(server, short=short)
    return [sender.post(command(f"c-{number}", "7391")).kind for number in range(calls)]


STATUS_KINDS = {Status.COMPLETE: Kind.ACCEPTED, Status.UNKNOWN: Kind.UNKNOWN, Status.INCOMPLETE: Kind.REFUSED}


def as_a_fleet(server: RawServer, calls: int, *, short: bool) -> list[Kind]:
    sender = sender_of(server, short=short)
    reports = dtmfdsl.send_many(
        [{"call_id": f"c-{number}"} for number in range(calls)],
        script="press 7391",
        workers=1,
        tries=1,
        base_url=server.base_url,
        credentials=ACCOUNT,
        session=sender.session,
        clock=sender.clock,
        answer_seconds=sender.answer_seconds,
    )
    return [STATUS_KINDS[report.status] for report in reports]


Way = Callable[..., list[Kind]]
both_ways = pytest.mark.parametrize("way", [one_after_the_other, as_a_fleet])


@pytest.mark.parametrize("after", [Later(0), Later(0.05)])
@pytest.mark.parametrize("before", ["102 Processing", "103 Early Hints", "104 Upload", "199 Odd"])
@both_ways
def test_an_informational_answer_is_not_the_answer(way: Way, before: str, after: Later) -> None:
    first = f"HTTP/1.1 {before}\r\nLink: </a>\r\n\r\n".encode()
    with RawServer([first, first, after, YES], [NO]) as server:
        assert way(server, 2, short=False) == [Kind.ACCEPTED, Kind.UNKNOWN]


@pytest.mark.parametrize("after", [Later(), Later(0)])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", Kind.ACCEPTED),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", Kind.ACCEPTED),
        (b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", Kind.ACCEPTED),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n", Kind.UNKNOWN),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", Kind.UNKNOWN),
        (plain("408 Request Timeout"), Kind.UNKNOWN),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", Kind.UNKNOWN),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n", Kind.ACCEPTED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 7\r\n\r\n", Kind.ACCEPTED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: +0\r\n\r\n", Kind.ACCEPTED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Kind.ACCEPTED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", Kind.ACCEPTED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nno colon\r\nConnection: x\r\n\r\n", Kind.ACCEPTED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", Kind.ACCEPTED),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc", Kind.ACCEPTED),
    ],
)  # fmt: skip
@both_ways
def test_what_comes_after_an_answer_does_not_answer_the_next_request(
    way: Way, answer: bytes, kind: Kind, after: Later
) -> None:
    with RawServer([answer, after, YES], [NO]) as server:
        assert way(server, 2, short=False) == [kind, Kind.UNKNOWN]
        assert server.connections == 2


@both_ways
def test_an_answer_with_more_in_its_packet_closes_the_connection(way: Way) -> None:
    half = len(YES) // 2
    with RawServer([YES + YES[:half], Later(), YES[half:]], [NO]) as server:
        assert way(server, 2, short=False) == [Kind.ACCEPTED, Kind.UNKNOWN]
        assert server.connections == 2


WAITS: dict[str, tuple[Answer, Kind]] = {
    "status": ([b"HTTP/1.1 200 ", Endless(b"O")], Kind.UNKNOWN),
    "header": ([b"HTTP/1.1 200 OK\r\nX: ", Endless(b"a")], Kind.UNKNOWN),
    "headers": ([b"HTTP/1.1 200 OK\r\n", Endless(b"X: 1\r\n")], Kind.UNKNOWN),
    "100 Continue": ([Endless(b"HTTP/1.1 100 Continue\r\n\r\n")], Kind.UNKNOWN),
    "100 Continue at once": ([Endless(b"HTTP/1.1 100 Continue\r\n\r\n" * 99, 0)], Kind.UNKNOWN),
    "103": ([Endless(b"HTTP/1.1 103 Early Hints\r\n\r\n")], Kind.UNKNOWN),
    "nothing": ([Endless(b"", 1)], Kind.UNKNOWN),
    "body": ([b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", Endless(b"a")], Kind.ACCEPTED),
    "body without a length": ([b"HTTP/1.1 201 OK\r\n\r\n", Endless(b"a")], Kind.ACCEPTED),
    "chunks": ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Endless(b"1\r\na\r\n")], Kind.ACCEPTED),
    "length of a chunk": ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Endless(b"0")], Kind.ACCEPTED),
    "trailers": ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", Endless(b"X: 1\r\n")], Kind.ACCEPTED),
    "no body at all": ([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", Endless(b"", 1)], Kind.ACCEPTED),
    "refusal": ([b"HTTP/1.1 404 No\r\nContent-Length: 60000\r\n\r\n", Endless(b"a")], Kind.REFUSED),
    "failure": ([b"HTTP/1.1 503 No\r\nContent-Length: 60000\r\n\r\n", Endless(b"a")], Kind.UNKNOWN),
}  # fmt: skip


@pytest.mark.parametrize("where", WAITS)
@both_ways
def test_no_answer_holds_the_sender_longer_than_it_may(way: Way, where: str) -> None:
    answer, kind = WAITS[where]
    with RawServer(answer, [YES]) as server:
        assert way(server, 2, short=True) == [kind, Kind.ACCEPTED]
        assert server.connections == 2


@pytest.mark.parametrize(
    "where", ["status", "header", "100 Continue", "100 Continue at once", "103", "nothing"]
)
def test_an_answer_that_is_not_over_in_time_is_none(where: str) -> None:
    with RawServer(WAITS[where][0]) as server:
        assert sender_of(server, short=True).post(command("c-1", "1")) == Outcome(
            Kind.UNKNOWN, "no answer in time"
        )


def test_such_answers_do_not_hold_a_fleet() -> None:
    """Each of four workers has one, and there are calls to come."""
    answers = [WAITS[where][0] for where in ("status", "header", "100 Continue", "body")]
    with RawServer(*answers, [YES]) as server:
        sender = sender_of(server, short=True)
        fleet = Fleet([Delivery(plan_of("press 7391")) for _ in range(8)])
        run_fleet(fleet, lambda job: sender.post(command(f"c-{job.number}", "1")), sender.clock, workers=4)
        statuses = [delivery.status for delivery in fleet.deliveries]
        assert (statuses.count(Status.UNKNOWN), statuses.count(Status.COMPLETE)) == (3, 5)


def test_one_interrupt_ends_a_fleet_when_the_time_of_its_answers_is_over() -> None:
    with RawServer(WAITS["header"][0], heard=lambda request: os.kill(os.getpid(), signal.SIGINT)) as server:
        sender = sender_of(server, short=True)
        fleet = Fleet([Delivery(plan_of("press 7391")) for _ in range(3)])
        run_fleet(fleet, lambda job: sender.post(command(f"c-{job.number}", "1")), sender.clock, workers=1)
        assert len(server.requests) == 1
    assert sorted(delivery.status for delivery in fleet.deliveries) == [
        Status.INTERRUPTED,
        Status.INTERRUPTED,
        Status.UNKNOWN,
    ]


def test_a_success_that_needs_its_body_is_waited_for(clock: FakeClock) -> None:
    """The second half comes after the time that a body has which is not needed."""

    @attrs.frozen(kw_only=True)
    class ByBody(type(BANDWIDTH_V1)):  # type: ignore[misc]
        def request(self, *arguments: Any) -> Request:
            return attrs.evolve(super().request(*arguments), needs_body=True)

        def read(self, status: int, headers: object, body: bytes, wall_ms: float) -> Outcome:
            return Outcome(Kind.ACCEPTED if body == b"COMPLETED" else Kind.UNKNOWN, "")

    carrier = ByBody(**attrs.asdict(BANDWIDTH_V1, recurse=False))
    answer = [plain("200 OK", b"COMPLETED")[:-5], Later(BODY_SECONDS * 3), b"LETED"]
    with RawServer(answer) as server:
        sender = attrs.evolve(sender_of(server), carrier=carrier)
        assert sender.post(command("c-1", "1")).kind is Kind.ACCEPTED


@pytest.mark.parametrize(
    ("where", "status"),
    [
        ("status", Status.UNKNOWN), ("header", Status.UNKNOWN), ("100 Continue", Status.UNKNOWN),
        ("body", Status.INTERRUPTED), ("chunks", Status.INTERRUPTED), ("refusal", Status.INCOMPLETE),
    ],
)  # fmt: skip
def test_one_interrupt_ends_such_a_wait_when_its_time_is_over(where: str, status: Status) -> None:
    with RawServer(WAITS[where][0], heard=lambda request: os.kill(os.getpid(), signal.SIGINT)) as server:
        delivery = sender_of(server, short=True).run(Delivery(PLAN), "c-1")
        assert len(server.requests) == 1
    assert delivery.status is status
    assert delivery.index == (status is Status.INTERRUPTED)


@pytest.mark.parametrize(
    ("status", "said"), [("200 OK", "interrupted"), ("404 No", "there is no such call, or no such user")]
)
def test_two_interrupts_do_not_undo_a_status_that_has_come(status: str, said: str) -> None:
    def interrupt(answer: requests.Response, **options: object) -> None:
        stream = answer.raw.stream

        def interrupted(*arguments: Any, **options: Any) -> Any:
            signal.raise_signal(signal.SIGINT)
            return stream(*arguments, **options)

        signal.raise_signal(signal.SIGINT)
        answer.raw.stream = interrupted

    session = requests.Session()
    session.hooks["response"] = [interrupt]
    with RawServer([f"HTTP/1.1 {status}\r\nContent-Length: 9\r\n\r\n".encode(), Endless(b"", 1)]) as server:
        delivery = sender_of(server, session=session).run(Delivery(PLAN), "c-1")
    assert delivery.reason == said
    assert delivery.index == status.startswith("2")


@pytest.mark.parametrize(("idle_ms", "connections"), [(5_000, 1), (5_001, 2)])
def test_a_connection_is_used_again_within_five_seconds(idle_ms: int, connections: int) -> None:
    with RawServer([YES]) as server:
        sender = sender_of(server)
        for _ in range(2):
            assert sender.post(command("c-1", "1")).kind is Kind.ACCEPTED
            sender.clock.sleep_ms(idle_ms)
        assert server.connections == connections


@pytest.mark.parametrize(
    "answer",
    [
        YES, plain("200 OK", b"{}"), plain("429 No", b"{}"), plain("404 No", b"{}"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + YES,
    ],
)  # fmt: skip
def test_a_connection_is_used_again_after_a_plain_answer(answer: bytes) -> None:
    with RawServer([answer]) as server:
        sender = sender_of(server)
        assert len({sender.post(command("c-1", "1")).kind for _ in range(3)}) == 1
        assert (server.connections, len(server.requests)) == (1, 3)


@pytest.mark.parametrize("given", [False, True])
def test_no_cookie_is_kept_or_sent(given: bool) -> None:
    session = requests.Session() if given else None
    if session:
        session.cookies["mine"] = "1"
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: pin=7391; Path=/\r\nContent-Length: 0\r\n\r\n"
    with RawServer([answer]) as server:
        sender = sender_of(server, session=session)
        for _ in range(2):
            assert sender.post(command("c-1", "7391")).kind is Kind.ACCEPTED
        assert not any(b"cookie" in request.lower() for request in server.requests)
        assert dict(sender.session.cookies) == ({"mine": "1"} if given else {})


@pytest.mark.parametrize(
    "answer",
    [
        [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", ECHO, b"\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nX: ", ECHO, b"\r\n\r\n0\r\n\r\n"],
        [b"HTTP/1.1 200 ", ECHO, b"\r\nContent-Length: 0\r\n\r\n"],
        [ECHO, b"\r\n\r\n"],
        [b"HTTP/1.1 307 No\r\nLocation: http://127.0.0.1/", ECHO, b"\r\nContent-Length: 0\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n7391"],
        [],
    ],
)  # fmt: skip
@both_ways
def test_nothing_of_a_request_stands_in_a_log(
    way: Way, answer: Answer, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    with RawServer(answer, [NO]) as server:
        way(server, 2, short=not answer)
        assert not caplog.records
        assert not any(capsys.readouterr())
        requests.get(server.base_url)  # the requests of a program are its own
        assert caplog.records


def test_a_proxy_that_wants_an_account_is_named(line: TestLine) -> None:
    answer = b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
    with RawServer([answer]) as proxy:
        for address in (line.base_url, "https://carrier.invalid"):
            session = make_session(address)
            session.proxies = {"http": proxy.base_url, "https": proxy.base_url}
            sender = Sender(ACCOUNT, base_url=address, session=session, clock=FakeClock())
            outcome = sender.post(command("c-1", "1"))
            assert outcome.kind is Kind.REFUSED
            assert "proxy" in outcome.reason
    assert not line.keys("c-1")


@pytest.mark.parametrize("insecure_http", [False, True])
@pytest.mark.parametrize(
    "base_url",
    [
        "http://example.org", "HTTP://example.org/api", "http://localhost.example.org", "http://127.0.0.1.example.org",
        "http://10.0.0.1:80", "http://[2001:db8::1]", "http://127.1", "http://0.0.0.0",
    ],
)  # fmt: skip
def test_http_to_another_machine_must_be_allowed(base_url: str, insecure_http: bool) -> None:
    def make() -> Sender:
        return Sender(ACCOUNT, base_url=base_url, clock=FakeClock(), insecure_http=insecure_http)

    if insecure_http:
        assert make().base_url == base_url
        return
    with pytest.raises(DtmfError, match="insecure-address"):
        make()
    with pytest.raises(DtmfError, match="insecure-address"):
        dtmfdsl.send("press 1", "c-1", base_url=base_url, credentials=ACCOUNT)


@pytest.mark.parametrize(
    "base_url",
    [
        "http://localhost:1",
        "http://LOCALHOST",
        "http://127.0.0.1",
        "http://127.9.9.9",
        "http://[::1]:8088/ari",
        "https://example.org",
    ],
)
def test_this_machine_and_https_need_no_leave(base_url: str) -> None:
    assert Sender(ACCOUNT, base_url=base_url, clock=FakeClock()).base_url == base_url


@pytest.mark.parametrize("adapter", [HTTPAdapter, Adapter])
def test_a_session_that_is_given_gets_the_same_connections(adapter: type[HTTPAdapter]) -> None:
    session = requests.Session()
    session.mount("http://", adapter(pool_maxsize=3))
    with RawServer([b"HTTP/1.1 103 Early Hints\r\n\r\n", Later(0.02), YES], [NO]) as server:
        sender = sender_of(server, session=session)
        assert [sender.post(command("c-1", "1")).kind for _ in range(2)] == [Kind.ACCEPTED, Kind.UNKNOWN]
        assert session.get_adapter(server.base_url)._pool_maxsize == 3

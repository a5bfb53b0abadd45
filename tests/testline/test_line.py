"""The test line: what it takes and refuses on the wire, what it hears and when, and how it misbehaves."""

from __future__ import annotations

import base64
import http.client
import json
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
import requests

from dtmfdsl.cli import main
from dtmfdsl.sending import Credentials
from dtmfdsl.sending.carriers.bandwidth_v1 import SECRET, TOKEN
from dtmfdsl.testline import BANDWIDTH_V1, Collision, Fault, Heard, LineEvent, Received, TestLine

ACCOUNT = "Basic " + base64.b64encode(b"t-test:s-test").decode()
PATH = "/v1/users/u-test/calls/c-1/dtmf"


class Clock:
    """Time that passes when a test says so."""

    ms = 5_000.0

    def now_ms(self) -> float:
        return self.ms

    def wall_ms(self) -> float:
        return 1_700_000_000_000.5 + self.ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def line(clock: Clock) -> Iterator[TestLine]:
    with TestLine(clock=clock) as line:
        yield line


class Answer:
    """An answer as it came over the wire."""

    def __init__(self, response: http.client.HTTPResponse):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def error(self) -> dict[str, Any]:
        assert self.headers["Content-Type"] == "application/json"
        return json.loads(self.body)


def ask(line: TestLine, method: str, path: str, body: bytes | None, **headers: str | None) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", line.port, timeout=5)
    given = {"Authorization": ACCOUNT, "Content-Type": "application/json"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}  # type: ignore[dict-item]
    try:
        connection.request(
            method, path, body, {name: value for name, value in given.items() if value is not None}
        )
        return Answer(connection.getresponse())
    finally:
        connection.close()


def send(line: TestLine, text: object = "1", call: str = "c-1", **headers: str | None) -> Answer:
    path = f"/v1/users/u-test/calls/{call}/dtmf"
    return ask(line, "POST", path, json.dumps({"dtmfOut": text}).encode(), **headers)


# The wire


def test_a_good_request_is_answered_with_200_and_nothing(line: TestLine) -> None:
    answer = send(line, "007#*,W")
    assert (answer.status, answer.body, answer.headers["Content-Length"]) == (200, b"", "0")
    assert line.keys("c-1") == "007#*"
    (request,) = line.requests
    assert (request.number, request.call_id, request.method, request.path) == (1, "c-1", "POST", PATH)
    assert (request.status, request.at_ms, request.played, request.fault) == (200, 0, True, None)
    assert request.headers["Authorization"] == ACCOUNT
    assert json.loads(request.body) == {"dtmfOut": "007#*,W"}


def test_a_connection_is_kept_for_the_next_request(line: TestLine, clock: Clock) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", line.port, timeout=5)
    for expected in (200, 429, 401):
        headers = {"Authorization": "" if expected == 401 else ACCOUNT, "Content-Type": "application/json"}
        connection.request("POST", PATH, b'{"dtmfOut": "1"}', headers)
        first = connection.sock
        response = connection.getresponse()
        response.read()
        assert response.status == expected
        assert connection.sock is first
    connection.close()


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Basic",
        "Basic !!",
        "Bearer dC10ZXN0OnMtdGVzdA==",
        "Basic " + base64.b64encode(b"t-test:wrong").decode(),
    ],
)
def test_wrong_credentials_are_refused(line: TestLine, authorization: str | None) -> None:
    answer = send(line, Authorization=authorization)
    assert answer.status == 401
    assert answer.error["category"] == "authentication"
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert line.keys("c-1") == ""


def test_the_scheme_of_the_credentials_may_be_written_in_any_case(line: TestLine) -> None:
    assert send(line, Authorization=ACCOUNT.replace("Basic", "bASIC")).status == 200


def test_an_error_has_the_documented_shape(line: TestLine) -> None:
    line.calls["c-1"] = "completed"
    assert send(line).error == {
        "category": "forbidden",
        "code": "call-invalid-state",
        "message": "Unable to update call `c-1`. Invalid call state `completed`",
        "details": [
            {"name": "requestMethod", "value": "POST"},
            {"name": "remoteAddress", "value": "127.0.0.1"},
            {"name": "requestPath", "value": "users/u-test/calls/c-1/dtmf"},
        ],
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/v1/users/u-test/calls/c-1", 404, "resource-not-found"),
        ("POST", "/v1/users/u-test/calls/c-1/dtmf/", 404, "resource-not-found"),
        ("POST", "/v1/users/u-test/calls//dtmf", 404, "resource-not-found"),
        ("POST", "/v2/users/u-test/calls/c-1/dtmf", 404, "resource-not-found"),
        ("POST", "/", 404, "resource-not-found"),
        ("GET", PATH, 405, "method-not-allowed"),
        ("DELETE", PATH, 405, "method-not-allowed"),
        ("POST", PATH.replace("u-test", "u-other"), 401, "user-access-denied"),
    ],
)
def test_other_addresses_and_methods_are_refused(
    line: TestLine, method: str, path: str, status: int, code: str
) -> None:
    answer = ask(line, method, path, b'{"dtmfOut": "1"}')
    assert (answer.status, answer.error["code"]) == (status, code)
    assert [request.played for request in line.requests] == [False]
    assert line.keys("c-1") == ""


def test_an_answer_to_head_has_no_body(line: TestLine) -> None:
    with socket.create_connection(("127.0.0.1", line.port), timeout=5) as connection:
        connection.sendall(
            f"HEAD {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: {ACCOUNT}\r\nConnection: close\r\n\r\n".encode()
        )
        with connection.makefile("rb") as file:
            got = file.read()
    assert got.startswith(b"HTTP/1.1 405 ")
    assert got.endswith(b"\r\n\r\n")


def test_a_path_is_decoded_after_it_is_split(line: TestLine) -> None:
    assert send(line, "1", "c%201%2F2%23x").status == 200
    assert send(line, "2", "c-1%2Fdtmf").status == 200
    assert [request.call_id for request in line.requests] == ["c 1/2#x", "c-1/dtmf"]
    assert (line.keys("c 1/2#x"), line.keys("c-1/dtmf"), line.keys("c-1")) == ("1", "2", "")


@pytest.mark.parametrize(
    "kind", [None, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"]
)
def test_a_body_of_another_type_is_refused(line: TestLine, kind: str | None) -> None:
    assert send(line, Content_Type=kind).status == 415
    assert line.keys("c-1") == ""


def test_a_type_may_have_a_charset(line: TestLine) -> None:
    assert send(line, Content_Type="Application/JSON; charset=utf-8").status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"1",
        b'"1"',
        b"[]",
        b"{}",
        b"{",
        b"\xff",
        b"[" * 50_000,
        b'{"dtmfOut": 12}',
        b'{"dtmfOut": null}',
        b'{"dtmfOut": ["1"]}',
        b'{"dtmfOut": {"dtmfOut": "1"}}',
        b'{"DtmfOut": "1"}',
        b'{"dtmfOut": "1", "more": 2}',
        b'{"dtmfOut": "1", "dtmfOut": "1"}',
        b'{"dtmfOut": ""}',
        b'{"dtmfOut": "a"}',
        b'{"dtmfOut": "E"}',
        b'{"dtmfOut": "1 2"}',
        b'{"dtmfOut": "1-2"}',
        b'{"dtmfOut": "%23"}',
        b'{"dtmfOut": "1\\n"}',
        b'{"dtmfOut": "\\ud800"}',
        '{"dtmfOut": "１"}'.encode(),
        json.dumps({"dtmfOut": "1" * 93}).encode(),
    ],
)
def test_a_body_that_is_not_one_string_of_the_dialect_is_refused(line: TestLine, body: bytes) -> None:
    answer = ask(line, "POST", PATH, body)
    assert (answer.status, answer.error["code"], answer.error["category"]) == (
        400,
        "validation-error",
        "bad-request",
    )
    assert line.keys("c-1") == ""


def test_every_character_and_92_of_them_are_taken(line: TestLine) -> None:
    text = "0123456789ABCD*#,wW".ljust(92, "7")
    assert send(line, text).status == 200
    assert line.keys("c-1") == text.replace(",wW", "")


@pytest.mark.parametrize(
    "headers",
    [b"Content-Length: 70000", b"Content-Length: x", b"Content-Length: -1", b"Transfer-Encoding: chunked"],
)
def test_a_body_without_an_honest_length_is_refused_unread(line: TestLine, headers: bytes) -> None:
    got = raw(line, headers)
    assert b"400 Bad Request" in got
    assert b"Connection: close" in got


def test_a_body_that_does_not_arrive_whole_is_not_played(line: TestLine) -> None:
    assert b"400 Bad Request" in raw(line, b"Content-Length: 17", b'{"dtmfOut": "1"}', end=True)
    assert line.keys("c-1") == ""


def test_what_is_no_http_is_refused_in_the_documented_shape(line: TestLine) -> None:
    with socket.create_connection(("127.0.0.1", line.port), timeout=5) as connection:
        connection.sendall(b"1234 5678 9 0\r\n\r\n")
        with connection.makefile("rb") as file:
            got = file.read()
    assert got.startswith(b"HTTP/1.1 400 ")
    assert b"1234" not in got
    assert json.loads(got.partition(b"\r\n\r\n")[2])["code"] == "validation-error"


def raw(line: TestLine, headers: bytes, body: bytes = b"", end: bool = False) -> bytes:
    head = f"POST {PATH} HTTP/1.1\r\nAuthorization: {ACCOUNT}\r\nContent-Type: application/json\r\n".encode()
    with socket.create_connection(("127.0.0.1", line.port), timeout=5) as connection:
        connection.sendall(head + headers + b"\r\n\r\n" + body)
        if end:
            connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as file:
            return file.read()


# States


@pytest.mark.parametrize(
    ("state", "status"),
    [("started", 403), ("completed", 403), ("rejected", 403), ("active", 200), ("transferring", 200)],
)
def test_only_a_call_that_is_up_takes_keys(line: TestLine, state: str, status: int) -> None:
    line.calls["c-1"] = state
    assert send(line).status == status
    assert line.keys("c-1") == ("1" if status == 200 else "")


def test_a_strict_line_knows_its_calls_alone() -> None:
    with TestLine(strict=True) as line:
        line.calls["c-1"] = "active"
        assert send(line).status == 200
        answer = send(line, call="c-2")
        assert (answer.status, answer.error["code"]) == (404, "call-not-found")


# One request a second


def test_a_call_takes_one_request_a_second(line: TestLine, clock: Clock) -> None:
    assert send(line, "1").status == 200
    clock.ms += 999
    answer = send(line, "2")
    assert answer.status == 429
    assert send(line, "3", "c-2").status == 200
    clock.ms += 1
    assert send(line, "4").status == 200
    assert line.keys("c-1") == "14"
    reset = (
        "1700000006001"  # the wall clock's 1_700_000_005_999.5 at the request, and a millisecond, rounded up
    )
    assert answer.headers["X-RateLimit-Reset"] == reset
    assert answer.error == {
        "category": "too-many-requests",
        "code": "rate-limit-reached",
        "details": [
            {"name": "rateLimitResetTime", "value": reset},
            {"name": "requestMethod", "value": "POST"},
            {"name": "remoteAddress", "value": "127.0.0.1"},
            {"name": "requestPath", "value": "users/u-test/calls/c-1/dtmf"},
        ],
    }


def test_the_reset_can_be_told_in_seconds(clock: Clock) -> None:
    with TestLine(clock=clock, stand_in=attrs.evolve(BANDWIDTH_V1, reset_in_seconds=True)) as line:
        send(line)
        assert send(line).headers["X-RateLimit-Reset"] == "1700000007"


def test_a_refused_value_counts_and_a_429_does_not(line: TestLine, clock: Clock) -> None:
    assert send(line, "x").status == 400
    for _ in range(3):
        clock.ms += 300
        assert send(line).status == 429
    clock.ms += 100
    assert send(line).status == 200


def test_the_limit_is_on_the_lines_own_clock(clock: Clock) -> None:
    with TestLine(clock=clock, speed=20) as line:
        send(line)
        clock.ms += 49
        assert send(line).status == 429
        clock.ms += 1
        assert send(line).status == 200
        assert [request.at_ms for request in line.requests] == [0, 980, 1000]


# What is heard, and when


def test_keys_gaps_and_pauses_have_their_times(clock: Clock) -> None:
    with TestLine(clock=clock, tone_ms=80, gap_ms=40) as line:
        clock.ms += 1_000
        send(line, ",1W2w34")
        assert line.heard("c-1") == (
            Heard("1", 1_500, 1_580, 1),
            Heard("2", 2_620, 2_700, 1),
            Heard("3", 3_240, 3_320, 1),
            Heard("4", 3_360, 3_440, 1),
        )


def test_speed_is_the_clocks_and_not_the_keys(clock: Clock) -> None:
    with TestLine(clock=clock, speed=10) as line:
        clock.ms += 7
        send(line, "12")
        assert [(heard.start_ms, heard.end_ms) for heard in line.heard("c-1")] == [(70, 170), (270, 370)]


def test_strings_that_overlap_collide_and_are_both_heard(line: TestLine, clock: Clock) -> None:
    line.rate_limit_ms = 0
    send(line, "1W2")
    clock.ms += 500
    send(line, "34")
    clock.ms += 700
    send(line, "5")
    assert line.collisions("c-1") == (Collision(2, 1, 500), Collision(3, 1, 1_200))
    assert line.keys("c-1") == "13425"
    assert [heard.request for heard in line.heard("c-1")] == [1, 2, 2, 1, 3]


def test_a_string_plays_to_the_end_of_its_last_gap_or_pause(line: TestLine, clock: Clock) -> None:
    line.rate_limit_ms = 0
    for text, length in (("12", 400), ("1,", 700)):
        send(line, text)
        clock.ms += length
        send(line, "3")
        clock.ms += 199
        send(line, "4")
        clock.ms += 10_000
    assert [collision.request for collision in line.collisions("c-1")] == [3, 6]


def test_calls_do_not_hear_each_other(line: TestLine) -> None:
    send(line, "123", "c-1")
    send(line, "456", "c-2")
    assert (line.keys("c-1"), line.keys("c-2"), line.keys("c-3")) == ("123", "456", "")
    assert not line.collisions("c-1")
    assert not line.collisions("c-2")


def test_the_report_masks_keys_unless_asked(line: TestLine, clock: Clock) -> None:
    line.rate_limit_ms = 0
    send(line, "1WWW,59#")
    clock.ms += 3_900
    send(line, "7")
    clock.ms += 60_000
    assert line.report() == (
        "call c-1 heard 5 keys",
        "  request 1: • at 0s, ••• at 3.7s",
        "  request 2: • at 3.9s",
        "  collision: request 2 came while 1 still played",
    )
    assert line.report("c-1", show_keys=True)[1] == "  request 1: 1 at 0s, 59# at 3.7s"
    assert line.report("c-9") == ("call c-9 heard 0 keys",)


def test_the_report_tells_what_is_still_to_sound(line: TestLine, clock: Clock) -> None:
    send(line, "1W23", "c%1b")
    assert line.report() == ("call c\ufffd heard 1 key", "  request 1: • at 0s", "  2 keys still to sound")


# Misbehaviour

ERRORS = {
    "429": (429, "rate-limit-reached"),
    "500-before": (500, "internal-error"),
    "500-after": (500, "internal-error"),
    "503-before": (503, "gateway-unavailable"),
    "503-after": (503, "gateway-unavailable"),
    "503-unavailable": (503, "call-unavailable"),
    "409": (409, "call-update-conflict"),
    "echo": (400, "validation-error"),
    "503-echo": (503, "send-dtmf-failure"),
}
LOST = {
    "reset-before": ConnectionResetError,
    "reset-after": ConnectionResetError,
    "close-before": http.client.RemoteDisconnected,
    "close-after": http.client.RemoteDisconnected,
    "half-status": http.client.BadStatusLine,
}
PLAYED = {
    "500-after",
    "503-after",
    "reset-after",
    "close-after",
    "half-status",
    "half-answer",
    "no-answer-after",
    "slow",
}


def test_the_tables_name_every_fault() -> None:
    others = {"half-answer", "no-answer-before", "no-answer-after", "slow", "redirect"}
    assert {*ERRORS, *LOST, *others} == set(Fault)
    assert {fault for fault in Fault if fault.plays} == PLAYED


@pytest.mark.parametrize("fault", ERRORS)
def test_an_answer_can_be_an_error_whether_played_or_not(line: TestLine, clock: Clock, fault: str) -> None:
    line.misbehave(fault)
    answer = send(line, "4711")
    assert (answer.status, answer.error["code"]) == ERRORS[fault]
    assert ("4711" in str(answer.error)) == ("echo" in fault)
    check(line, clock, fault, ERRORS[fault][0])


@pytest.mark.parametrize("fault", LOST)
def test_a_connection_can_be_lost(line: TestLine, clock: Clock, fault: str) -> None:
    line.misbehave(fault)
    with pytest.raises(LOST[fault]) as caught:
        send(line, "4711")
    assert type(caught.value) is LOST[fault]
    check(line, clock, fault, None)


def test_half_an_answer_breaks_off_in_a_header(line: TestLine, clock: Clock) -> None:
    line.misbehave("half-answer")
    assert raw(line, b"Content-Length: 19", b'{"dtmfOut": "4711"}') == b"HTTP/1.1 200 OK\r\nContent-Le"
    check(line, clock, "half-answer", None)


def test_half_an_answer_says_nothing_that_is_not_so(line: TestLine) -> None:
    line.calls["c-1"] = "completed"
    line.misbehave("half-answer")
    assert raw(line, b"Content-Length: 16", b'{"dtmfOut": "1"}').startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert line.keys("c-1") == ""


@pytest.mark.parametrize("fault", ["no-answer-before", "no-answer-after"])
@pytest.mark.parametrize("end", ["release", "stop"])
def test_an_answer_can_fail_to_come(line: TestLine, clock: Clock, fault: str, end: str) -> None:
    line.misbehave(fault)
    connection = http.client.HTTPConnection("127.0.0.1", line.port, timeout=0.05)
    connection.request(
        "POST", PATH, b'{"dtmfOut": "4711"}', {"Authorization": ACCOUNT, "Content-Type": "application/json"}
    )
    with pytest.raises(TimeoutError):
        connection.sock.recv(1)
    connection.sock.settimeout(5)
    getattr(line, end)()
    assert connection.sock.recv(1) == b""
    connection.close()
    line.start()
    check(line, clock, fault, None)


def test_an_answer_can_be_slow(clock: Clock) -> None:
    with TestLine(clock=clock, slow_ms=50) as line:
        line.misbehave("slow")
        began = time.monotonic()
        assert send(line, "4711").status == 200
        assert time.monotonic() - began >= 0.05
        check(line, clock, "slow", 200)


def test_a_line_stops_although_an_answer_is_slow() -> None:
    before = set(threading.enumerate())
    with TestLine(slow_ms=3_600_000) as line:
        line.misbehave("slow")
        with socket.create_connection(("127.0.0.1", line.port), timeout=5) as connection:
            connection.sendall(f"POST {PATH} HTTP/1.1\r\nContent-Length: 0\r\n\r\n".encode())
            connection.settimeout(0.05)
            with pytest.raises(TimeoutError):
                connection.recv(1)
            line.stop()
    assert [request.fault for request in line.requests] == ["slow"]
    assert set(threading.enumerate()) <= before


def test_a_redirect_shows_whether_credentials_are_sent_on(line: TestLine, clock: Clock) -> None:
    line.misbehave("redirect")
    answer = send(line, "4711")
    assert (answer.status, answer.headers["Location"]) == (307, f"/moved{PATH}")
    check(line, clock, "redirect", 307)
    clock.ms += 10_000
    line.misbehave("redirect")
    followed = requests.post(line.base_url + PATH, json={"dtmfOut": "1"}, auth=("t-test", "s-test"))
    assert followed.status_code == 404
    assert line.requests[-1].path == f"/moved{PATH}"
    assert line.requests[-1].headers["Authorization"] == ACCOUNT
    assert line.requests[-1].call_id is None


def check(line: TestLine, clock: Clock, fault: str, status: int | None) -> None:
    """The request was played or not, as the fault's name says, it is written down, and the line goes on."""
    played = fault in PLAYED
    assert line.keys("c-1") == ("4711" if played else "")
    assert [(request.fault, request.status, request.played) for request in line.requests] == [
        (fault, status, played)
    ]
    clock.ms += 2_000
    assert send(line, "8").status == 200
    assert line.keys("c-1") == ("47118" if played else "8")


def test_what_a_fault_kept_from_being_played_does_not_count_for_the_limit(line: TestLine) -> None:
    for fault in ("429", "close-before", "500-before"):
        line.misbehave(fault)
        try:
            send(line)
        except http.client.RemoteDisconnected:
            assert fault == "close-before"
    assert send(line).status == 200


def test_a_fault_plays_nothing_that_would_have_been_refused(line: TestLine) -> None:
    line.misbehave("500-after", times=2)
    assert send(line, "x").status == 500
    assert send(line, "1").status == 500  # within the second
    assert line.keys("c-1") == ""
    assert [request.played for request in line.requests] == [False, False]


def test_a_fault_strikes_at_its_request_of_each_call(line: TestLine, clock: Clock) -> None:
    line.misbehave("500-before", at=2, times=2)
    statuses = []
    for call in ("c-1", "c-2", "c-1", "c-2", "c-1", "c-1"):
        statuses.append(send(line, call=call).status)
        clock.ms += 1_000
    assert statuses == [200, 200, 500, 500, 500, 200]


def test_a_fault_of_one_call_spares_the_others(line: TestLine) -> None:
    line.misbehave("500-before", call_id="c-2")
    line.misbehave("409", at=1, call_id="c-3")
    assert [send(line, call=call).status for call in ("c-1", "c-2", "c-3", "c-4")] == [200, 500, 409, 200]


def test_faults_strike_in_the_order_in_which_they_were_armed(line: TestLine) -> None:
    line.misbehave("500-before", times=2)
    line.misbehave("409")
    assert [send(line).status for _ in range(4)] == [500, 500, 409, 200]


def test_what_is_no_calls_path_uses_up_no_fault(line: TestLine) -> None:
    line.misbehave("500-before")
    assert ask(line, "POST", "/", b"").status == 404
    assert send(line).status == 500


@pytest.mark.parametrize(("fault", "at", "times"), [("501", None, 1), ("429", 0, 1), ("429", None, 0)])
def test_a_fault_that_cannot_be_is_an_error(line: TestLine, fault: str, at: int | None, times: int) -> None:
    with pytest.raises(ValueError, match=r"Fault|count from 1"):
        line.misbehave(fault, at=at, times=times)


# Its life


def test_a_line_that_stopped_begins_again_on_its_port(clock: Clock) -> None:
    line = TestLine(clock=clock)
    with line:
        send(line, "1")
        port = line.port
    line.stop()
    with pytest.raises(ConnectionRefusedError):
        send(line, "2")
    clock.ms += 4_000
    with line.start() as again:
        assert again is line
        assert line.port == port
        send(line, "3")
    assert [(heard.key, heard.start_ms) for heard in line.heard("c-1")] == [("1", 0), ("3", 4_000)]


def test_stopping_ends_idle_connections(line: TestLine) -> None:
    with socket.create_connection(("127.0.0.1", line.port), timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 401"
        line.stop()
        while connection.recv(4096):
            pass


def test_a_listener_hears_everything_in_order(clock: Clock) -> None:
    told: queue.Queue[LineEvent] = queue.Queue()
    with TestLine(clock=clock, speed=1_000, rate_limit_ms=0, listener=told.put) as line:
        send(line, "1W2")
        send(line, "3")
        clock.ms += 10
        events = [told.get(timeout=5) for _ in range(6)]
        first, second, third = line.heard("c-1")
        assert events == [line.requests[0], first, line.requests[1], *line.collisions("c-1"), second, third]


def test_a_listener_hears_nothing_before_its_time(clock: Clock) -> None:
    told: list[LineEvent] = []
    with TestLine(clock=clock, listener=told.append) as line:
        send(line, "1W2")
        clock.ms += 10
    assert [type(event) for event in told] == [Received, Heard]


def test_nothing_shows_keys_credentials_or_bodies(line: TestLine) -> None:
    canary = "73914862"
    line.misbehave("503-echo", at=2)
    line.credentials = Credentials({**line.credentials, TOKEN: "to-ken", SECRET: "se-cret"})
    account = "Basic " + base64.b64encode(b"to-ken:se-cret").decode()
    send(line, canary, Authorization=account)
    ask(line, "POST", f"{PATH}?dtmfOut={canary}", b"", Authorization=account)
    assert line.keys("c-1") == canary
    shown = repr([line, line.requests, line.heard("c-1"), line.collisions("c-1"), line.report(), line._known])
    for secret in (canary, canary[:4], "to-ken", "se-cret", account):
        assert secret not in shown
    assert not any(f"key='{key}'" in shown for key in canary)


# The command


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing there")
def test_the_command_tells_what_it_hears_until_ctrl_c() -> None:
    command = [
        sys.executable,
        "-P",
        "-m",
        "dtmfdsl",
        "testline",
        "--speed",
        "100",
        "--fault",
        "429@2",
        "--fault",
        "slow@9",
    ]
    with subprocess.Popen(
        [*command, "--strict", "--call", "c-1", "--call", "c-2=completed", "--show-keys"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        watchdog = threading.Timer(20, process.kill)
        watchdog.start()
        assert process.stdout
        assert process.stderr
        base_url = process.stdout.readline().strip()
        account = [process.stdout.readline().strip() for _ in range(3)]
        assert account == [
            "export BANDWIDTH_USER_ID=u-test",
            "export BANDWIDTH_API_TOKEN=t-test",
            "export BANDWIDTH_API_SECRET=s-test",
        ]

        def post(call_id: str) -> list[str]:
            url = f"{base_url}/v1/users/u-test/calls/{call_id}/dtmf"
            requests.post(url, json={"dtmfOut": "5#"}, auth=("t-test", "s-test"))
            assert process.stdout
            return process.stdout.readline().split()[1:]

        assert post("c-1") == ["call", "c-1", "request", "1:", "200,", "played"]
        assert [process.stdout.readline().split()[1:] for _ in "5#"] == [["call", "c-1", key] for key in "5#"]
        assert post("c-1") == [
            "call",
            "c-1",
            "request",
            "2:",
            "429,",
            "not",
            "played,",
            "misbehaving:",
            "429",
        ]
        assert post("c-2") == ["call", "c-2", "request", "3:", "403,", "not", "played"]
        assert post("c-3") == ["call", "c-3", "request", "4:", "404,", "not", "played"]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
        watchdog.cancel()
        assert "call c-1 heard 2 keys\n  request 1: 5# at " in out
        assert err == ""
        assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--fault", "500"], 2, "there is no fault `500`"),
        (["--fault", "reset-befor"], 2, "did you mean `reset-before`?"),
        (["--fault", "429@0"], 2, "takes the number of a request"),
        (["--fault", "429@"], 2, "takes the number of a request"),
        (["--call", "c=gone"], 2, "--call takes an id and perhaps a state"),
        (["--call", "=active"], 2, "--call takes an id and perhaps a state"),
        (["--port", "70000"], 2, "invalid port value"),
        (["--speed", "0"], 2, "invalid positive number value"),
    ],
)
def test_the_command_refuses_what_makes_no_sense(
    arguments: list[str], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["testline", *arguments]) == status
    assert said in capsys.readouterr().err


def test_the_command_says_that_a_port_is_taken(line: TestLine, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["testline", "--port", str(line.port)]) == 1
    assert f"port {line.port} cannot be had" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["testline", "send"])
def test_the_help_of_a_command_names_every_fault(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    said = re.sub(r"-\s+", "-", capsys.readouterr().out)  # a line may end within a name
    for fault in Fault:
        name, _, when = fault.rpartition("-")
        assert re.search(rf"\b{fault}\b", said) or (when in ("before", "after") and f" {name}" in said)

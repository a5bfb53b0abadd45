"""How the line misbehaves, and which request that strikes."""

from __future__ import annotations

import http.client
import socket
import threading
import time

import pytest
import requests
from wire import ACCOUNT, PATH, Clock, ask, raw, send

from dtmfdsl.testline import Fault, TestLine

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


def test_half_an_answer_is_half_of_the_right_one(line: TestLine) -> None:
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
    while not line.requests:
        pass
    with pytest.raises(TimeoutError):
        connection.sock.recv(1)
    connection.sock.settimeout(240)
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
        with socket.create_connection(("127.0.0.1", line.port), timeout=240) as connection:
            connection.sendall(f"POST {PATH} HTTP/1.1\r\nContent-Length: 0\r\n\r\n".encode())
            while not line.requests:
                pass
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
    """The request was played or not as the fault's name has it, it is recorded, and the line goes on."""
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

"""Requests off the wire, and answers onto it."""

from __future__ import annotations

import http.client
import json
import socket

import pytest
from wire import ACCOUNT, PATH, Clock, raw, send

from dtmfdsl.testline import TestLine


def test_a_connection_is_kept_for_the_next_request(line: TestLine, clock: Clock) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", line.port, timeout=240)
    for expected in (200, 429, 401):
        headers = {"Authorization": "" if expected == 401 else ACCOUNT, "Content-Type": "application/json"}
        connection.request("POST", PATH, b'{"dtmfOut": "1"}', headers)
        first = connection.sock
        response = connection.getresponse()
        response.read()
        assert response.status == expected
        assert connection.sock is first
    connection.close()


def test_an_answer_to_head_has_no_body(line: TestLine) -> None:
    with socket.create_connection(("127.0.0.1", line.port), timeout=240) as connection:
        connection.sendall(
            f"HEAD {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: {ACCOUNT}\r\nConnection: close\r\n\r\n".encode()
        )
        with connection.makefile("rb") as file:
            got = file.read()
    assert got.startswith(b"HTTP/1.1 405 ")
    assert got.endswith(b"\r\n\r\n")


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
    with socket.create_connection(("127.0.0.1", line.port), timeout=240) as connection:
        connection.sendall(b"1234 5678 9 0\r\n\r\n")
        with connection.makefile("rb") as file:
            got = file.read()
    assert got.startswith(b"HTTP/1.1 400 ")
    assert b"1234" not in got
    assert json.loads(got.partition(b"\r\n\r\n")[2])["code"] == "validation-error"


def test_stopping_ends_idle_connections(line: TestLine) -> None:
    with socket.create_connection(("127.0.0.1", line.port), timeout=240) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 401"
        line.stop()
        while connection.recv(4096):
            pass


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

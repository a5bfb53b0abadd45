"""What the tests of the test line share: a clock, and requests off the wire."""

from __future__ import annotations

import base64
import http.client
import json
import socket
from typing import Any

from dtmfdsl.testline import TestLine

ACCOUNT = "Basic " + base64.b64encode(b"t-test:s-test").decode()


PATH = "/v1/users/u-test/calls/c-1/dtmf"


class Clock:
    """Time that passes when a test changes it."""

    ms = 5_000.0

    def now_ms(self) -> float:
        return self.ms

    def wall_ms(self) -> float:
        return 1_700_000_000_000.5 + self.ms


class Answer:
    """An answer as it came over the wire."""

    def __init__(self, response: http.client.HTTPResponse):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def error(self) -> dict[str, Any]:
        assert self.headers["Content-Type"] == "application/json"
        return json.loads(self.body)


def ask(line: TestLine, method: str, path: str, body: bytes | None, **headers: str | None) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", line.port, timeout=240)
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


def raw(line: TestLine, headers: bytes, body: bytes = b"", end: bool = False) -> bytes:
    head = f"POST {PATH} HTTP/1.1\r\nAuthorization: {ACCOUNT}\r\nContent-Type: application/json\r\n".encode()
    with socket.create_connection(("127.0.0.1", line.port), timeout=240) as connection:
        connection.sendall(head + headers + b"\r\n\r\n" + body)
        if end:
            connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as file:
            return file.read()

"""A server on loopback that answers by the byte, as no HTTP library would."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Endless:
    """These bytes over and over, until the client goes away; `seconds` apart."""

    piece: bytes
    seconds: float = 0.01


@dataclass(frozen=True)
class Later:
    """The rest of the answer comes so many seconds later, or, if None, after the connection's next request."""

    seconds: float | None = None


@dataclass(frozen=True)
class Echo:
    """The request's account and its body."""


ECHO = Echo()

Answer: TypeAlias = Sequence[bytes | Endless | Later | Echo]


def plain(status: str, body: bytes = b"") -> bytes:
    """An answer as it should be."""
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status.encode(), len(body), body)


YES, NO = plain("200 OK"), plain("503 Service Unavailable")


class RawServer:
    """Gives the n-th request the n-th of `answers`, whatever its connection is, and further ones the last.

    `requests` are those that came whole, `connections` counts those that were opened. `heard` is called with
    each request before its answer.
    """

    def __init__(self, *answers: Answer, heard: Callable[[bytes], object] = lambda request: None):
        self.answers, self.heard = answers, heard
        self.requests: list[bytes] = []
        self.connections = 0
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.open: list[socket.socket] = []
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.base_url = f"http://{self.address}"

    def __enter__(self) -> RawServer:
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.over.set()
        for each in (self.socket, *self.open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                self.open.append(connection)
                self.connections += 1
                threading.Thread(target=self.converse, args=(connection,), daemon=True).start()

    def converse(self, connection: socket.socket) -> None:
        late: list[Any] = []
        with suppress(OSError), connection:
            while request := _request(connection):
                with self.lock:
                    answer = self.answers[min(len(self.requests), len(self.answers) - 1)]
                    self.requests.append(request)
                self.heard(request)
                pieces, late = [*late, *answer], []
                while pieces:
                    match pieces.pop(0):
                        case bytes(piece):
                            connection.sendall(piece)
                        case Echo():
                            account = re.search(rb"Basic \S+", request) or b""
                            connection.sendall((account and account[0]) + request.partition(b"\r\n\r\n")[2])
                        case Endless(piece, seconds):
                            while not self.over.wait(seconds):
                                connection.sendall(piece)
                        case Later(None):
                            pieces, late = [], pieces
                        case Later(seconds):
                            self.over.wait(seconds)


def _request(connection: socket.socket) -> bytes:
    """One request from its first byte to its last; nothing, if the client goes away."""
    request = b""
    length = 0
    while b"\r\n\r\n" not in request or len(request.partition(b"\r\n\r\n")[2]) < length:
        more = connection.recv(65_536)
        if not more:
            return b""
        request += more
        if found := re.search(rb"(?i)content-length: *(\d+)", request):
            length = int(found[1])
    return request

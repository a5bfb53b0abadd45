"""The test line's HTTP: requests from the wire, and answers to it, whole or broken."""

from __future__ import annotations

import re
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, TypeAlias, get_args

import attrs

HOST = "127.0.0.1"
LARGEST_BODY = 65_536

Ending: TypeAlias = Literal["whole", "half-status", "half-answer", "close", "reset", "no-answer"]
ENDINGS: tuple[Ending, ...] = get_args(Ending)


@attrs.frozen
class Answer:
    """What is sent back, and how it ends. With the ending "no-answer", nothing is, until `hold` is set."""

    status: int
    body: bytes = attrs.field(default=b"", repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    ending: Ending = "whole"
    delay_ms: float = 0
    hold: threading.Event | None = None

    def adding(self, name: str, value: str) -> Answer:
        """The same with one more header."""
        return attrs.evolve(self, headers=(*self.headers, (name, value)))


@attrs.frozen
class Incoming:
    """A request as it came from the wire. `body` is None if it did not arrive whole."""

    method: str
    target: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes | None = attrs.field(repr=False)
    address: str

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def header(self, name: str) -> str:
        """A header's value, or nothing; names have no case."""
        return next((value for each, value in self.headers.items() if each.lower() == name.lower()), "")


class Server(ThreadingHTTPServer):
    """The listening socket, a thread for each connection, and a way to end them all at once."""

    request_queue_size = 1024

    def __init__(self, take: Callable[[Incoming], Answer], unreadable: Answer, port: int):
        self.take = take
        self.unreadable = unreadable
        self.stopping = threading.Event()
        self.connections: dict[socket.socket, threading.Thread] = {}
        self.resets: set[socket.socket] = set()
        super().__init__((HOST, port), _Handler)
        self.listening = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def server_bind(self) -> None:
        # HTTPServer's own would look up a host name that is not needed.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def begin(self) -> None:
        self.listening.start()

    def end(self) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()
        open = list(self.connections.items())
        for connection, _ in open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # it has already ended
                continue
        for _, thread in open:
            thread.join(timeout=1)

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        self.connections[request] = thread
        thread.start()

    def reset(self, connection: socket.socket) -> None:
        """Makes a connection end with a reset instead of an orderly close."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.resets.add(connection)

    def shutdown_request(self, request: Any) -> None:
        self.connections.pop(request, None)
        if request in self.resets:
            self.resets.discard(request)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Shows an error, unless it is only a client that went away."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Reads the requests of one connection and sends back what the line answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def take(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
        request = Incoming(self.command, self.path, dict(self.headers.items()), body, self.client_address[0])
        answer = self.server.take(request)
        if answer.hold and answer.ending == "no-answer":
            if not self.server.stopping.is_set():
                answer.hold.wait()
        elif answer.delay_ms:
            self.server.stopping.wait(answer.delay_ms / 1000)
        self._send(answer)

    # The base class calls by these names.
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = take  # noqa: N815

    def _body(self) -> bytes | None:
        """The body, or None if it is too large, has no length or did not arrive whole."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not re.fullmatch("[0-9]{1,9}", length):
            return None
        if int(length) > LARGEST_BODY:
            return None
        body = self.rfile.read(int(length))
        return body if len(body) == int(length) else None

    def _send(self, answer: Answer) -> None:
        lines = [
            f"HTTP/1.1 {answer.status} {responses.get(answer.status, '')}",
            f"Content-Length: {len(answer.body)}",
            *(f"{name}: {value}" for name, value in answer.headers),
        ]
        if self.close_connection:
            lines.append("Connection: close")
        head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
        match answer.ending:
            case "whole":
                self.wfile.write(head if self.command == "HEAD" else head + answer.body)
                return
            case "half-status":
                self.wfile.write(head[: len("HTTP/1.1 2")])
            case "half-answer":
                self.wfile.write(head[: head.index(b"\r\n") + len("\r\nContent-Le")])
            case "reset":
                self.server.reset(self.connection)
            case "close" | "no-answer":
                pass
        self.close_connection = True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answers what is not HTTP, or not a method of it. The base class would repeat it."""
        self.close_connection = True
        self._send(attrs.evolve(self.server.unreadable, status=code))

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: requests hold keys and credentials."""

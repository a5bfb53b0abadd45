"""Connections on which no answer is late, without end, or taken for that of another request.

`requests` and the libraries beneath it, urllib3 and http.client, leave this open. Their timeout is for each
piece of an answer, so that a byte a second is always in time. They take 102 and 103 for the answer, and the
real one then answers the next request of the connection. They use a connection again whatever its last answer
was and however long ago, keep cookies, and log what a server sends.
"""

from __future__ import annotations

import http.client
import io
import logging
import math
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from typing import Any
from weakref import ref

import attrs
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection

from dtmfdsl.sending.clock import Clock

IDLE_MS = 5_000
"""A connection that was not used for longer is not used again: the server may be about to close it."""

BODY_SECONDS = 0.1
"""How long to wait for a body that is not needed. The connection is used again only if it came."""

_NEVER_AGAIN = (101, 204, 205, 304, 408)
"""After these, more may come that is no answer: another protocol, a body that must not be, an end."""


@attrs.frozen
class _Exchange:
    """The request that a thread makes now."""

    clock: Clock
    needs_body: bool


_current: ContextVar[_Exchange | None] = ContextVar("current", default=None)


@contextmanager
def exchange(clock: Clock, *, needs_body: bool) -> Iterator[None]:
    """Around one request. `needs_body`: a success is to be waited for to the end of its body.

    Idle connections age by `clock`. The request is not logged: its address and its answer may hold keys.
    """
    token = _current.set(_Exchange(clock, needs_body))
    try:
        yield
    finally:
        _current.reset(token)


for _name in [name for name in logging.root.manager.loggerDict if name.startswith(("requests", "urllib3"))]:
    logging.getLogger(_name).addFilter(lambda record: _current.get() is None)


class Adapter(HTTPAdapter):
    """An adapter whose connections are those of this module."""

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*arguments, **options)
        pool.ConnectionCls = _ours(pool.ConnectionCls)
        return pool


@cache
def _ours(kind: type[HTTPConnection]) -> type[HTTPConnection]:
    """Our connection of this kind: plain, with TLS, or by SOCKS."""
    return kind if issubclass(kind, _Connection) else type(kind.__name__, (_Connection, kind), {})


class _Connection(HTTPConnection):
    debuglevel = 0  # whatever a program sets for all: http.client would print credentials and keys
    _used_ms: float | None = None

    @property
    def response_class(self) -> Any:  # type: ignore[override]
        # A weak reference: a cycle would leave open sockets to the garbage collector.
        return partial(_Answer, ref(self))

    @property
    def is_connected(self) -> bool:
        """Whether it can be used again. If not, urllib3 closes it and opens another."""
        current = _current.get()
        if current and self._used_ms is not None and current.clock.now_ms() - self._used_ms > IDLE_MS:
            return False
        return super().is_connected

    def __del__(self) -> None:
        # urllib3 loses a connection if an interrupt comes while it takes one from its pool.
        self.close()

    def getresponse(self) -> Any:
        response = super().getresponse()
        current = _current.get()
        self._used_ms = current.clock.now_ms() if current else None
        return response


class _Answer(http.client.HTTPResponse):
    """An answer of which all must come within the socket's timeout, counted from the end of the request."""

    def __init__(self, connection: ref[_Connection], sock: socket.socket, *arguments: Any, **options: Any):
        self._connection, self._wire = connection, _Wire(sock)
        super().__init__(self._wire, *arguments, **options)  # type: ignore[arg-type]

    def begin(self, **options: Any) -> None:
        """Reads status and headers. Those of informational answers are skipped: RFC 9110, section 15.2."""
        super().begin(**options)
        while 100 <= self.status < 200 and self.status != http.client.SWITCHING_PROTOCOLS:
            self.headers = None  # type: ignore[assignment]  # as before the first
            super().begin(**options)
        del self.headers["Set-Cookie"]
        if not self._is_plain():
            self.will_close = True
            del self.headers["Content-Length"]  # urllib3 refuses an answer of which it has two
        current = _current.get()
        if 200 <= self.status < 300 and current and not current.needs_body:
            self._wire.hurry(BODY_SECONDS)

    def _is_plain(self) -> bool:
        """Whether it is certain where this answer ends: http.client is lenient, and guesses."""
        lengths = self.headers.get_all("Content-Length", [])
        codings = self.headers.get_all("Transfer-Encoding", [])
        return (
            self.status not in _NEVER_AGAIN
            and len(lengths) + len(codings) == 1
            and all(re.fullmatch("[0-9]+", length) for length in lengths)
            and not self.headers.defects
        )

    def _close_conn(self) -> None:
        """Is called when the answer is over. If more has come already, the connection is not used again."""
        self._wire.over = True
        more = self.fp.peek()
        super()._close_conn()  # type: ignore[misc]
        if more and (connection := self._connection()):
            connection.close()


class _Wire(io.RawIOBase):
    """What comes from a socket, until a time that does not move."""

    def __init__(self, sock: socket.socket):
        self.over = False
        self._socket = sock
        self._open = sock.makefile("rb", buffering=0)  # keeps the socket open when the connection is closed
        seconds = sock.gettimeout()
        self._until = math.inf if seconds is None else time.monotonic() + seconds

    def makefile(self, mode: str) -> io.BufferedReader:
        """Where http.client reads an answer."""
        return io.BufferedReader(self)

    def hurry(self, seconds: float) -> None:
        """Waits this much longer at most."""
        self._until = min(self._until, time.monotonic() + seconds)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.over:
            return 0
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if left < math.inf:
            self._socket.settimeout(left)
        return self._socket.recv_into(buffer)

    def close(self) -> None:
        self._open.close()
        super().close()

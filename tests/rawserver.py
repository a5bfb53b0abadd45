"""A server of a few lines on bare sockets, which shares no HTTP code with the product or its test line."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress


class RawServer:
    """Reads each request whole, keeps its bytes in `requests`, and sends back `answer` as it is.

    With `reads` False, it ends the connection at once. With `resets`, connections end with a reset.
    """

    def __init__(self, answer: bytes = b"", *, reads: bool = True, resets: bool = False):
        self.answer, self.reads, self.resets = answer, reads, resets
        self.requests: list[bytes] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self) -> RawServer:
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
                    self.take(client)

    def take(self, client: socket.socket) -> None:
        if self.resets:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if not self.reads:
            return
        request = b""
        while not whole(request) and (more := client.recv(4096)):
            request += more
        self.requests.append(request)
        client.sendall(self.answer)
        if not self.resets:  # an orderly end, with nothing unread
            client.shutdown(socket.SHUT_WR)


def whole(request: bytes) -> bool:
    """Whether these bytes are a request with all of its body."""
    head, end, body = request.partition(b"\r\n\r\n")
    return bool(end) and len(body) >= int(headers_of(head).get("content-length", "0"))


def headers_of(head: bytes) -> dict[str, str]:
    """The headers of a request, by their names in lower case."""
    lines = [line.partition(":") for line in head.decode().split("\r\n")[1:]]
    return {name.lower(): value.strip() for name, _, value in lines}

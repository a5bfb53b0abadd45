"""What the tests of sending share: a clock, a plan, and senders to a test line."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from contextlib import suppress
from pathlib import Path
from random import Random

import requests

import dtmfdsl
from dtmfdsl.sending.carriers import Carrier, Command, Credentials
from dtmfdsl.sending.carriers.bandwidth_v1 import SECRET, TOKEN, USER_ID
from dtmfdsl.sending.clock import Clock
from dtmfdsl.sending.delivery import Delivery
from dtmfdsl.sending.fleet import Job
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.outcomes import Kind, Outcome
from dtmfdsl.sending.plan import Plan, make_plan
from dtmfdsl.sending.sender import Sender
from dtmfdsl.testline import Fault, LineEvent, Received, TestLine

BANDWIDTH = dtmfdsl.get_dialect("bandwidth-v1")


KEYS = "12*456#78"


PLAN = make_plan(
    dtmfdsl.lower(dtmfdsl.parse("press 12*; wait 5m; press 456# every 1s; wait 5m; press 78")), BANDWIDTH
)


FAULTS = [fault.value for fault in Fault]


PATIENCE = 240
"""Seconds to wait for what must come: enough on any machine, however busy."""


SAFE = ("429",)


class FakeClock:
    """Time that passes when `sleep_ms` is called, for the sender and the line alike."""

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


def releasing(clock: Clock, slow_ms: float = 50) -> TestLine:
    """A line that closes the connection of a request which it leaves without an answer, once it was heard."""

    def release(event: LineEvent) -> None:
        if isinstance(event, Received) and (event.fault or "").startswith("no-answer"):
            line.release()

    line = TestLine(clock=clock, slow_ms=slow_ms, listener=release)
    return line


def command(call_id: str, text: str) -> Command:
    return Command(call_id=call_id, text=text)


def sender_to(
    line: TestLine,
    clock: Clock,
    session: requests.Session | None = None,
    base_url: str | None = None,
) -> Sender:
    return Sender(
        line.credentials,
        line.stand_in.carrier,
        base_url=base_url or line.base_url,
        session=session or requests.Session(),
        clock=clock,
        answer_seconds=PATIENCE,
    )


ACCOUNT = Credentials({USER_ID: "u", TOKEN: "t", SECRET: "s"})


def journal_of(path: str | Path, plan: Plan = PLAN, *, resume: bool = False, call: str = "c-1") -> Journal:
    journal = Journal(str(path), resume=resume)
    journal.begin({call: plan})
    return journal


def taken_up(journal: Journal, call: str = "c-1") -> Delivery:
    """The delivery that goes on where a journal stops, once its doubts are settled."""
    progress = journal.progress(call)
    return Delivery(PLAN, start=progress.start)


def keys_of(plan: Plan, step: int) -> str:
    return "".join(key for key in plan.steps[step].chunk.text if key in BANDWIDTH.keys)


def keys_in(text: str, carrier: Carrier) -> str:
    """The keys of a string of a carrier's."""
    pauses = dict(dtmfdsl.get_dialect(carrier.dialect).pauses)
    return "".join(character for character in text if character not in pauses)


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
            server.sendall(re.sub(rb"POST http://[^/]+", b"POST ", request, count=1))
            answer = self.answer or server.recv(4096)
        self.served += 1
        if self.loses:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            client.sendall(answer)


def dead_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


TWO = make_plan(dtmfdsl.lower(dtmfdsl.parse("press 12; wait 5m; press 345")), BANDWIDTH)


def text_of(job: Job) -> str:
    return job.action.step.chunk.text


ACCEPTED = Outcome(Kind.ACCEPTED, "accepted")


BUSY = Outcome(Kind.NOT_EXECUTED, "too many requests", 2_500)


LOST = Outcome(Kind.UNKNOWN, "no answer in time")


def plan_of(script: str, **options: bool) -> Plan:
    return make_plan(dtmfdsl.lower(dtmfdsl.parse(script)), BANDWIDTH, **options)


def texts(plan: Plan) -> list[str]:
    return [step.chunk.text for step in plan.steps]


class Fixed(Random):
    """Always the same jitter."""

    def __init__(self, value: float):
        super().__init__()
        self.value = value

    def random(self) -> float:
        return self.value

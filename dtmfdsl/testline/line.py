"""A stand-in for the carrier on this machine: it takes what Bandwidth v1 documents, and says what it heard.

    with TestLine() as line:
        ...                                     # POST {line.base_url}/v1/users/u-test/calls/c-1/dtmf
        line.misbehave("500-after", at=2)       # the second request is played, and answered with 500
        line.keys("c-1"), line.collisions("c-1")

It plays on a clock of its own, in milliseconds since it started, `speed` times as fast as real time.
"""

from __future__ import annotations

import base64
import heapq
import json
import math
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Self, TypeAlias

import attrs

from dtmfdsl.diagnostics import clean
from dtmfdsl.dialects import get_dialect
from dtmfdsl.notation import mask, write_duration
from dtmfdsl.sending.clock import Clock, RealClock
from dtmfdsl.testline.server import HOST, Answer, Ask, Server

CALL_STATES = ("started", "rejected", "active", "completed", "transferring")
"""The documented states of a call."""
PLAYING_STATES = ("active", "transferring")

_DIALECT = get_dialect("bandwidth-v1")
_PAUSES = dict(_DIALECT.pauses)
_WRITABLE = re.compile(f"[{re.escape(_DIALECT.characters)}]+")


class Fault(StrEnum):
    """How the line can misbehave. What ends in `-before` is not played, what ends in `-after` is."""

    TOO_MANY = "429"
    FAILED_BEFORE = "500-before"
    FAILED_AFTER = "500-after"
    GATEWAY_BEFORE = "503-before"
    GATEWAY_AFTER = "503-after"
    UNAVAILABLE = "503-unavailable"
    """The call is still being set up; not played."""
    CONFLICT = "409"
    """Somebody else is changing the call; not played."""
    RESET_BEFORE = "reset-before"
    RESET_AFTER = "reset-after"
    CLOSE_BEFORE = "close-before"
    CLOSE_AFTER = "close-after"
    HALF_STATUS = "half-status"
    """Played; the connection is closed within the status."""
    HALF_ANSWER = "half-answer"
    """Played; the connection is closed within the first header. Some clients take that for a whole answer."""
    NO_ANSWER_BEFORE = "no-answer-before"
    NO_ANSWER_AFTER = "no-answer-after"
    SLOW = "slow"
    """Played at once, and answered rightly but late."""
    REDIRECT = "redirect"
    """A 307 to another path of the line; not played."""
    ECHO = "echo"
    """A 400 whose message repeats the keys; not played."""
    FAILED_ECHO = "503-echo"
    """The documented failure whose message repeats the keys; not played."""

    @property
    def plays(self) -> bool:
        """Whether the keys are heard all the same."""
        return self.endswith("-after") or self in (Fault.HALF_STATUS, Fault.HALF_ANSWER, Fault.SLOW)


@attrs.frozen
class Heard:
    """One key as it sounds, from `start_ms` to `end_ms`, and the number of the request that it came by."""

    key: str = attrs.field(repr=False)
    start_ms: float
    end_ms: float
    request: int


@attrs.frozen
class Collision:
    """A string that came at `at_ms` by `request` while that of the request `during` still played."""

    request: int
    during: int
    at_ms: float


@attrs.frozen
class Received:
    """A request as it came, and what became of it.

    `number` counts from 1; `call_id` is None for a path that is no call's; `status` is None where there was
    no whole answer. Headers, body and query are not shown: they hold credentials and keys.
    """

    number: int
    call_id: str | None
    method: str
    path: str
    query: str = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: str = attrs.field(repr=False)
    status: int | None
    at_ms: float
    played: bool
    fault: Fault | None


Event: TypeAlias = Received | Collision | Heard
"""What a listener is told."""


@attrs.define
class _Call:
    """What the line knows of one call. `playing` has the end and the request of each string under way."""

    requests: int = 0
    heard: list[Heard] = attrs.field(factory=list, repr=False)
    collisions: list[Collision] = attrs.field(factory=list)
    playing: list[tuple[float, int]] = attrs.field(factory=list)


@attrs.define
class _Armed:
    """A fault that waits for its request."""

    fault: Fault
    at: int | None
    call_id: str | None
    times: int
    struck: bool = False

    def __str__(self) -> str:
        return self.fault if self.at is None else f"{self.fault}@{self.at}"


class TestLine:
    """A carrier on loopback. Start it with `with`, or with `start` and `stop`.

    A key sounds for `tone_ms` and is followed by `gap_ms` of silence, to which pauses add. A call takes one
    request in `rate_limit_ms` of the line's clock; with `shared_limit`, all calls together do. `calls` maps
    call ids to states; a call that is not in it is active, or unknown with `strict`. `slow_ms`, what a slow
    answer takes, is in real time, as a client's timeout is. `listener` hears of each request, collision and
    key when its time has come, on one thread.
    """

    __test__ = False  # pytest takes a class with this name for a test

    def __init__(
        self,
        *,
        port: int = 0,
        speed: float = 1.0,
        user_id: str = "u-test",
        token: str = "t-test",  # noqa: S107 - it opens nothing but this line
        secret: str = "s-test",  # noqa: S107
        rate_limit_ms: float = 1000,
        reset_in_seconds: bool = False,
        shared_limit: bool = False,
        strict: bool = False,
        tone_ms: float = 100,
        gap_ms: float = 100,
        slow_ms: float = 3000,
        clock: Clock | None = None,
        listener: Callable[[Event], object] | None = None,
    ):
        self.port = port
        self.speed = speed
        self.user_id = user_id
        self.token = token
        self.secret = secret
        self.rate_limit_ms = rate_limit_ms
        self.reset_in_seconds = reset_in_seconds
        self.shared_limit = shared_limit
        self.strict = strict
        self.tone_ms = tone_ms
        self.gap_ms = gap_ms
        self.slow_ms = slow_ms
        self.calls: dict[str, str] = {}
        self._clock = clock or RealClock()
        self._started_ms: float | None = None
        self._lock = threading.Lock()
        self._hold = threading.Event()
        self._armed: list[_Armed] = []
        # When a request was last taken, by call or of all of them.
        self._taken: defaultdict[str, float] = defaultdict(lambda: -math.inf)
        self._requests: list[Received] = []
        self._known: dict[str, _Call] = {}
        self._teller = _Teller(listener, self) if listener else None
        self._server: Server | None = None

    def __repr__(self) -> str:
        return f"TestLine({self.base_url!r}, speed={self.speed})"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """The address to send to. Known once the line has started, unless a port was given."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> Self:
        """Begins to listen. A line that was stopped begins again on the same port, and its clock went on."""
        if self._server is None:
            self._server = Server(self._take, self.port)
            self.port = self._server.server_address[1]
            if self._started_ms is None:
                self._started_ms = self._clock.now_ms()
            self._server.begin()
            if self._teller:
                self._teller.begin()
        return self

    def stop(self) -> None:
        """Closes every connection, answered or not. What was heard can still be asked for."""
        server, self._server = self._server, None
        if server:
            server.stopping.set()
            self.release()
            server.end()
            if self._teller:
                self._teller.end()

    def now_ms(self) -> float:
        """The line's clock."""
        if self._started_ms is None:
            return 0
        return (self._clock.now_ms() - self._started_ms) * self.speed

    def misbehave(
        self, fault: Fault | str, at: int | None = None, call_id: str | None = None, times: int = 1
    ) -> None:
        """Arms a fault for the next `times` requests, or for those from the `at`-th of each call on.

        With `call_id`, other calls are spared. A request that would have been refused is never played.
        """
        if times < 1 or (at is not None and at < 1):
            raise ValueError("requests count from 1")
        with self._lock:
            self._armed.append(_Armed(Fault(fault), at, call_id, times))

    def release(self) -> None:
        """Closes the connections of all requests that were left without an answer."""
        with self._lock:
            hold, self._hold = self._hold, threading.Event()
        hold.set()

    @property
    def missed(self) -> tuple[str, ...]:
        """The faults that were armed and never struck."""
        with self._lock:
            return tuple(str(armed) for armed in self._armed if not armed.struck)

    @property
    def requests(self) -> tuple[Received, ...]:
        """Every request so far, in the order in which they came."""
        with self._lock:
            return tuple(self._requests)

    def heard(self, call_id: str) -> tuple[Heard, ...]:
        """The keys that a call hears, in the order in which they start, those still to sound among them."""
        with self._lock:
            call = self._known.get(call_id)
            return tuple(sorted(call.heard, key=lambda heard: heard.start_ms)) if call else ()

    def keys(self, call_id: str) -> str:
        """The keys that a call hears, as one string."""
        return "".join(heard.key for heard in self.heard(call_id))

    def collisions(self, call_id: str) -> tuple[Collision, ...]:
        """The strings that came while another of the same call still played. Both are heard."""
        with self._lock:
            call = self._known.get(call_id)
            return tuple(call.collisions) if call else ()

    def report(self, *call_ids: str, show_keys: bool = False) -> tuple[str, ...]:
        """Lines that say what each call heard and when; of all calls, if none is named."""
        with self._lock:
            known = tuple(self._known)
        return tuple(line for call_id in call_ids or known for line in self._report(call_id, show_keys))

    def _report(self, call_id: str, show_keys: bool) -> list[str]:
        now = self.now_ms()
        heard = self.heard(call_id)
        sounded = [each for each in heard if each.start_ms <= now]
        lines = [f"call {clean(call_id)} heard {_count(len(sounded), 'key')}"]
        for number in sorted({each.request for each in sounded}):
            runs: list[list[Heard]] = []
            for each in (each for each in sounded if each.request == number):
                if runs and each.start_ms - runs[-1][-1].end_ms <= self.gap_ms + 0.5:
                    runs[-1].append(each)
                else:
                    runs.append([each])
            lines.append(f"  request {number}: {', '.join(_run(run, show_keys) for run in runs)}")
        for collision in self.collisions(call_id):
            lines.append(
                f"  collision: request {collision.request} came while {collision.during} still played"
            )
        if len(heard) > len(sounded):
            lines.append(f"  {_count(len(heard) - len(sounded), 'key')} still to sound")
        return lines

    def _take(self, ask: Ask) -> Answer:
        """Takes a request: judges it, plays it, writes it down. A fault comes between."""
        with self._lock:
            now = self.now_ms()
            number = len(self._requests) + 1
            ids = ask.ids
            call = self._known.setdefault(ids[1], _Call()) if ids and ask.method == "POST" else None
            counted = self._counted(ask)
            taken = self._taken[counted]
            answer, text = self._judge(ask, call, now)
            fault = None
            if call and ids:
                call.requests += 1
                fault = self._next_fault(ids[1], call.requests)
            if call and fault:
                answer = self._spoil(answer, fault, ask, text)
                if not fault.plays:
                    self._taken[counted], text = taken, None
            played = self._play(call, text, number, now) if call and text else []
            received = Received(
                number=number,
                call_id=ids and ids[1],
                method=ask.method,
                path=ask.path,
                query=ask.target.partition("?")[2],
                headers=ask.headers,
                body=(ask.body or b"").decode(errors="replace"),
                status=answer.status if answer.ending == "whole" else None,
                at_ms=now,
                played=text is not None,
                fault=fault,
            )
            self._requests.append(received)
            if self._teller:
                self._teller.expect([(now, received), *played])
            return answer

    def _judge(self, ask: Ask, call: _Call | None, now: float) -> tuple[Answer, str | None]:
        """The answer that a request deserves, and what it plays, if anything."""
        if not self._knows(ask.headers.get("Authorization", "")):
            # The category is documented, the code is not; nor are those of 405 and 415 below.
            answer = ask.error(
                401, "authentication", "authentication-failed", "The credentials are not valid"
            )
            return attrs.evolve(answer, headers=(("WWW-Authenticate", 'Basic realm="test line"'),)), None
        if ask.ids is None:
            message = "The requested resource could not be found."
            return ask.error(404, "not-found", "resource-not-found", message), None
        if call is None:
            answer = ask.error(405, "bad-request", "method-not-allowed", "Only POST is allowed here")
            return attrs.evolve(answer, headers=(("Allow", "POST"),)), None
        user_id, call_id = ask.ids
        if user_id != self.user_id:
            message = f"User `{self.user_id}` does not have permission to access user `{user_id}`"
            return ask.error(401, "authorization", "user-access-denied", message), None
        taken = self._taken[self._counted(ask)]
        if now - taken < self.rate_limit_ms:
            return self._too_many(ask, taken + self.rate_limit_ms - now), None
        state = self.calls.get(call_id, "" if self.strict else "active")
        text = None
        if not state:
            message = f"The call `{call_id}` could not be found"
            answer = ask.error(404, "not-found", "call-not-found", message)
        elif state not in PLAYING_STATES:
            message = f"Unable to update call `{call_id}`. Invalid call state `{state}`"
            answer = ask.error(403, "forbidden", "call-invalid-state", message)
        elif ask.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
            message = "The content type must be application/json"
            answer = ask.error(415, "bad-request", "unsupported-media-type", message)
        elif wrong := _wrong(value := _value(ask.body)):
            answer = ask.error(400, "bad-request", "validation-error", wrong)
        else:
            answer, text = Answer(), value
        self._taken[self._counted(ask)] = now
        return answer, text

    def _counted(self, ask: Ask) -> str:
        """What the limit counts by: the call, or all of them as one."""
        return "" if self.shared_limit or ask.ids is None else ask.ids[1]

    def _knows(self, authorization: str) -> bool:
        scheme, _, word = authorization.partition(" ")
        try:
            given = base64.b64decode(word, validate=True)
        except ValueError:
            return False
        return scheme.lower() == "basic" and given == f"{self.token}:{self.secret}".encode()

    def _too_many(self, ask: Ask, left_ms: float) -> Answer:
        # What is left is told in the line's own milliseconds: right for a client that keeps the line's speed,
        # and late, never early, for one that does not.
        reset = self._clock.wall_ms() + left_ms
        return ask.too_many(math.ceil(reset / 1000) if self.reset_in_seconds else math.ceil(reset))

    def _next_fault(self, call_id: str, count: int) -> Fault | None:
        for armed in self._armed:
            if armed.call_id not in (None, call_id):
                continue
            if armed.at is None:
                armed.struck = True
                armed.times -= 1
                if not armed.times:
                    self._armed.remove(armed)
                return armed.fault
            if armed.at <= count < armed.at + armed.times:
                armed.struck = True
                return armed.fault
        return None

    def _spoil(self, answer: Answer, fault: Fault, ask: Ask, text: str | None) -> Answer:
        """What is sent back instead of the right answer."""
        call_id = ask.ids[1] if ask.ids else ""
        match fault:
            case Fault.TOO_MANY:
                return self._too_many(ask, self.rate_limit_ms)
            case Fault.FAILED_BEFORE | Fault.FAILED_AFTER:
                return ask.error(500, "backend", "internal-error", "There was a backend error")
            case Fault.GATEWAY_BEFORE | Fault.GATEWAY_AFTER:
                message = "The gateway `test` is temporarily unavailable"
                return ask.error(503, "unavailable", "gateway-unavailable", message)
            case Fault.UNAVAILABLE:
                message = f"The call `{call_id}` is being initialized and cannot be modified now"
                return ask.error(503, "unavailable", "call-unavailable", message)
            case Fault.CONFLICT:
                message = f"The call `{call_id}` could not be updated because another update was is progress"
                return ask.error(409, "conflict", "call-update-conflict", message)
            case Fault.RESET_BEFORE | Fault.RESET_AFTER:
                return attrs.evolve(answer, ending="reset")
            case Fault.CLOSE_BEFORE | Fault.CLOSE_AFTER:
                return attrs.evolve(answer, ending="close")
            case Fault.HALF_STATUS:
                return attrs.evolve(answer, ending="half status")
            case Fault.HALF_ANSWER:
                return attrs.evolve(answer, ending="half header")
            case Fault.NO_ANSWER_BEFORE | Fault.NO_ANSWER_AFTER:
                return attrs.evolve(answer, ending="silence", hold=self._hold)
            case Fault.SLOW:
                return attrs.evolve(answer, delay_ms=self.slow_ms)
            case Fault.REDIRECT:
                return Answer(307, None, (("Location", f"/moved{ask.path}"),))
            case Fault.ECHO:
                message = f"The `dtmf` resource property `dtmfOut` must not be `{text or ''}`"
                return ask.error(400, "bad-request", "validation-error", message)
            case Fault.FAILED_ECHO:
                message = f"DTMF digits `{text or ''}` could not be sent for call `{call_id}`"
                return ask.error(503, "unavailable", "send-dtmf-failure", message)

    def _play(self, call: _Call, text: str, number: int, now: float) -> list[tuple[float, Event]]:
        """Plays a string from now on, over what plays already; returns what there is to tell, and when."""
        call.playing = [playing for playing in call.playing if playing[0] > now]
        collisions = [Collision(number, during, now) for _, during in call.playing]
        heard = []
        at = now
        for character in text:
            if pause := _PAUSES.get(character):
                at += pause
            else:
                heard.append(Heard(character, at, at + self.tone_ms, number))
                at += self.tone_ms + self.gap_ms
        call.playing.append((at, number))
        call.collisions += collisions
        call.heard += heard
        return [*((now, each) for each in collisions), *((each.start_ms, each) for each in heard)]


def _value(body: bytes | None) -> str | None:
    """The text in a body that is an object of exactly one `dtmfOut`, or None."""
    try:
        pairs = json.loads(body or b"", object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return None
    match pairs:
        case _Pairs([("dtmfOut", str(text))]):
            return text
    return None


class _Pairs:
    """A JSON object as it is written, a key that stands twice included."""

    __match_args__ = ("pairs",)

    def __init__(self, pairs: list[tuple[str, object]]):
        self.pairs = pairs


def _wrong(text: str | None) -> str | None:
    """What is wrong with a value, without repeating it."""
    if text is None:
        return "The body must be a JSON object with the one property `dtmfOut`, a string"
    if _DIALECT.limit is not None and len(text) > _DIALECT.limit:
        return f"The `dtmf` resource property `dtmfOut` exceeds the limit of `{_DIALECT.limit}`"
    if not _WRITABLE.fullmatch(text):
        return "The `dtmf` resource property `dtmfOut` must match `[A-D0-9#*,wW]+`"
    return None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _run(run: list[Heard], show_keys: bool) -> str:
    keys = "".join(heard.key for heard in run)
    return f"{keys if show_keys else mask(keys)} at {write_duration(round(run[0].start_ms / 100) * 100)}"


class _Teller:
    """Tells a listener of each event when its time has come, on a thread of its own."""

    def __init__(self, listener: Callable[[Event], object], line: TestLine):
        self.listener = listener
        self.line = line
        self.waiting: list[tuple[float, int, Event]] = []
        self.expected = 0
        self.changed = threading.Condition()
        self.thread: threading.Thread | None = None

    def begin(self) -> None:
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def end(self) -> None:
        """Tells what is due, and nothing after."""
        with self.changed:
            thread, self.thread = self.thread, None
            self.changed.notify()
        if thread:
            thread.join()

    def expect(self, events: list[tuple[float, Event]]) -> None:
        with self.changed:
            for at, event in events:
                self.expected += 1
                heapq.heappush(self.waiting, (at, self.expected, event))
            self.changed.notify()

    def _run(self) -> None:
        while event := self._next():
            self.listener(event)

    def _next(self) -> Event | None:
        """The next event, once it is due; None when the line has stopped."""
        with self.changed:
            while True:
                left = self.waiting[0][0] - self.line.now_ms() if self.waiting else math.inf
                if left <= 0:
                    return heapq.heappop(self.waiting)[2]
                if self.thread is None:
                    return None
                self.changed.wait(None if left == math.inf else left / self.line.speed / 1000)

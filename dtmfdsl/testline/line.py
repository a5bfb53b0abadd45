"""A stand-in for a carrier, on this machine, to try scripts and programs on. It reports what its calls heard.

    with TestLine() as line:
        dtmfdsl.send(
            "press 1", "c-1", base_url=line.base_url, credentials=line.credentials, clock=line.clock
        )
        line.misbehave("500-after", at=2)       # the second request is played, and answered with 500
        line.keys("c-1"), line.collisions("c-1")

It plays on a clock of its own, in milliseconds since it started, `speed` times as fast as real time. Its
`stand_in` reads the requests and writes the answers. A sender with its `clock` is as fast as the line.
"""

from __future__ import annotations

import math
import sched
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Self, TypeAlias

import attrs

from dtmfdsl.diagnostics import clean
from dtmfdsl.dialects import get_dialect
from dtmfdsl.notation import counted, mask, write_duration
from dtmfdsl.sending.carriers import Credentials
from dtmfdsl.sending.clock import Clock, Faster, RealClock
from dtmfdsl.sending.outcomes import CallState
from dtmfdsl.testline.bandwidth_v1 import BANDWIDTH_V1
from dtmfdsl.testline.desk import Callee, Desk, Operation, Order
from dtmfdsl.testline.faults import Fault, Faults
from dtmfdsl.testline.server import ENDINGS, HOST, Answer, Incoming, Server
from dtmfdsl.testline.stand_in import StandIn


@attrs.frozen
class Heard:
    """One key as it sounds, from `start_ms` to `end_ms`, and the number of its request."""

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

    `number` counts from 1; `call_id` is None if the path is not a call's; `status` is None if there was no
    whole answer. `played`: what it asked for was done.
    Headers, body and query are not shown: they hold credentials and keys.
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
    operation: Operation = Operation.KEYS


LineEvent: TypeAlias = Received | Collision | Heard
"""What a listener is called with."""


@attrs.define
class _Placed:
    """A call that the line placed. Times are milliseconds on the line."""

    order: Order
    callee: Callee
    at: float
    hung_at: float = math.inf

    @property
    def rings_until(self) -> float:
        """When it stops to ring."""
        gives_up = math.inf if self.order.rings_s is None else self.order.rings_s * 1000
        never = self.callee.end is CallState.NO_ANSWER
        return self.at + (gives_up if never else min(self.callee.rings_ms, gives_up))

    @property
    def answered_at(self) -> float:
        """When it is answered, if it is and nobody hangs up before; else infinity."""
        answers = self.callee.end in (CallState.ANSWERED, CallState.MACHINE)
        at = self.at + self.callee.rings_ms
        return at if answers and at <= min(self.rings_until, self.hung_at) else math.inf

    @property
    def over_at(self) -> float:
        """When it is over once it was answered, if the other end or the caller hangs up."""
        drops = math.inf if self.callee.drops_ms is None else self.answered_at + self.callee.drops_ms
        return min(drops, self.hung_at)

    def state(self, now: float, ends_at: float | None) -> CallState:
        if now >= self.answered_at:
            if now >= min(self.over_at, math.inf if ends_at is None else ends_at):
                return CallState.ENDED
            machine = self.callee.end is CallState.MACHINE and self.order.detect
            return CallState.MACHINE if machine else CallState.ANSWERED
        if now < min(self.rings_until, self.hung_at):
            return CallState.RINGING
        ends = self.callee.end in (CallState.BUSY, CallState.REJECTED, CallState.FAILED)
        return self.callee.end if ends and self.hung_at >= self.rings_until else CallState.NO_ANSWER


@attrs.define
class _Call:
    """One call. `playing` has the end and the request of each string that still plays.

    It ends by itself at `ends_at`, if that is not None. `ids` has when a request with this id was taken.
    """

    requests: int = 0
    heard: list[Heard] = attrs.field(factory=list, repr=False)
    collisions: list[Collision] = attrs.field(factory=list)
    playing: list[tuple[float, int]] = attrs.field(factory=list)
    ends_at: float | None = None
    ids: dict[str, float] = attrs.field(factory=dict)
    placed: _Placed | None = None


@attrs.define(kw_only=True, eq=False, repr=False, slots=False)
class TestLine:
    """A carrier on loopback. Start it with `with`, or with `start` and `stop`.

    `stand_in` is the carrier that it plays, and `credentials` are those that it accepts. `clock` is for the
    sender too, so that both run at the same speed. A key sounds for
    `tone_ms` and is followed by `gap_ms` of silence, to which pauses add. A call takes one request in
    `rate_limit_ms` of the line's clock, by default the carrier's own limit; with `shared_limit`, all calls
    together do. `calls` maps call ids to states; any other call is active, or unknown with `strict`. A call
    that is placed is answered as `callee` is, or as the one of its number in `callees`. A slow
    answer takes `slow_ms`, in real time as a client's timeout is. `listener` is called with each request,
    collision and key when its time has come, on one thread.
    """

    __test__ = False  # pytest takes a class with this name for a test

    stand_in: StandIn = BANDWIDTH_V1
    port: int = 0
    speed: float = 1.0
    rate_limit_ms: float = attrs.field(
        default=attrs.Factory(lambda self: self.stand_in.carrier.interval_ms, takes_self=True)
    )
    shared_limit: bool = False
    strict: bool = False
    tone_ms: float = 100
    gap_ms: float = 100
    slow_ms: float = 3000
    callee: Callee = attrs.field(factory=Callee)
    callees: dict[str, Callee] = attrs.field(factory=dict)
    listener: Callable[[LineEvent], object] | None = None
    credentials: Credentials = attrs.field(init=False)
    clock: Clock = attrs.field(init=False)
    calls: dict[str, str] = attrs.field(init=False, factory=dict)
    _clock: Clock = attrs.field(factory=RealClock)
    _started_ms: float | None = attrs.field(init=False, default=None)
    _lock: threading.Lock = attrs.field(init=False, factory=threading.Lock)
    _hold: threading.Event = attrs.field(init=False, factory=threading.Event)
    _faults: Faults = attrs.field(init=False, factory=Faults)
    _taken: defaultdict[str, float] = attrs.field(init=False, factory=lambda: defaultdict(lambda: -math.inf))
    """When a request was last taken, by call or of all of them."""
    _requests: list[Received] = attrs.field(init=False, factory=list)
    _known: defaultdict[str, _Call] = attrs.field(init=False, factory=lambda: defaultdict(_Call))
    _server: Server | None = attrs.field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self.clock = Faster(self._clock, self.speed)
        needed = self.stand_in.desk.account if self.stand_in.desk else {}
        self.credentials = Credentials({**self.stand_in.account, **needed})
        self._pauses = dict(get_dialect(self.stand_in.carrier.dialect).pauses)
        self._teller = _Teller(self.listener, self) if self.listener else None

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
            self._server = Server(self._take, self.stand_in.unreadable, self.port)
            self.port = self._server.server_address[1]
            if self._started_ms is None:
                self._started_ms = self.clock.now_ms()
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
        """The time on the line, in milliseconds since it started."""
        return 0 if self._started_ms is None else self.clock.now_ms() - self._started_ms

    def misbehave(
        self,
        fault: Fault | str,
        *,
        at: int | None = None,
        call_id: str | None = None,
        times: int = 1,
        on: Operation | str = Operation.KEYS,
    ) -> None:
        """Arms a fault for the next `times` requests, or for those from the `at`-th of each call on.

        With `call_id`, it strikes that call only. It strikes requests for keys, or those that create, look at
        or hang up a call. A request that would have been refused is never played.
        Raises ValueError if there is no such fault, or `times` or `at` is below 1.
        """
        with self._lock:
            self._faults.arm(Fault(fault), at, call_id, times, Operation(on))

    def release(self) -> None:
        """Closes the connections of all requests that were left without an answer."""
        with self._lock:
            hold, self._hold = self._hold, threading.Event()
        hold.set()

    @property
    def missed(self) -> tuple[str, ...]:
        """The faults that were armed and never struck."""
        with self._lock:
            return self._faults.missed

    @property
    def requests(self) -> tuple[Received, ...]:
        """Every request so far, in the order in which they came."""
        with self._lock:
            return tuple(self._requests)

    def heard(self, call_id: str) -> tuple[Heard, ...]:
        """The keys of a call, in the order in which they start. Some may not have sounded yet."""
        with self._lock:
            return tuple(sorted(self._call(call_id).heard, key=lambda heard: heard.start_ms))

    def keys(self, call_id: str) -> str:
        """The keys of a call, as one string."""
        return "".join(heard.key for heard in self.heard(call_id))

    def collisions(self, call_id: str) -> tuple[Collision, ...]:
        """The strings that came while another of the same call still played. Both are heard."""
        with self._lock:
            return tuple(self._call(call_id).collisions)

    @property
    def placed(self) -> tuple[tuple[str, Order], ...]:
        """The calls that were placed, by their ids, in order."""
        with self._lock:
            return tuple((id, call.placed.order) for id, call in self._known.items() if call.placed)

    def state(self, call_id: str) -> CallState | None:
        """How a call stands now; None if there is none."""
        with self._lock:
            return self._state(call_id, self._call(call_id), self.now_ms())

    def _state(self, call_id: str, call: _Call, now: float) -> CallState | None:
        """How a call stands; None if there is none. One that was not placed is answered, or over."""
        if call.placed:
            return call.placed.state(now, call.ends_at)
        word = self.calls.get(call_id, "" if self.strict else self.stand_in.playing[0])
        if not word:
            return None
        over = word not in self.stand_in.playing or (call.ends_at is not None and now >= call.ends_at)
        return CallState.ENDED if over else CallState.ANSWERED

    def _call(self, call_id: str) -> _Call:
        return self._known.get(call_id, _Call())

    def report(
        self, *call_ids: str, show_keys: bool = False, shown: Mapping[str, str] | None = None
    ) -> tuple[str, ...]:
        """Lines that report what each call heard and when; of all calls, if none is named.

        Keys are masked, but for those of a request that are in `shown`, which has the text for them with a
        character for each.
        """
        with self._lock:
            known = tuple(self._known)

        def text(keys: str) -> str:
            return keys if show_keys else (shown or {}).get(keys, mask(keys))

        return tuple(line for call_id in call_ids or known for line in self._report(call_id, text))

    def _report(self, call_id: str, text: Callable[[str], str]) -> list[str]:
        now = self.now_ms()
        heard = self.heard(call_id)
        sounded = [each for each in heard if each.start_ms <= now]
        lines = [f"call {clean(call_id)} heard {counted(len(sounded), 'key')}"]
        for number in sorted({each.request for each in sounded}):
            runs: list[list[Heard]] = []
            request = [each for each in heard if each.request == number]
            keys = text("".join(each.key for each in request))
            for each in map(_with_key, request, keys):
                if each.start_ms > now:
                    break
                if runs and each.start_ms - runs[-1][-1].end_ms <= self.gap_ms + 0.5:
                    runs[-1].append(each)
                else:
                    runs.append([each])
            lines.append(f"  request {number}: {', '.join(map(_run, runs))}")
        for collision in self.collisions(call_id):
            lines.append(
                f"  collision: request {collision.request} came while {collision.during} still played"
            )
        if len(heard) > len(sounded):
            lines.append(f"  {counted(len(heard) - len(sounded), 'key')} still to sound")
        return lines

    def _take(self, request: Incoming) -> Answer:
        """Takes a request: judges it, lets a fault strike, plays it, records it."""
        with self._lock:
            now = self.now_ms()
            desk = self.stand_in.desk
            if desk and (asked := desk.operation(request)):
                return self._take_at_desk(desk, *asked, request, now)
            call_id = self.stand_in.call_id(request)
            # What the limit counts by: the call, or all of them as one.
            limited = "" if self.shared_limit else call_id or ""
            taken = self._taken[limited]
            answer, text = self._judge(request, call_id or "", limited, now)
            fault, call = None, None
            if call_id is not None and request.method == self.stand_in.method:
                call = self._known[call_id]
                call.requests += 1
                fault = self._faults.next(call_id, call.requests)
                if fault:
                    answer = self._spoiled(answer, fault, request, call_id, text or "")
                if fault and not fault.plays:
                    self._taken[limited], text = taken, None
                elif text and self._is_repeat(request, call, now, answer):
                    text = None
            received = Received(
                number=len(self._requests) + 1,
                call_id=call_id,
                method=request.method,
                path=request.path,
                query=request.query,
                headers=request.headers,
                body=(request.body or b"").decode(errors="replace"),
                status=answer.status if answer.ending == "whole" else None,
                at_ms=now,
                played=text is not None,
                fault=fault,
            )
            self._requests.append(received)
            stays_ms = self.stand_in.stays_ms(request)
            played = self._play(call, text, received.number, now, stays_ms) if call and text else []
            if self._teller:
                self._teller.expect([(now, received), *played])
            return answer

    def _take_at_desk(
        self, desk: Desk, operation: Operation, call_id: str, request: Incoming, now: float
    ) -> Answer:
        """Takes a request that places a call, looks at one, or hangs it up."""
        order = desk.order(request) if operation is Operation.CREATE else None
        if operation is Operation.CREATE:
            call_id = f"placed:{sum(bool(call.placed) for call in self._known.values()) + 1}"
        call = self._call(call_id)
        state = None if operation is Operation.CREATE else self._state(call_id, call, now)
        does = self.stand_in.knows(request, self.credentials) and bool(order or state)
        answer = self.stand_in.refusal(request, self.credentials) or self.stand_in.unreadable
        if does and state:
            answer = desk.told(state) if operation is Operation.LOOK else desk.ended
        elif does:
            answer = desk.created(call_id)
        elif self.stand_in.knows(request, self.credentials):
            answer = self.stand_in.unreadable if operation is Operation.CREATE else desk.gone
        fault = self._faults.next(call_id, 1, operation)
        if fault:
            answer = self._spoiled(answer, fault, request, call_id, "")
            does = does and fault.plays
        received = Received(
            number=len(self._requests) + 1,
            call_id=call_id,
            method=request.method,
            path=request.path,
            query=request.query,
            headers=request.headers,
            body=(request.body or b"").decode(errors="replace"),
            status=answer.status if answer.ending == "whole" else None,
            at_ms=now,
            played=does,
            fault=fault,
            operation=operation,
        )
        self._requests.append(received)
        events: list[tuple[float, LineEvent]] = [(now, received)]
        if does and order:
            call = self._known[call_id]
            call.placed = _Placed(order, self.callees.get(order.to, self.callee), now)
            if order.text and call.placed.answered_at < math.inf:
                at = call.placed.answered_at
                events += self._play(call, order.text, received.number, at, order.stays_ms)
            elif order.stays_ms is not None and call.placed.answered_at < math.inf:
                call.ends_at = call.placed.answered_at + order.stays_ms
        elif does and operation is Operation.HANG_UP:
            call = self._known[call_id]
            if call.placed:
                call.placed.hung_at = min(call.placed.hung_at, now)
            else:
                call.ends_at = now
            cut = [each for each in call.heard if each.start_ms >= now]
            call.heard = [each for each in call.heard if each.start_ms < now]
            if self._teller:
                self._teller.forget(cut)
        if self._teller:
            self._teller.expect(events)
        return answer

    def _judge(self, request: Incoming, call_id: str, limited: str, now: float) -> tuple[Answer, str | None]:
        """The right answer to a request, and the string that it plays if there is one."""
        if refusal := self.stand_in.refusal(request, self.credentials):
            return refusal, None
        taken = self._taken[limited]
        if now - taken < self.rate_limit_ms:
            return self._too_many(request, taken + self.rate_limit_ms - now), None
        self._taken[limited] = now
        state = self.calls.get(call_id, "" if self.strict else self.stand_in.playing[0])
        call = self._call(call_id)
        if call.placed and self.stand_in.desk:
            stands = call.placed.state(now, call.ends_at)
            if stands not in (CallState.ANSWERED, CallState.MACHINE):
                state = self.stand_in.desk.words.get(stands, "over")
        elif call.ends_at is not None and now >= call.ends_at:
            state = self.stand_in.ended
        text = self.stand_in.text(request, call_id, state)
        return (self.stand_in.accepted, text) if isinstance(text, str) else (text, None)

    def _too_many(self, request: Incoming, left_ms: float) -> Answer:
        # In the line's own milliseconds: right for a client at the line's speed, and late for any other.
        return self.stand_in.too_many(request, self._clock.wall_ms() + left_ms)

    def _spoiled(self, answer: Answer, fault: Fault, request: Incoming, call_id: str, text: str) -> Answer:
        """What is sent back instead of the right answer."""
        if failure := self.stand_in.failure(request, call_id, fault, text):
            return failure
        match fault:
            case Fault.TOO_MANY:
                return self._too_many(request, self.rate_limit_ms)
            case Fault.SLOW:
                return attrs.evolve(answer, delay_ms=self.slow_ms)
            case Fault.REDIRECT:
                return Answer(307, headers=(("Location", f"/moved{request.path}"),))
        ending = next((each for each in ENDINGS if fault.startswith(each)), answer.ending)
        return attrs.evolve(answer, ending=ending, hold=self._hold)

    def _is_repeat(self, request: Incoming, call: _Call, now: float, answer: Answer) -> bool:
        """Whether a request is ignored, because one with its id was taken; else that is remembered of it."""
        id = self.stand_in.repeat_id(request)
        if now - call.ids.get(id, -math.inf) < self.stand_in.repeat_ms:
            return True
        if id and not (self.stand_in.fails_again and answer.status >= 500):
            call.ids[id] = now
        return False

    def _play(
        self, call: _Call, text: str, number: int, now: float, stays_ms: float | None
    ) -> list[tuple[float, LineEvent]]:
        """Plays a string from a time on, over what plays already; returns its events with their times."""
        if stays_ms is not None:  # it replaces what has not sounded yet
            call.heard = [each for each in call.heard if each.start_ms < now]
        call.playing = [playing for playing in call.playing if playing[0] > now]
        collisions = [Collision(number, during, now) for _, during in call.playing]
        heard = []
        at = now
        for character in text:
            if pause := self._pauses.get(character):
                at += pause
            else:
                heard.append(Heard(character, at, at + self.tone_ms, number))
                at += self.tone_ms + self.gap_ms
        call.playing.append((at, number))
        if stays_ms is not None:
            call.ends_at = at + stays_ms
        elif not call.placed:  # else what the creation asked for runs on
            call.ends_at = None
        if call.placed:  # nobody hears what comes after the end
            heard = [each for each in heard if each.start_ms < call.placed.over_at]
        call.collisions += collisions
        call.heard += heard
        return [*((now, each) for each in collisions), *((each.start_ms, each) for each in heard)]


def _with_key(heard: Heard, key: str) -> Heard:
    return attrs.evolve(heard, key=key)


def _run(run: list[Heard]) -> str:
    """Keys with nothing between them: `59# at 3.7s`."""
    keys = "".join(heard.key for heard in run)
    return f"{keys} at {write_duration(round(run[0].start_ms / 100) * 100)}"


class _Teller:
    """Calls a listener with each event when its time has come, on a thread of its own."""

    def __init__(self, listener: Callable[[LineEvent], object], line: TestLine):
        self.listener = listener
        self.speed = line.speed
        self.schedule = sched.scheduler(line.now_ms)
        self.changed = threading.Event()
        self.stopped = False

    def begin(self) -> None:
        self.stopped = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def end(self) -> None:
        """Passes on what is due, and nothing after."""
        self.stopped = True
        self.changed.set()
        self.thread.join()

    def expect(self, events: list[tuple[float, LineEvent]]) -> None:
        for at, event in events:
            self.schedule.enterabs(at, 0, self.listener, (event,))
        self.changed.set()

    def forget(self, heard: list[Heard]) -> None:
        """Passes on none of these keys, which were expected."""
        lost = {id(each) for each in heard}
        for event in self.schedule.queue:
            if id(event.argument[0]) in lost:
                with suppress(ValueError):  # it has just been passed on
                    self.schedule.cancel(event)

    def _run(self) -> None:
        stopped = False
        while not stopped:
            stopped = self.stopped
            left = self.schedule.run(blocking=False)
            if not stopped:
                self.changed.wait(None if left is None else left / self.speed / 1000)
                self.changed.clear()

"""Seeded histories of a sender, its journal and the line: faults, kills between any two steps, and resumes.

All is the product's own but the wire, or the function that presses a key: a request goes to the test line by a call of
a function, on a fake clock, so that a hundred thousand histories take minutes. What a socket can do to a request is left to the other tests; here
an answer comes whole or not at all.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
import requests
from lines import FAULTS, FakeClock, keys_in
from requests.structures import CaseInsensitiveDict
from virtualtime import Time, run

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.sending import (
    CARRIERS,
    Caller,
    CallState,
    Credentials,
    Delivery,
    Journal,
    Kind,
    NotPressed,
    Outcome,
    Placing,
    Plan,
    Report,
    Status,
    Watcher,
    plan_keys,
)
from dtmfdsl.sending import sender as sender_module
from dtmfdsl.sending.carriers import Request
from dtmfdsl.sending.carriers.carrier import Asked
from dtmfdsl.sending.front import planned, reported
from dtmfdsl.testline import STAND_INS, Callee, Operation, TestLine
from dtmfdsl.testline.server import Incoming

TO, FROM = "+15550100", "+15550199"
SCRIPTS = (
    "press 12#; wait 20s; press 345; wait 20s; press 67",
    "press 1; wait 2s; press 23",
    "press 1; wait 90m; press 2; wait 90m; press 34",
    "wait 3s; press 12; wait 40m; press 3; hang up",
)
ENDS = (*[CallState.ANSWERED] * 6, *CallState.__members__.values())
SESSION = requests.Session()


class Killed(BaseException):
    """The end of a process."""


@cache
def plan_of(carrier: str, script: str, attended: bool) -> Plan:
    """A plan for a carrier, or for "" to be pressed one key at a time."""
    return (
        planned(script, {"carrier": carrier}, attended) if carrier else plan_keys(script, attended=attended)
    )


class World:
    """A line, a clock, and the chances of this history. `Life` is one process in it."""

    def __init__(self, seed: int, folder: Path):
        self.chance = random.Random(seed)
        self.carrier = self.chance.choice(sorted(CARRIERS))
        self.by_key = self.chance.random() < 0.15
        self.calls = not self.by_key and self.chance.random() < 0.7 and self.carrier != "asterisk"
        # Each cue is a string of its own: so a carrier that could take the whole gets several.
        name, script = "" if self.by_key else self.carrier, self.chance.choice(SCRIPTS)
        self.plan = plan_of(name, script, self.chance.random() < 0.3)
        self.keys = [
            step.chunk.text if self.by_key else keys_in(step.chunk.text, CARRIERS[self.carrier])
            for step in self.plan.steps
        ]
        self.clock = FakeClock()
        self.line = TestLine(stand_in=STAND_INS[self.carrier], clock=self.clock)
        self.line._started_ms = self.clock.now_ms()
        self.line.callee = self._callee()
        self.detects = self.chance.random() < 0.1
        self.keeps = self.chance.random() < 0.1
        self.trouble = self.chance.choice((0.0, 0.05, 0.2, 0.5))
        self.deaths = self.chance.choice((0.0, 0.02, 0.1))
        self.journal = folder / "journal"
        self.pressed = ""
        self.on_disk = 0
        self.lives = 0
        self.dead = False
        self.interrupted = False

    def _callee(self) -> Callee:
        end = self.chance.choice(ENDS)
        if end in (CallState.RINGING, CallState.ENDED, CallState.GONE, CallState.DETECTING):
            end = CallState.ANSWERED
        drops = self.chance.choice((None, None, None, 50, 3_000, 30_000, 4_000_000))
        return Callee(end, self.chance.choice((0, 900, 2_500, 19_990, 25_000)), drops)

    def maybe(self, chance: float) -> bool:
        return chance > 0 and self.chance.random() < chance

    def may_die(self) -> None:
        if self.maybe(self.deaths):
            self.dead = True
            raise Killed

    @property
    def drops(self) -> bool:
        """Whether the other end hangs up."""
        return self.line.callee.drops_ms is not None

    @property
    def calm(self) -> bool:
        """Whether nothing goes wrong here: somebody answers in time, and stays."""
        callee = self.line.callee
        answers = callee.end is CallState.ANSWERED and callee.rings_ms < 15_000 and not self.drops
        return self.lives == 1 and not (self.trouble or self.deaths) and (answers or not self.calls)

    @property
    def call_id(self) -> str:
        return "placed:1" if self.calls else "c"

    @property
    def heard(self) -> str:
        return self.pressed if self.by_key else self.line.keys(self.call_id)

    def post(
        self, session: object, request: Request, asked: Asked, credentials: Credentials, **rest: object
    ) -> Outcome:
        """In the place of HTTP."""
        self.may_die()
        if self.maybe(self.trouble / 4):
            return Outcome(Kind.NOT_EXECUTED, "no connection to the carrier")
        incoming = self._incoming(request, asked.authentication(request, credentials, self.clock.wall_ms()))
        desk = self.line.stand_in.desk
        operation = (desk and desk.operation(incoming)) or (Operation.KEYS, "")
        if self.maybe(self.trouble):
            self.line.misbehave(self.chance.choice(FAULTS), on=operation[0])
        answer = self.line._take(incoming)
        self.clock.sleep_ms(self.chance.choice((0, 40, 40, 900, 19_000)))
        self.may_die()
        if answer.ending != "whole":
            return Outcome(Kind.UNKNOWN, "no answer in time")
        headers: Any = CaseInsensitiveDict(dict(answer.headers))
        return asked.read(answer.status, headers, answer.body, self.clock.wall_ms())

    def _incoming(self, request: Request, more: Mapping[str, str | bytes]) -> Incoming:
        address = urlsplit(request.url)
        target = address.path + (f"?{address.query}" if address.query else "")
        headers = {
            name: value if isinstance(value, str) else value.decode()
            for name, value in {**request.headers, **more}.items()
        }
        return Incoming(request.method, target, {**headers, "Host": address.netloc}, request.body, "")

    async def press(self, key: str) -> None:
        """In the place of what presses one key at a time."""
        self.may_die()
        trouble = self.chance.choice(("refused", "before", "after")) if self.maybe(self.trouble / 2) else ""
        if trouble == "refused":
            raise NotPressed
        if trouble != "before":
            self.pressed += key
        await asyncio.sleep(self.chance.choice((0, 0, 0.04, 0.9)))
        self.may_die()
        if trouble:
            raise OSError

    def interrupt(self) -> None:
        """As Ctrl-C does."""
        self.interrupted = True
        task = asyncio.current_task() if self.by_key else None
        if not task:
            raise KeyboardInterrupt
        task.cancel()

    def fsync(self, file: int) -> None:
        """The disk. The process may end while a line is written, and what it writes later is not there."""
        if not self.dead and not self.maybe(self.deaths / 4):
            self.on_disk = os.fstat(file).st_size
            return
        if not self.dead:
            self.on_disk = max(os.fstat(file).st_size - self.chance.randrange(1, 60), 0)
        self.dead = True
        os.ftruncate(file, self.on_disk)
        raise Killed

    def decided(self) -> str:
        """What a person decides who has heard which keys were pressed."""
        with Journal(str(self.journal), resume=True) as journal:
            step = journal.progress("call 1" if self.calls else "c").start.step
        before = "".join(self.keys[:step])
        assert self.heard.startswith(before) or self.over
        return "repeat" if self.heard == before else "skip"

    @property
    def over(self) -> bool:
        """Whether nobody listens any more."""
        return self.line.state(self.call_id) is not CallState.ANSWERED

    def live(self, doubt: str | None) -> Report:
        """One process, from its start or from where the journal stops, to its end."""
        self.lives += 1
        self.dead = False
        if self.by_key:
            return self._live_by_key(doubt)
        options: Any = {
            "carrier": self.carrier,
            "credentials": dict(self.line.credentials),
            "base_url": "http://127.0.0.1:9",
            "session": SESSION,
            "clock": self.clock,
            "journal": self.journal,
            "resume": self.journal.exists(),
            "doubt": doubt,
            "tries": 3,
            "watcher": Unlucky(self),
        }
        if not self.calls:
            return dtmfdsl.send(self.plan, "c", to=TO, replace=True, **options)
        carrier = CARRIERS[self.carrier]
        detects = self.detects and isinstance(carrier, Caller) and carrier.detects
        options |= {"to": TO, "caller": FROM, "answer_ms": 20_000, "keep": self.keeps}
        return dtmfdsl.call(self.plan, answer_url="https://a.invalid/", detect_machine=detects, **options)

    def _live_by_key(self, doubt: str | None) -> Report:
        watcher = Unlucky(self)
        options: Any = {"journal": self.journal, "resume": self.journal.exists(), "doubt": doubt}

        async def main(clock: Time) -> Report:
            given = {"call_id": "c", "watcher": watcher, "clock": clock, **options}
            return await dtmfdsl.play(self.plan, self.press, **given)

        try:
            return run(main)
        except asyncio.CancelledError:
            assert watcher.last
            return reported("c", watcher.last, None)


class Unlucky(Watcher):
    """May end the process between any two steps, or interrupt it as Ctrl-C does."""

    def __init__(self, world: World):
        self.world = world
        self.last: Delivery | Placing | None = None

    def over(self, delivery: Delivery | Placing) -> None:
        self.last = delivery

    def _step(self, *event: object) -> None:
        self.world.may_die()

    sending = called = ended = _step

    def waiting(self, until_ms: float, now_ms: float) -> None:
        self.world.may_die()
        if self.world.maybe(self.world.deaths / 4):
            self.world.interrupt()


@contextmanager
def in_place(world: World) -> Iterator[None]:
    """Puts the world in the place of the wire and the disk."""
    post, fsync = sender_module.post, os.fsync
    sender_module.post, os.fsync = world.post, world.fsync  # type: ignore[assignment]
    try:
        yield
    finally:
        sender_module.post, os.fsync = post, fsync


@attrs.frozen
class End:
    """How a history ended: the last report, or the code of what a person has to look into."""

    world: World
    report: Report | None
    code: str = ""


def play(seed: int, folder: Path) -> End:
    """Plays a history. Who resumes has listened to the call, and decides rightly."""
    world = World(seed, folder)
    doubt: str | None = None
    with in_place(world):
        while True:
            try:
                return End(world, world.live(doubt))
            except Killed:
                world.clock.sleep_ms(world.chance.choice((0, 2_000, 40_000)))
                doubt = None
                if world.lives > 8:
                    world.deaths = 0.0
            except DtmfError as error:
                code = error.diagnostics[0].code
                if code == "broken-journal":  # not one whole line: nothing was done, and another is begun
                    assert not [*world.line.requests, *world.pressed]
                    world.journal.unlink()
                elif code == "in-doubt" and doubt is None:
                    doubt = world.decided()
                else:
                    return End(world, None, code)


def check(end: End) -> None:
    """Nothing was done twice, and what is reported is so."""
    world, report = end.world, end.report
    whole = "".join(world.keys)
    world.clock.sleep_ms(100_000_000)
    heard, state = world.heard, world.line.state(world.call_id)
    assert whole.startswith(heard), (heard, whole)
    assert len(world.line.placed) <= 1
    assert not world.line.collisions(world.call_id)
    number = TO.removeprefix("+")
    with suppress(FileNotFoundError):
        assert number not in world.journal.read_text()
    if report is None:
        assert end.code == "call-in-doubt"
        return
    before = "".join(world.keys[: report.accepted + len(report.skipped)])
    match report.status:
        case Status.COMPLETE:
            assert heard == whole == before
        case Status.INCOMPLETE if world.calls and world.drops:
            assert before.startswith(heard)  # refused, because the call was over
        case Status.INCOMPLETE:
            assert heard == before
        case Status.UNKNOWN if report.of_call:  # by a creation that may hold it all
            done = report.accepted + len(report.skipped)
            assert "".join(world.keys[: done + 1]).startswith(heard) or not done
        case Status.UNKNOWN:
            assert before.startswith(heard) or (
                before + world.keys[report.accepted + len(report.skipped)]
            ).startswith(heard)
        case Status.BUSY | Status.NO_ANSWER | Status.REJECTED | Status.FAILED | Status.MACHINE:
            assert before.startswith(heard)
            assert ("nothing was pressed" in report.summary) == (before == "")
        case Status.DROPPED | Status.INTERRUPTED:
            assert before.startswith(heard)
            assert report.status is Status.INTERRUPTED or world.drops or world.lives > 1
        case _:
            raise AssertionError(report.status)
    if not (world.interrupted or world.drops or report.of_call):  # no hang-up cuts a string off
        assert heard in {"".join(world.keys[:count]) for count in range(len(world.keys) + 1)}
    if world.calm:
        assert report.status is Status.COMPLETE
    if report.hung_up:
        assert state not in (CallState.RINGING, CallState.ANSWERED, CallState.MACHINE)
    if world.calls and report.placed and not report.stands and state is not None:
        assert world.line.placed == () or state not in (
            CallState.RINGING,
            CallState.ANSWERED,
            CallState.MACHINE,
        )

"""One script on one call: what comes next, given the clock and how each request ended. No I/O.

    delivery = Delivery(plan)
    while not isinstance(action := delivery.next(now()), Done):
        match action:
            case Send():    delivery.record(post(action.step), sent_at, now())
            case Wait():    sleep until action.until_ms
            case Ask():     wait for the cue, at most until action.until_ms; then delivery.cue_over(now())

It never sleeps and never opens a socket, so a thread, an event loop, a heap of many calls or a task queue can
all drive it. Times are milliseconds on any one clock that never goes back; the wall clock plays no part.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, Self, TypeAlias

import attrs

from dtmfdsl.sending.outcomes import Kind, Outcome, Status
from dtmfdsl.sending.plan import Plan, Step

BACKOFF_MS = 500
LONGEST_BACKOFF_MS = 30_000
_STORED = ("began", "played", "pause", "since", "not_before", "asked", "out")


@attrs.frozen
class Send:
    """Send this step's chunk now. `attempt` counts from 1."""

    index: int
    step: Step
    attempt: int


@attrs.frozen
class Wait:
    """Nothing to do before this time."""

    until_ms: float


@attrs.frozen
class Ask:
    """Wait for the cue before a step, at most until this time; then call `cue_over`."""

    index: int
    cue: str
    until_ms: float


@attrs.frozen
class Done:
    """Nothing comes after this."""

    status: Status


Action: TypeAlias = Send | Wait | Ask | Done


@attrs.frozen
class Start:
    """Where a delivery begins: with which step, and what became of it before.

    If the step was `tried`, the pauses before it have been spent. If it `may_play`, nobody knows whether its
    keys sound at this moment.
    """

    step: int = 0
    tried: bool = False
    may_play: bool = False


class Delivery:
    """The state of one script on one call.

    The next chunk never goes before the one before has certainly played, nor within `interval_ms` of the
    request before. Only what was certainly not executed is sent again, at most `tries` times in all and not
    after `deadline_ms` from the start. After anything else that is not an acceptance, it stops.

    One that is taken up again begins where `start` says, once all that went before has certainly played.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        start: Start | None = None,
        tries: int = 4,
        deadline_ms: float | None = None,
        interval_ms: int = 1000,
        jitter: random.Random | None = None,
    ):
        self.plan = plan
        self._start = start or Start()
        self.index = self._start.step
        self.tries = tries
        self.deadline_ms = deadline_ms
        self.interval_ms = interval_ms
        self.outcomes: list[Outcome | None] = [None] * len(plan.steps)
        self.status = Status.UNDER_WAY
        self.reason = ""
        self.attempt = 0
        self._jitter = jitter or random.Random()  # noqa: S311
        self._began: float | None = None
        # When all before the step at `index` has certainly played; which of its pauses comes next, and when
        # that begins; before when it must not be sent again; whether a request or a cue is asked for.
        self._played = 0.0
        self._pause = len(plan.pauses(self.index)) if self._start.tried else 0
        self._since = 0.0
        self._not_before = 0.0
        self._out = False
        self._asked = False

    @property
    def finished(self) -> bool:
        return self.status is not Status.UNDER_WAY

    @property
    def all_accepted(self) -> bool:
        """Whether every chunk was accepted. The last may still be playing."""
        return self.index == len(self.plan.steps)

    def state(self) -> dict[str, Any]:
        """All that another process needs to go on, as plain values for a store.

        Taken after a `Send`, it says that a request is out. `restored` then does not send again: whoever
        took that `Send` may have made the request, and did not live to record how it ended.
        """
        return {name: getattr(self, f"_{name}") for name in _STORED} | {
            "index": self.index,
            "attempt": self.attempt,
            "status": self.status.value,
            "reason": self.reason,
            "may_play": self._start.may_play,
        }

    @classmethod
    def restored(cls, plan: Plan, state: Mapping[str, Any], **options: Any) -> Self:
        """The delivery of a `state`, with the options it was made with. Its times are of the same clock."""
        delivery = cls(plan, start=Start(state["index"], may_play=state["may_play"]), **options)
        for name in _STORED:
            setattr(delivery, f"_{name}", state[name])
        delivery.attempt = state["attempt"]
        delivery.status = Status(state["status"])
        delivery.reason = state["reason"]
        if state["out"] and not delivery.finished:
            delivery._stop(Status.UNKNOWN, "nobody recorded how the request ended")
        return delivery

    def next(self, now_ms: float) -> Action:
        """What to do now. Asking again without an answer changes nothing."""
        if self.finished:
            return Done(self.status)
        if self._began is None:
            self._begin(now_ms)
        pauses = self.plan.pauses(self.index)
        while True:
            while self._pause < len(pauses) and pauses[self._pause].cue is None:
                self._since += pauses[self._pause].ms
                self._pause += 1
            ready = max(self._played, self._since, self._not_before)
            if now_ms < ready:
                return Wait(ready)
            if self._pause == len(pauses):
                break
            cue, until = pauses[self._pause].cue, self._since + pauses[self._pause].ms
            if cue is not None and now_ms < until:
                self._asked = True
                return Ask(self.index, cue, until)
            self._asked = False
            self._since = until
            self._pause += 1
        if self.all_accepted:
            self.status = Status.COMPLETE
            return Done(self.status)
        self._out = True
        return Send(self.index, self.plan.steps[self.index], self.attempt + 1)

    def cue_over(self, now_ms: float) -> None:
        """The cue that is asked for was heard, or its time is over. What comes after it may begin."""
        if self._asked:
            self._asked = False
            self._since = now_ms
            self._pause += 1

    def record(self, outcome: Outcome, sent_ms: float, answered_ms: float) -> None:
        """How the request of the last `Send` ended, and when it began and ended. Once for each `Send`."""
        if self.finished or not self._out:
            return
        self.outcomes[self.index] = outcome
        self.attempt += 1
        self._out = False
        match outcome.kind:
            case Kind.ACCEPTED:
                self._accepted(sent_ms, answered_ms)
            case Kind.NOT_EXECUTED:
                self._try_again(outcome, answered_ms)
            case Kind.REFUSED:
                self._stop(Status.INCOMPLETE, outcome.reason)
            case Kind.UNKNOWN:
                self._stop(Status.UNKNOWN, outcome.reason)

    def interrupt(self) -> None:
        """Somebody wants no more of it. What is on its way must be recorded first."""
        if not self.finished:
            reason = "interrupted, when all was accepted" if self.all_accepted else "interrupted"
            self._stop(Status.INTERRUPTED, reason)

    def _begin(self, now_ms: float) -> None:
        self._began = self._played = now_ms
        if self.index or self._start.may_play:
            last = self.plan.steps[self.index if self._start.may_play else self.index - 1]
            self._played += max(last.playing.latest_ms, self.interval_ms)
        self._since = self._played

    def _accepted(self, sent_ms: float, answered_ms: float) -> None:
        playing = self.plan.steps[self.index].playing.latest_ms
        self.index += 1
        self.attempt = 0
        # It began to play between the request and the answer. The next must be safe if it began late; a pause
        # is counted as if it began early, which takes the time of the request off it.
        self._played = answered_ms + max(playing, self.interval_ms)
        self._since = sent_ms + playing
        self._pause = 0

    def _try_again(self, outcome: Outcome, answered_ms: float) -> None:
        if self.attempt >= self.tries:
            times = f", {self.attempt} times" if self.attempt > 1 else ""
            self._stop(Status.INCOMPLETE, outcome.reason + times)
            return
        pause = float(min(BACKOFF_MS * 2 ** (self.attempt - 1), LONGEST_BACKOFF_MS))
        pause *= 1 + self._jitter.random()
        if outcome.retry_after_ms is not None:
            pause = outcome.retry_after_ms + BACKOFF_MS * self._jitter.random() / 10
        self._not_before = answered_ms + max(pause, self.interval_ms)
        if self.deadline_ms is not None and self._not_before > (self._began or 0) + self.deadline_ms:
            self._stop(Status.INCOMPLETE, f"{outcome.reason}, and no time is left to try again")

    def _stop(self, status: Status, reason: str) -> None:
        self.status = status
        self.reason = reason


def timetable(plan: Plan, interval_ms: int) -> tuple[list[float], float]:
    """When each chunk of a plan goes and when all is over, if every request is accepted at once.

    In milliseconds from the start. No chunk can go sooner, unless a cue is heard.
    """
    delivery = Delivery(plan, interval_ms=interval_ms)
    times: list[float] = []
    now = 0.0
    while not isinstance(action := delivery.next(now), Done):
        match action:
            case Send():
                times.append(now)
                delivery.record(Outcome(Kind.ACCEPTED, "accepted"), now, now)
            case Wait(until_ms) | Ask(until_ms=until_ms):
                now = until_ms
    return times, now

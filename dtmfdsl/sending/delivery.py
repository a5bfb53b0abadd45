"""One script on one call: what comes next, given the clock and how each request ended. No I/O.

    delivery = Delivery(plan)
    while not isinstance(action := delivery.next(now()), Done):
        match action:
            case Send():        delivery.record(post(action.step), sent_at, now())
            case Sleep():       sleep until action.until_ms
            case AwaitCue():    wait for the cue, at most until action.until_ms; delivery.cue_over(now())

It never sleeps and never opens a socket, so a thread, an event loop, a heap of many calls or a task queue can
all drive it. Times are milliseconds of one clock that never goes back; the wall clock is not used.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, Self, TypeAlias

import attrs

from dtmfdsl.sending.outcomes import Kind, Outcome, Status
from dtmfdsl.sending.plan import Plan, Step

BACKOFF_MS = 500
LONGEST_BACKOFF_MS = 30_000


@attrs.frozen
class Send:
    """Send this step's chunk now. `attempt` counts from 1.

    `id` is the same at each attempt, also after a resume, or "" if the delivery makes none. The line must
    stay for at least `stays_ms` milliseconds after the chunk has played. `call_id` is the carrier's id of a
    call that was placed.
    """

    index: int
    step: Step
    attempt: int
    id: str = attrs.field(default="", eq=False)
    stays_ms: int = attrs.field(default=0, eq=False)
    call_id: str = attrs.field(default="", eq=False)


@attrs.frozen
class Sleep:
    """Nothing to do before this time."""

    until_ms: float


@attrs.frozen
class AwaitCue:
    """Wait for the cue before a step, at most until this time; then call `cue_over`."""

    index: int
    cue: str
    until_ms: float


@attrs.frozen
class Done:
    """Nothing comes after this."""

    status: Status


Action: TypeAlias = Send | Sleep | AwaitCue | Done


@attrs.frozen
class Start:
    """Where a delivery begins: with which step, and what is known of it.

    If the step was `tried`, the pauses before it have been spent. If it `may_play`, its keys may be sounding
    at this moment. `doubt` is the reason why the delivery cannot begin before a person decides. `id` is that
    of its requests.
    """

    step: int = 0
    tried: bool = False
    may_play: bool = False
    doubt: str = ""
    id: str = ""


@attrs.frozen(slots=False)  # so that making one is fast: a fleet of thousands makes many
class State:
    """How a delivery stands: all that another process needs to go on. Times are milliseconds of its clock.

    The step at `index` comes next, after `attempt` attempts. All before it has certainly played at `played`.
    Of the pauses before it, that at `pause` comes next and begins at `since`; the step is not sent before
    `not_before`. A cue is `asked` for, or a request is `out`, and there is no answer yet. `may_play` is that
    of the `Start`. All requests of the step have the `id`; the `first` was made at that time. If one of them
    is in doubt, `doubt` is the reason.
    """

    index: int = 0
    attempt: int = 0
    status: Status = Status.UNDER_WAY
    reason: str = ""
    began: float | None = None
    played: float = 0.0
    pause: int = 0
    since: float = 0.0
    not_before: float = 0.0
    asked: bool = False
    out: bool = False
    may_play: bool = False
    id: str = attrs.field(default="", eq=False)
    first: float | None = None
    doubt: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values, for a store."""
        return {**vars(self), "status": self.status.value}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The state of which these are the `as_dict`."""
        return cls(**{**values, "status": Status(values["status"])})


class Delivery:
    """One script on one call, and how it stands.

    A chunk never goes before the previous one has certainly played, nor within `interval_ms` of the previous
    request. Only what was certainly not executed is sent again, at most `tries` times in all and not after
    `deadline_ms` from the start. After any other outcome that is not an acceptance, the delivery stops.

    If the carrier ignores a repeat by its id, what is in doubt is sent again too: with the same id, which
    `new_id` makes, and within `repeat_ms` of the first request. The doubt stays until one is accepted.

    A resumed one begins at `start`, when all that went before has certainly played.
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
        new_id: Callable[[], str] = lambda: "",
        repeat_ms: float = 0,
    ):
        self.plan = plan
        self.tries = tries
        self.deadline_ms = deadline_ms
        self.interval_ms = interval_ms
        self.repeat_ms = repeat_ms
        self.outcomes: list[Outcome | None] = [None] * len(plan.steps)
        self._jitter = jitter or random.Random()  # noqa: S311
        self._new_id = new_id
        start = start or Start()
        spent = len(plan.pauses(start.step)) if start.tried else 0
        self._state = State(index=start.step, pause=spent, may_play=start.may_play, id=start.id)
        self.undecided = bool(start.doubt)
        if start.doubt:
            self._stop(Status.UNKNOWN, start.doubt)

    @property
    def state(self) -> State:
        """How it stands now.

        Taken after a `Send`, it has a request that is out. `restored` then does not send again: the request
        may have been made by a process that ended before it recorded the outcome.
        """
        return self._state

    @classmethod
    def restored(cls, plan: Plan, state: State, **options: Any) -> Self:
        """The delivery of a `state`, with the options it was made with. Its times are of the same clock."""
        delivery = cls(plan, **options)
        delivery._state = state
        if state.out:
            delivery._stop(Status.UNKNOWN, "the outcome of the request was not recorded")
        return delivery

    @property
    def index(self) -> int:
        """The step that comes next, or at which it stopped, counted from 0."""
        return self._state.index

    @property
    def status(self) -> Status:
        return self._state.status

    @property
    def reason(self) -> str:
        """Why it stopped, in plain words; empty while it goes on, and after its last step."""
        return self._state.reason

    @property
    def finished(self) -> bool:
        return self.status is not Status.UNDER_WAY

    @property
    def begun(self) -> bool:
        """Whether a request was made."""
        return bool(self._state.index or self._state.attempt)

    @property
    def all_accepted(self) -> bool:
        """Whether every chunk was accepted. The last may still be playing."""
        return self.index == len(self.plan.steps)

    def next(self, now_ms: float) -> Action:
        """What to do now. A second call without an answer in between changes nothing."""
        if self.finished:
            return Done(self.status)
        if self._state.doubt and not self._state.out and self._too_late(now_ms):
            self._stop(Status.UNKNOWN, self._state.doubt)
            return Done(self.status)
        state = self._state if self._state.began is not None else self._begun(now_ms)
        pauses = self.plan.pauses(state.index)
        pause, since, asked = state.pause, state.since, state.asked
        action: Action | None = None
        while action is None:
            while pause < len(pauses) and pauses[pause].cue is None:
                since += pauses[pause].ms
                pause += 1
            ready = max(state.played, since, state.not_before)
            if now_ms < ready:
                action = Sleep(ready)
            elif pause < len(pauses):
                cue, until = pauses[pause].cue, since + pauses[pause].ms
                asked = cue is not None and now_ms < until
                if cue is not None and asked:
                    action = AwaitCue(state.index, cue, until)
                else:
                    since, pause = until, pause + 1
            elif self.all_accepted:
                action = Done(Status.COMPLETE)
            else:
                id, stays_ms = state.id or self._new_id(), self.plan.stays_ms(state.index)
                step = self.plan.steps[state.index]
                action = Send(state.index, step, state.attempt + 1, id, stays_ms)
        out = state.out or isinstance(action, Send)
        if (pause, since, asked, out) != (state.pause, state.since, state.asked, state.out):
            id = action.id if isinstance(action, Send) else state.id
            state = _evolve(state, pause=pause, since=since, asked=asked, out=out, id=id)
        self._state = _evolve(state, status=action.status) if isinstance(action, Done) else state
        return action

    def cue_over(self, now_ms: float) -> None:
        """The cue that is asked for was heard, or its time is over: what comes after it may begin."""
        if self._state.asked:
            self._change(asked=False, since=now_ms, pause=self._state.pause + 1)

    def record(self, outcome: Outcome, sent_ms: float, answered_ms: float) -> None:
        """Records how the request of the last `Send` ended, and when it began and ended. Once for each."""
        if self.finished or not self._state.out:
            return
        self.outcomes[self.index] = outcome
        match outcome.kind:
            case Kind.ACCEPTED:
                self._accepted(sent_ms, answered_ms)
            case Kind.NOT_EXECUTED:
                self._try_again(outcome, sent_ms, answered_ms)
            case Kind.REFUSED:
                self._give_up(outcome.reason)
            case Kind.UNKNOWN:
                self._change(doubt=self._state.doubt or outcome.reason)
                if outcome.final or not self.repeat_ms:
                    self._give_up(outcome.reason)
                else:
                    self._try_again(outcome, sent_ms, answered_ms)

    def interrupt(self) -> None:
        """Stops it. The outcome of a request that is out must be recorded first."""
        reason = "interrupted, when all was accepted" if self.all_accepted else "interrupted"
        if self._state.doubt:
            self._give_up(reason)
        self._stop(Status.INTERRUPTED, reason)

    def _begun(self, now_ms: float) -> State:
        state, played = self._state, now_ms
        if state.index or state.may_play:
            last = self.plan.steps[state.index if state.may_play else state.index - 1]
            played += max(last.playing.latest_ms, self.interval_ms)
        return _evolve(state, began=now_ms, played=played, since=played)

    def _accepted(self, sent_ms: float, answered_ms: float) -> None:
        playing = self.plan.steps[self.index].playing.latest_ms
        # It began to play between the request and the answer. The next must be safe if it began late; a pause
        # is counted as if it began early, which takes the time of the request off it.
        self._change(
            index=self.index + 1,
            attempt=0,
            played=answered_ms + max(playing, self.interval_ms),
            since=sent_ms + playing,
            pause=0,
            out=False,
            id="",
            first=None,
            doubt="",
        )

    def _try_again(self, outcome: Outcome, sent_ms: float, answered_ms: float) -> None:
        attempt = self._state.attempt + 1
        if attempt >= self.tries:
            times = f", {attempt} times" if attempt > 1 else ""
            self._give_up(outcome.reason + times)
            return
        pause = float(min(BACKOFF_MS * 2 ** (attempt - 1), LONGEST_BACKOFF_MS))
        pause *= 1 + self._jitter.random()
        if outcome.retry_after_ms is not None:
            pause = outcome.retry_after_ms + BACKOFF_MS * self._jitter.random() / 10
        not_before = answered_ms + max(pause, self.interval_ms)
        first = sent_ms if self._state.first is None else self._state.first
        self._change(attempt=attempt, not_before=not_before, out=False, first=first)
        late = self.deadline_ms is not None and not_before > (self._state.began or 0) + self.deadline_ms
        if late or (self._state.doubt and self._too_late(not_before)):
            self._give_up(f"{outcome.reason}, and no time is left to try again")
        elif self._too_late(not_before):  # nothing was executed, and the carrier may refuse an old id
            self._change(id="", first=None)

    def _too_late(self, at_ms: float) -> bool:
        """Whether a request at this time may be too late to be known as a repeat."""
        return self._state.first is not None and at_ms > self._state.first + self.repeat_ms

    def _give_up(self, reason: str) -> None:
        """Stops for this reason, or because of the doubt that an earlier request of the step left."""
        doubt = self._state.doubt
        if doubt and not reason.startswith(doubt):
            reason = f"{doubt}; then: {reason}"
        self._stop(Status.UNKNOWN if doubt else Status.INCOMPLETE, reason)

    def _stop(self, status: Status, reason: str) -> None:
        if not self.finished:
            self._change(status=status, reason=reason, out=False)

    def _change(self, **changes: Any) -> None:
        self._state = _evolve(self._state, **changes)


def _evolve(state: State, **changes: Any) -> State:
    """What `attrs.evolve` does, in a fifth of the time."""
    return State(**{**vars(state), **changes})


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
            case Sleep(until_ms) | AwaitCue(until_ms=until_ms):
                now = until_ms
    return times, now

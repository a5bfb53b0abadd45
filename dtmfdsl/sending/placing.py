"""One call: placed, waited for, played on by a delivery, and hung up. No I/O.

A `Placing` is driven as a `Delivery` is. Beside `Send`, it asks for three more requests: to `Create` the
call, to `Look` how it stands, and to `HangUp`. A call is created at most once, as a key is pressed at most
once.
"""

from __future__ import annotations

import math
from enum import Enum, auto
from typing import TypeAlias

import attrs

from dtmfdsl.notation import write_duration
from dtmfdsl.sending.carriers.calling import NewCall
from dtmfdsl.sending.delivery import BACKOFF_MS, AwaitCue, Delivery, Done, Send, Sleep, timetable
from dtmfdsl.sending.outcomes import CallState, Created, Kind, Outcome, Seen, Status
from dtmfdsl.sending.plan import SPARE_MS, Plan

ANSWER_MS = 60_000
LOOK_MS = 1_000

DETECT_MS = 10_000
"""If a carrier does not report within this time after the answer that a machine answered, a person did."""

MARGIN_MS = 120_000
"""A line that ends by itself stays this much longer than its last keys, so that it is we who hang up."""

KEPT_MS = 3_600_000
"""A line that ends by itself, and is not to be hung up, stays this much longer."""


@attrs.frozen
class Create:
    """Place the call now. `attempt` counts from 1."""

    call: NewCall
    attempt: int


@attrs.frozen
class Look:
    """Ask the carrier now how the call stands."""

    call_id: str


@attrs.frozen
class HangUp:
    """End the call now, which was seen to be `answered` or not. `attempt` counts from 1.

    `status` is how that leaves its delivery.
    """

    call_id: str
    answered: bool
    attempt: int
    status: Status


Ask: TypeAlias = Send | Create | Look | HangUp
"""A request that is due."""

_UNREACHED = {
    CallState.BUSY: (Status.BUSY, "the line was busy"),
    CallState.NO_ANSWER: (Status.NO_ANSWER, "nobody answered"),
    CallState.REJECTED: (Status.REJECTED, "the call was rejected"),
    CallState.FAILED: (Status.FAILED, "the call failed"),
}


_ANSWERED = (CallState.ANSWERED, CallState.DETECTING, CallState.MACHINE)


class _Phase(Enum):
    NEW = auto()
    """The call is to be created."""
    RINGING = auto()
    """It is created, and not seen to be answered."""
    PLAYING = auto()
    LEAVING = auto()
    """Nothing more is played. If the call is not over, it is hung up."""
    OVER = auto()


@attrs.frozen
class Terms:
    """How a call is placed, waited for and left.

    It is given up if it is not answered within `answer_ms`. Two looks at it are `look_ms` apart, and two
    requests of it `interval_ms`. Its keys begin `settle_ms` after it was seen to be answered. A creation that
    was certainly not executed, and a hang-up, are asked for at most `tries` times. `whole`: the creation
    holds the whole script. `keep`: the call is not hung up.
    """

    answer_ms: float = ANSWER_MS
    look_ms: float = LOOK_MS
    interval_ms: float = 0
    settle_ms: float = 0
    tries: int = 4
    whole: bool = False
    keep: bool = False


class Placing:
    """A call that is placed, and how it stands.

    Without `new`, the call `call_id` exists. It is waited for as one that was just placed; if it is `found`,
    as for `send`, it is answered, and is hung up only after all was played. `doubt` is the reason why it is
    not known whether the call exists; if it is `over`, that is how it was left. Then nothing can be done.

    After Ctrl-C it is hung up at once, and in any other case when what may play has certainly played.
    """

    def __init__(
        self,
        delivery: Delivery,
        terms: Terms,
        *,
        new: NewCall | None = None,
        call_id: str = "",
        found: bool = False,
        doubt: str = "",
        over: Status | None = None,
    ):
        self.delivery = delivery
        self.terms = terms
        self.call_id = call_id
        self.found = found
        self.hung_up = False
        """Whether the carrier took it that the call is to end."""
        self.ended = False
        """Whether the call was seen to be over."""
        self._new = new
        self._status: Status | None = None
        self._reason = ""
        self._phase = _Phase.PLAYING if found else _Phase.RINGING if call_id else _Phase.NEW
        self._out: Ask | None = None
        self._attempt = 1
        self._not_before = 0.0
        self._deadline: float | None = None
        self._quiet = 0.0
        """When all that may be playing has certainly played."""
        self._looks = not found
        """Whether the call is looked at before it is hung up."""
        self._glances = 0
        self._gave_up = False
        self._unseen = False
        """Whether it is unknown if the call stood when all had played."""
        self._hanging = False
        """Whether a hang-up was asked for, and may have been executed."""
        self._known = delivery.index > 0
        """Whether the carrier has reported how the call stands, or has taken keys on it."""
        self._detecting = False
        self._answered = found
        self._interrupted = False
        self._doubt = bool(doubt)
        if doubt:
            self._stop(Status.UNKNOWN, doubt)
        elif over:
            self.hung_up = True
            doubt = ", and it is unknown whether its last string was played" * (over is Status.UNKNOWN)
            self._stop(over, "" if over is Status.COMPLETE else f"the call was hung up{doubt}")
            if terms.whole and over is not Status.COMPLETE:  # it may have been answered
                self._phase = _Phase.LEAVING

    @property
    def plan(self) -> Plan:
        return self.delivery.plan

    @property
    def index(self) -> int:
        return self.delivery.index

    @property
    def begun(self) -> bool:
        """Whether keys are due, and not only a look."""
        return self._phase is _Phase.PLAYING

    @property
    def all_accepted(self) -> bool:
        return self.delivery.all_accepted

    @property
    def undecided(self) -> bool:
        """Whether a person must decide first."""
        return self._doubt or (self.delivery.undecided and self._phase is not _Phase.OVER)

    @property
    def finished(self) -> bool:
        return self._phase is _Phase.OVER

    @property
    def status(self) -> Status:
        if self._status:
            return self._status
        return self.delivery.status if self.finished else Status.UNDER_WAY

    @property
    def reason(self) -> str:
        """Why not all was played, in plain words."""
        return self._reason or self.delivery.reason

    @property
    def of_call(self) -> bool:
        """Whether the reason is of the call, and not of a string."""
        return bool(self._reason)

    @property
    def _leaves(self) -> Status:
        return self._status or self.delivery.status

    @property
    def stands(self) -> bool:
        """Whether the call may still stand when nothing more is done."""
        return bool(self.call_id) and not (self.hung_up or self.ended)

    def next(self, now_ms: float) -> Ask | Sleep | AwaitCue | Done:
        """What to do now. A second call without an answer in between changes nothing."""
        if self._out:
            return self._out
        if self._phase is _Phase.RINGING and self._deadline is None:
            self._deadline = now_ms + self.terms.answer_ms
        if self._phase is _Phase.PLAYING and now_ms >= self._not_before:
            action = self._play(now_ms)
            if not isinstance(action, Done):
                return action
        if self._phase is _Phase.OVER:
            return Done(self.status)
        if now_ms < self._not_before:
            return Sleep(self._not_before)
        match self._phase:
            case _Phase.NEW if self._new:
                self._out = Create(self._new, self._attempt)
            case _Phase.LEAVING if not self._looks:
                self._out = HangUp(self.call_id, self._answered, self._attempt, self._leaves)
            case _:
                self._out = Look(self.call_id)
        return self._out

    def cue_over(self, now_ms: float) -> None:
        """As for a `Delivery`."""
        self.delivery.cue_over(now_ms)

    def record(self, outcome: Outcome, sent_ms: float, answered_ms: float) -> None:
        """Records how the request of the last `next` ended. Once for each."""
        action, self._out = self._out, None
        self._not_before = max(self._not_before, answered_ms + self.terms.interval_ms)
        match action:
            case Send():
                self._not_before = 0  # the delivery keeps the interval
                if outcome.kind in (Kind.ACCEPTED, Kind.UNKNOWN):
                    self._quiet = answered_ms + action.step.playing.latest_ms
                self.delivery.record(outcome, sent_ms, answered_ms)
            case Create():
                self._created(outcome, answered_ms)
            case Look():
                self._seen(outcome, sent_ms, answered_ms)
            case HangUp():
                self._hung(outcome, answered_ms)

    def seen_over(self, now_ms: float, why: str) -> None:
        """A call that was answered was seen to be over, without a look at it."""
        if self._phase is _Phase.PLAYING and not self._out:
            self._seen(Seen(Kind.ACCEPTED, "over", state=CallState.ENDED, why=why), now_ms, now_ms)

    def interrupt(self) -> None:
        """Plays nothing more, and hangs up at once. The outcome of a request that is out must be recorded
        first.

        A second one does not wait for that.
        """
        if self._phase is _Phase.OVER:
            return
        again, self._interrupted = self._interrupted, True
        self._out = None  # if there is one, it was not made
        self.delivery.interrupt()
        if self._phase is _Phase.LEAVING and self._looks and not self._hanging:
            self._doubt_the_end(self._leaves is Status.COMPLETE)
        self._not_before, self._looks, self._attempt = 0, False, 1
        if self._phase is _Phase.RINGING:
            self._status = Status.INTERRUPTED
            self._reason = "interrupted before the call was seen to be answered"
        if self._phase is _Phase.NEW:
            self._stop(Status.INTERRUPTED, "interrupted before the call was placed")
        elif again or self.terms.keep or self.found:
            self._phase = _Phase.OVER
            self._doubt_the_whole()
        else:
            self._phase = _Phase.LEAVING

    def _play(self, now_ms: float) -> Send | Sleep | AwaitCue | Done:
        action = self.delivery.next(now_ms)
        match action:
            case Send():
                stays_ms = action.stays_ms
                if action.index + 1 == len(self.plan.steps):
                    stays_ms += margin_ms(self.terms.keep)
                self._out = attrs.evolve(action, call_id=self.call_id, stays_ms=stays_ms)
                return self._out
            case Done(status):
                complete = status is Status.COMPLETE
                self._phase = _Phase.OVER if self.found and not complete else _Phase.LEAVING
                self._not_before = max(self._not_before, now_ms if complete else self._quiet)
        return action

    def _created(self, outcome: Outcome, now_ms: float) -> None:
        match outcome:
            case Created(call_id=call_id):
                self.call_id, self._phase, self._attempt = call_id, _Phase.RINGING, 1
                self._deadline = now_ms + self.terms.answer_ms
                self._not_before = now_ms + self.terms.look_ms
            case Outcome(kind=Kind.NOT_EXECUTED) if self._attempt < self.terms.tries:
                wait = outcome.retry_after_ms or BACKOFF_MS * 2 ** (self._attempt - 1)
                self._not_before = max(self._not_before, now_ms + wait)
                self._attempt += 1
            case Outcome(kind=Kind.REFUSED | Kind.NOT_EXECUTED):
                times = f", {self._attempt} times" if self._attempt > 1 else ""
                self._stop(Status.INCOMPLETE, f"the call was not placed: {outcome.reason}{times}")
            case _:
                keys = ", and its keys pressed" if self.terms.whole else ""
                what = f"it is unknown whether the call was placed{keys}"
                self._stop(Status.UNKNOWN, f"{what}: {outcome.reason}")

    def _seen(self, outcome: Outcome, sent_ms: float, now_ms: float) -> None:
        state, why = (outcome.state, outcome.why) if isinstance(outcome, Seen) else (None, "")
        self._not_before = max(self._not_before, now_ms + self.terms.look_ms)
        leaving = self._phase is _Phase.LEAVING
        over = state in _UNREACHED or state is CallState.ENDED
        over = over or (state is CallState.GONE and (leaving or self._known))
        self.ended = self.ended or over
        self._known = self._known or state not in (None, CallState.GONE)
        if leaving:
            self._glances += 1
            if state is None and self._glances < self.terms.tries:
                return  # it looks again
            self._looks = False
            self._not_before = now_ms + self.terms.interval_ms
            unseen = state is None and not self._hanging and self._leaves is Status.COMPLETE
            if unseen or (self._unseen and not over):
                self._doubt_the_end(state is None)
            if over or self.hung_up or (self.terms.keep and not self._gave_up):
                self._left(state)
            return
        detect = self._new is not None and self._new.detect
        if state is CallState.DETECTING and detect and not self._detecting:
            self._detecting, self._deadline = True, now_ms + DETECT_MS
        # How the call stood when the answer came is not known: only when it was asked.
        late = self._deadline is not None and sent_ms >= self._deadline
        if state in _UNREACHED:
            status, words = _UNREACHED[state]
            self._stop(status, why or words)
        elif over and (state is CallState.ENDED or self.index):
            self._begin(now_ms)
            reason = "the call was answered, and was over before it was certain that all had played"
            self._stop(Status.DROPPED, f"{reason}: {why}" if why else reason)
        elif over:
            self._stop(Status.FAILED, "the call is over, and the carrier does not report why")
        elif state is CallState.MACHINE and detect:
            self._give_up(Status.MACHINE, "a machine answered")
        elif state in _ANSWERED and (late or not (detect and state is CallState.DETECTING)):
            self._begin(now_ms)
        elif late:
            within = write_duration(round(self.terms.answer_ms))
            ringing = state is CallState.RINGING
            known = "nobody answered" if ringing else f"no answer is known of ({outcome.reason})"
            self._give_up(Status.NO_ANSWER, f"{known} within {within}")

    def _begin(self, now_ms: float) -> None:
        """The call was answered: what was in its creation plays now, at the latest."""
        self._answered, self._phase = True, _Phase.PLAYING
        if self.terms.whole:
            self.delivery.next(now_ms)
            self.delivery.record(Outcome(Kind.ACCEPTED, "accepted"), now_ms, now_ms)
            self._not_before = 0
        else:
            self._not_before = now_ms + max(self.terms.settle_ms, self.terms.interval_ms)

    def _give_up(self, status: Status, reason: str) -> None:
        """The call is left without playing anything."""
        self._status, self._reason, self._gave_up = status, reason, True
        self._phase, self._looks = _Phase.LEAVING, False
        self._not_before = 0

    def _hung(self, outcome: Outcome, now_ms: float) -> None:
        self._hanging = self._hanging or outcome.kind is not Kind.NOT_EXECUTED
        if outcome.kind is Kind.ACCEPTED:
            self.hung_up = True
            if self.terms.whole and not self._answered:  # it may have been answered since the last look
                self._looks = True
            else:
                self._phase = _Phase.OVER
        elif self._attempt >= self.terms.tries or outcome.final:
            self._phase = _Phase.OVER
            self._doubt_the_whole()
        else:
            self._not_before = max(self._not_before, now_ms + BACKOFF_MS * 2 ** (self._attempt - 1))
            self._attempt += 1
            self._looks = not self.found  # `send` may lack what a look needs

    def _left(self, state: CallState | None) -> None:
        """The call is over, is kept, or was hung up and looked at once more."""
        self._phase = _Phase.OVER
        self.hung_up = self.hung_up or (self.ended and self._hanging)
        if self.terms.whole and not self._answered:
            if state not in _UNREACHED:
                self._doubt_the_whole()
            return
        complete = self.delivery.status in (Status.COMPLETE, Status.INCOMPLETE)
        if self.ended and not self.hung_up and complete and self._status is None:
            why = f"; {self.delivery.reason}" if self.delivery.reason else ""
            reason = f"the call was over before it was certain that all had played{why}"
            self._stop(Status.DROPPED, reason)

    def _doubt_the_end(self, doubt: bool) -> None:
        """All was accepted. There is a doubt whether the call stood until it had played, or no more."""
        self._unseen = doubt
        self._status = Status.UNKNOWN if doubt else None
        self._reason = "it is unknown whether the call stood until all had played" if doubt else ""

    def _doubt_the_whole(self) -> None:
        """What was in the creation may have been played, if the call was answered without our seeing it."""
        if self.terms.whole and not self._answered:
            when = ", or may yet be" if self.stands else " at the last moment"
            reason = f"{self.reason}, but it may have been answered{when}, and its keys pressed"
            self._stop(Status.UNKNOWN, reason)

    def _stop(self, status: Status, reason: str) -> None:
        self._status, self._reason, self._phase = status, reason, _Phase.OVER


def margin_ms(keep: bool) -> int:
    """How much longer than its script a line stays that ends by itself, in milliseconds."""
    return KEPT_MS if keep else MARGIN_MS


def fits(plan: Plan, limit: int | None) -> bool:
    """Whether one string, which can be in the request that creates the call, is the whole script."""
    return len(plan.steps) == 1 and not plan.pauses(0) and len(plan.steps[0].chunk.text) <= (limit or 10**9)


def stays_ms(plan: Plan, terms: Terms) -> int:
    """How long a new line must stay, in milliseconds: after the whole script, or while it is played."""
    if terms.whole:
        return plan.stays_ms(0) + margin_ms(terms.keep)
    _, over = timetable(plan, round(terms.interval_ms))
    return math.ceil(over) + SPARE_MS + margin_ms(terms.keep)

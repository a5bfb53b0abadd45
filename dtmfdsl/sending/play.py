"""Presses the keys of a script one at a time, by a function of the caller's: no carrier, no request.

For what presses single keys: a SIP phone, WebRTC, a framework for voice agents, a serial modem.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias, Unpack

import attrs

from dtmfdsl.compiler import Compilable
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.dialects import Dialect, get_dialect
from dtmfdsl.notation import without_keys
from dtmfdsl.sending.clock import Clock, RealClock
from dtmfdsl.sending.delivery import Delivery, Send, Start
from dtmfdsl.sending.front import (
    Reading,
    Recording,
    expect,
    in_doubt,
    lowered,
    opened_journal,
    plan_lowered,
    reported,
)
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.loop import AwaitPerson, drive
from dtmfdsl.sending.outcomes import UNANSWERED, Kind, Outcome
from dtmfdsl.sending.placing import Ask, Placing
from dtmfdsl.sending.plan import Plan
from dtmfdsl.sending.reports import Report
from dtmfdsl.sending.sender import Watcher

Press: TypeAlias = Callable[[str], Awaitable[object]]
"""Presses one key, and returns when it has begun to sound. Raises NotPressed if it certainly was not."""


class NotPressed(Exception):
    """A key was certainly not pressed, such as on a call that has ended. Its text must not name the key."""


class Playing(Reading, Recording, total=False):
    """The options of `play`, which describes them."""

    clock: Clock | None


def keypad(tone_ms: int | None = None, gap_ms: int | None = None) -> Dialect:
    """The dialect of what presses single keys: strings of one key, and no pauses in them.

    Each key sounds for `tone_ms` milliseconds, and `gap_ms` pass before the next; without both, the lengths
    are not known. Raises DtmfError for a length that cannot be.
    """
    single = attrs.evolve(get_dialect("exact"), counted=None, limit=1)
    if tone_ms is None and gap_ms is None:
        return single
    if type(tone_ms) is not int or type(gap_ms) is not int or tone_ms < 1 or gap_ms < 0:
        message = "a tone of at least 1 ms and a gap are given together, in whole milliseconds"
        raise DtmfError.of("bad-duration", message, help="such as tone_ms=100, gap_ms=100")
    return attrs.evolve(single, tone_ms=(tone_ms, tone_ms), gap_ms=(gap_ms, gap_ms))


def plan_keys(
    script: Compilable | Plan,
    *,
    tone_ms: int | None = None,
    gap_ms: int | None = None,
    attended: bool = False,
    **options: Unpack[Reading],
) -> Plan:
    """What `play` would press when. A plan is returned as it is, with its own times.

    The options are those of `compile`. Raises DtmfError with every mistake, and for a plan whose strings are
    not single keys.
    """
    expect(options, Reading)
    return _planned(script, keypad(tone_ms, gap_ms), attended, options)


def _planned(script: Compilable | Plan, dialect: Dialect, attended: bool, options: Reading) -> Plan:
    if not isinstance(script, Plan):
        return plan_lowered(lowered(script, options), dialect, "up", attended)
    if any(len(step.chunk.text) != 1 for step in script.steps):
        message = f"this plan is in {script.dialect.name}, and not one of single keys"
        raise DtmfError.of("other-dialect", message, help="give the script itself")
    return script


async def play(
    script: Compilable | Plan,
    press: Press,
    *,
    tone_ms: int | None = None,
    gap_ms: int | None = None,
    ask: AwaitPerson | None = None,
    watcher: Watcher | None = None,
    call_id: str = "call",
    **options: Unpack[Playing],
) -> Report:
    """Calls `press` with each key of a script when it is due, one key at a time; returns how that ended.

    `script` is text, a tree, a program, or the plan of `plan_keys`. With `tone_ms` and `gap_ms`, a key that
    `press` begins sounds for so long, and the next is due that long after it was due itself: what a press
    takes adds nothing to the call. Without them, up to 600 ms are assumed for a key, counted from when
    `press` returns, as nothing is known of when it sounded.

    `ask` is called at each cue, with its text and the milliseconds left, and awaited for at most that time;
    without it, a cue is a pause. `watcher` is called for everything that happens. The options, by keyword:

    - `values`, `lookup`, `exposed`, `loader`: as for `compile`.
    - `journal`, `resume`, `doubt`: as for `send`. The journal knows this call as `call_id`.
    - `clock`: by default, the machine's.

    No key is pressed twice. One whose press failed or was cancelled may or may not have sounded: nothing
    comes after it, the report is `Status.UNKNOWN`, and its `cause` is what `press` raised. `NotPressed` says
    that the key certainly did not sound. A task that is cancelled raises CancelledError; `watcher.over` is
    called then too, with the delivery that shows what was pressed. Raises DtmfError, before the first key,
    for what is wrong with the script, the times or the journal.
    """
    expect(options, Playing)
    plan = _planned(script, keypad(tone_ms, gap_ms), bool(ask), options)
    clock, watcher = options.get("clock") or RealClock(), watcher or Watcher()
    with opened_journal(options) as journal:
        if journal:
            journal.begin({call_id: plan})
        start = journal.take_up(call_id, plan, options.get("doubt")) if journal else Start()
        delivery = Delivery(plan, start=start, interval_ms=0)
        if delivery.undecided:
            raise in_doubt(delivery.reason)
        keys = Keys(press, delivery, clock, watcher, journal, call_id)
        watcher.begun(delivery)
        try:
            await drive(delivery, keys.press_for, clock=clock, watcher=watcher, ask=ask)
        finally:
            watcher.over(delivery)
    return attrs.evolve(reported(call_id, delivery, journal), cause=keys.cause)


@attrs.define
class Keys:
    """Presses the keys of one delivery, or of one call that is placed. `cause`: what a press raised."""

    press: Press
    driven: Delivery | Placing
    clock: Clock
    watcher: Watcher
    journal: Journal | None
    call_id: str
    cause: BaseException | None = None

    async def press_for(self, action: Ask) -> None:
        """Presses the key of a `Send`, and records how that ended."""
        if not isinstance(action, Send):
            raise TypeError("only keys can be asked for")
        self.watcher.sending(action)
        delivery = self.driven.delivery if isinstance(self.driven, Placing) else self.driven
        state, gap_ms, now = delivery.state, delivery.plan.dialect.gap_ms, self.clock.now_ms()
        # A key that is a little late does not move those after it. One that is later than half a gap does:
        # otherwise it would run into the next.
        due = max(state.played, state.since)
        onset = due if gap_ms and now - due <= gap_ms[0] / 2 else now
        task, outcome = asyncio.current_task(), UNANSWERED
        cancelled = task.cancelling() if task else 0
        try:
            outcome = await self._recorded(action)
        finally:
            answered = self.clock.now_ms()
            self.driven.record(outcome, onset, onset if gap_ms else answered)
        self.watcher.ended(action, outcome, answered)
        if task and task.cancelling() > cancelled:
            await asyncio.sleep(0)  # raises one that is on its way, or else it would come when hanging up
            raise asyncio.CancelledError  # the press ignored it, or raised something else

    async def _recorded(self, action: Send) -> Outcome:
        """Presses a key, between two lines of the journal if there is one."""
        if not self.journal:
            return await self._pressed(action.step.chunk.text)
        try:
            self.journal.sending(self.call_id, action.index, action.attempt)
        except DtmfError as error:
            return Outcome(Kind.REFUSED, error.diagnostics[0].message)
        outcome = UNANSWERED
        try:
            outcome = await self._pressed(action.step.chunk.text)
        finally:
            with suppress(DtmfError):  # it is `unrecorded` then
                self.journal.ended(self.call_id, action.index, outcome)
        return outcome

    async def _pressed(self, key: str) -> Outcome:
        try:
            await self.press(key)
        except NotPressed as error:
            return Outcome(Kind.REFUSED, without_keys(str(error)) or "the key was not pressed")
        except asyncio.CancelledError as error:  # that of this task, too: see `press_for`
            self.cause = error
            return Outcome(Kind.UNKNOWN, "the press was cancelled")
        except Exception as error:
            self.cause = error
            return Outcome(Kind.UNKNOWN, f"the press failed with {type(error).__name__}")
        return Outcome(Kind.ACCEPTED, "pressed")

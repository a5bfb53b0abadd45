"""A script on a call that a SIP phone on this machine places, one key at a time."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Unpack

import attrs

from dtmfdsl.compiler import Compilable
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.sending.baresip import Baresip
from dtmfdsl.sending.carriers.calling import NewCall
from dtmfdsl.sending.clock import Clock, RealClock
from dtmfdsl.sending.delivery import Delivery, Send, timetable
from dtmfdsl.sending.front import NAME, File, Reading, expect, opened_journal, reported
from dtmfdsl.sending.interrupts import on_interrupt
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.loop import AwaitPerson, drive
from dtmfdsl.sending.outcomes import CallState, Created, Kind, Outcome, Seen
from dtmfdsl.sending.placing import ANSWER_MS, MARGIN_MS, Ask, Create, HangUp, Look, Placing, Terms
from dtmfdsl.sending.plan import Plan
from dtmfdsl.sending.play import Keys, plan_keys
from dtmfdsl.sending.reports import Report
from dtmfdsl.sending.sender import Watcher, report
from dtmfdsl.sending.sip import Account, Phone

LOOK_MS = 50
"""How often it is looked whether the call was answered. It costs nothing."""


class Phoning(Reading, total=False):
    """The options of `call_by_sip`, which describes them."""

    to: str | None
    credentials: Mapping[str, str] | None
    answer_ms: float
    journal: File | None
    phone: Phone | None
    clock: Clock | None


def call_by_sip(
    script: Compilable | Plan, *, watcher: Watcher | None = None, **options: Unpack[Phoning]
) -> Report:
    """`call_by_sip_async` in an event loop of its own. Ctrl-C hangs up, and is not raised."""

    async def main() -> None:
        running, loop = asyncio.ensure_future(call.run(None)), asyncio.get_running_loop()

        def stop() -> None:
            loop.call_soon_threadsafe(running.cancel)

        with on_interrupt(stop):  # the event loop itself hears Ctrl-C, but no other signal that is to end us
            await running

    with (
        _called(script, watcher or Watcher(), options, attended=False) as call,
        suppress(KeyboardInterrupt, asyncio.CancelledError),
    ):
        asyncio.run(main())
    return call.report


async def call_by_sip_async(
    script: Compilable | Plan,
    *,
    ask: AwaitPerson | None = None,
    watcher: Watcher | None = None,
    **options: Unpack[Phoning],
) -> Report:
    """Calls a SIP address or a number, plays a script when it is answered, and hangs up.

    The keys are pressed one at a time by the installed program baresip. `script` is text, a tree, a program,
    or the plan of `plan_keys` with the times of the phone. `ask` and `watcher` are as for `send_async`; what
    is said on the line is not heard. The options, by keyword:

    - `to`: what to call. By default, the number of `call` in the script, at the account's own server.
    - `credentials`: SIP_URI and SIP_PASSWORD. By default, they are the environment's.
    - `answer_ms`: give up if it is not answered within this time, in milliseconds. 60,000 by default.
    - `journal`: a file to create; the call and each key are recorded in it. It cannot be resumed, because the
      call ends with the program.
    - `values`, `lookup`, `exposed`, `loader`: as for `compile`.
    - `phone`, `clock`: another engine than baresip, and another clock than the machine's.

    A task that is cancelled hangs up first. Raises DtmfError, before the call is placed, for what is wrong
    with the script, the account, the address or the journal, and if there is no baresip.
    """
    with _called(script, watcher or Watcher(), options, attended=bool(ask)) as call:
        await call.run(ask)
    return call.report


@contextmanager
def _called(
    script: Compilable | Plan, watcher: Watcher, options: Phoning, *, attended: bool
) -> Iterator[_Call]:
    """A call to place, with its journal. The watcher is called at both ends."""
    expect(options, Phoning)
    phone, variables = options.get("phone") or Baresip(), options.get("credentials")
    account = Account.of(os.environ if variables is None else variables)
    reading: Any = {name: value for name, value in options.items() if name in Reading.__annotations__}
    plan = plan_keys(script, tone_ms=phone.tone_ms, gap_ms=phone.gap_ms, attended=attended, **reading)
    answer_ms = options.get("answer_ms", ANSWER_MS)
    new = new_call(plan, options.get("to"), account, answer_ms)
    terms = Terms(answer_ms=answer_ms, look_ms=LOOK_MS, settle_ms=phone.settle_ms)
    with _new_journal(options.get("journal")) as journal:
        if journal:
            journal.begin({NAME: plan}, called=True)
        placing, clock = Placing(Delivery(plan, interval_ms=0), terms, new=new), options.get("clock")
        watcher.begun(placing)
        try:
            yield _Call(placing, account, new.to, phone, clock or RealClock(), watcher, journal)
        finally:
            watcher.over(placing)


def new_call(plan: Plan, to: str | None, account: Account, answer_ms: float) -> NewCall:
    """The call of a plan, to what it names itself without `to`. Raises DtmfError for what is no address."""
    to = to or plan.number
    if to is None:
        message = "there is nothing to call"
        raise DtmfError.of("no-number", message, help="begin the script with `call`, or give --to")
    return NewCall(to=account.address(to), caller=account.uri, rings_s=math.ceil(answer_ms / 1000))


def _new_journal(path: File | None) -> AbstractContextManager[Journal | None]:
    """The journal of one call. One that exists is refused, because a call that has ended is not resumed."""
    try:
        return opened_journal({"journal": path})
    except DtmfError as error:
        (found,) = error.diagnostics
        if found.code != "journal-exists":
            raise
        help = "name another: a call by SIP cannot be resumed"
        raise DtmfError(attrs.evolve(found, help=help)) from None


class _Call:
    """One call of a phone, which does what its `placing` asks for."""

    def __init__(
        self,
        placing: Placing,
        account: Account,
        address: str,
        phone: Phone,
        clock: Clock,
        watcher: Watcher,
        journal: Journal | None,
    ):
        self.placing = placing
        self.account = account
        self.address = address
        self.phone = phone
        self.clock = clock
        self.watcher = watcher
        self.journal = journal
        self.keys = Keys(phone.press, placing, clock, watcher, journal, NAME)
        self._over = self._played = False
        """Whether the call is over, and whether all had certainly been played by then."""

    @property
    def report(self) -> Report:
        return attrs.evolve(reported(NAME, self.placing, self.journal), cause=self.keys.cause)

    async def run(self, ask: AwaitPerson | None) -> None:
        """Places the call, plays, and hangs up."""
        clock, placing = self.clock, self.placing
        longest_ms = placing.terms.answer_ms + timetable(placing.plan, 0)[1] + MARGIN_MS
        try:
            async with self.phone.running(self.account, self.address, longest_ms):
                await drive(
                    placing, self._request, clock=clock, watcher=self.watcher, ask=ask, sleep=self._sleep
                )
        except asyncio.CancelledError:
            placing.interrupt()  # if that came before the phone was ready
            raise

    async def _sleep(self, seconds: float) -> None:
        """Sleeps, until the call is over at most."""
        if self._over:
            await asyncio.sleep(seconds)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self.phone.over(), seconds)
            now, delivery = self.clock.now_ms(), self.placing.delivery
            self._over = True
            self._played = delivery.all_accepted and now >= delivery.state.played
            if not self._played:
                self.placing.seen_over(now, self.phone.why)

    async def _request(self, action: Ask) -> None:
        if isinstance(action, Send):
            await self.keys.press_for(action)
            return
        if isinstance(action, HangUp):
            await self.phone.hang_up()
        sent = self.clock.now_ms()
        if self.journal:
            outcome = self.journal.around(NAME, action, lambda: self._done(action))
        else:
            outcome = self._done(action)
        self.placing.record(outcome, sent, self.clock.now_ms())
        report(self.watcher, action, outcome, sent)

    def _done(self, action: Create | Look | HangUp) -> Outcome:
        match action:
            case Create(call):
                self.phone.dial(call.to)
                return Created(Kind.ACCEPTED, "calling", call_id=NAME)
            case Look() if self._played:  # that it was over only then leaves nothing unplayed
                return Seen(Kind.ACCEPTED, "answered", state=CallState.ANSWERED)
            case Look():
                state = self.phone.state
                return Seen(Kind.ACCEPTED, state or "it does not even ring", state=state, why=self.phone.why)
            case HangUp():
                return Outcome(Kind.ACCEPTED, "hung up")

"""The front door for one call: a script, and whom to send it to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Literal, TypeAlias

import attrs
import requests

from dtmfdsl.compiler import Compilable, to_program
from dtmfdsl.diagnostics import DtmfError, in_order
from dtmfdsl.dialects import Rounding, get_dialect
from dtmfdsl.loader import Loader
from dtmfdsl.semantics.values import Lookup
from dtmfdsl.sending.carriers import Carrier, get_carrier
from dtmfdsl.sending.clock import Clock, RealClock
from dtmfdsl.sending.delivery import Delivery
from dtmfdsl.sending.http import ANSWER_SECONDS, make_session
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.loop import AwaitPerson, drive
from dtmfdsl.sending.plan import Plan, make_plan
from dtmfdsl.sending.reports import Report
from dtmfdsl.sending.sender import AskPerson, Sender, Watcher

File: TypeAlias = str | os.PathLike[str]
Doubt: TypeAlias = Literal["repeat", "skip"]


def plan_call(
    script: Compilable | Plan,
    *,
    values: Mapping[str, str] | None = None,
    lookup: Lookup | None = None,
    exposed: frozenset[str] = frozenset(),
    loader: Loader | None = None,
    carrier: str | Carrier = "bandwidth-v1",
    rounding: Rounding = "up",
    half_second: str | None = None,
    attended: bool = False,
) -> Plan:
    """What `send` would send: a script's strings for a carrier, and the waits between them.

    `values`, `rounding` and `half_second` are as for `compile`; `lookup` is asked for values that were not
    given, and `exposed` names values that others can see: no secret may be one. With `attended`, somebody
    listens for the cues. A plan is left as it is. Raises DtmfError with every mistake there is; the plan
    holds the warnings.
    """
    if isinstance(script, Plan):
        return script
    dialect = get_dialect(get_carrier(carrier).dialect, half_second=half_second)
    lowered = to_program(script, values=values, lookup=lookup, exposed=exposed, loader=loader).valid()
    plan = make_plan(lowered.program, dialect, rounding, attended=attended)
    return attrs.evolve(plan, warnings=in_order((*lowered.diagnostics, *plan.warnings)))


def send(
    script: Compilable | Plan,
    call_id: str,
    *,
    values: Mapping[str, str] | None = None,
    rounding: Rounding = "up",
    carrier: str | Carrier = "bandwidth-v1",
    credentials: Mapping[str, str] | None = None,
    base_url: str | None = None,
    answer_seconds: float = ANSWER_SECONDS,
    journal: File | None = None,
    resume: bool = False,
    doubt: Doubt | None = None,
    tries: int = 4,
    deadline_ms: float | None = None,
    ask: AskPerson | None = None,
    watcher: Watcher | None = None,
    session: requests.Session | None = None,
    clock: Clock | None = None,
) -> Report:
    """Sends a script on a live call, each key at most once; returns how that ended.

    It takes as long as the keys play. `script` is text, a tree, a program, or the plan of `plan_call`.
    `credentials` are by the names of the carrier's variables; without them, they are the environment's.
    `journal` is a file to be made, in which each request is written down before and after; with `resume` it
    is one that there is, and the delivery goes on where it stops. If a string is in doubt then, `doubt` says
    whether to press its keys again ("repeat") or to leave them out ("skip"). What was certainly not executed
    is sent again, at most `tries` times in all and not later than `deadline_ms` milliseconds from the start.
    `ask` is called at each cue. A `session` that is given must not repeat requests, and is not closed.

    Ctrl-C stops it: see `Sender.run`. Raises DtmfError, before anything is sent, for what is wrong with the
    script, the account, the journal or an id, and for a doubt that `doubt` does not settle.
    """
    attended = ask is not None
    plan = plan_call(script, values=values, carrier=carrier, rounding=rounding, attended=attended)
    watcher = watcher or Watcher()
    with opened_sender(carrier, credentials, base_url, session, clock, answer_seconds) as sender:
        sender.check(call_id, plan)  # before a journal is begun for it
        with opened_journal(journal, resume) as written:
            if written:
                written.begin({call_id: plan})
            delivery = begun(sender, call_id, plan, written, doubt, tries, deadline_ms)
            watcher.begun(delivery)
            try:
                sender.run(delivery, call_id, journal=written, watcher=watcher, ask=ask)
            except KeyboardInterrupt:  # one more, while it was ending
                delivery.interrupt()
            finally:
                watcher.over(delivery)
            return reported(call_id, delivery, written)


async def send_async(
    script: Compilable | Plan,
    call_id: str,
    *,
    values: Mapping[str, str] | None = None,
    rounding: Rounding = "up",
    carrier: str | Carrier = "bandwidth-v1",
    credentials: Mapping[str, str] | None = None,
    base_url: str | None = None,
    answer_seconds: float = ANSWER_SECONDS,
    journal: File | None = None,
    resume: bool = False,
    doubt: Doubt | None = None,
    tries: int = 4,
    deadline_ms: float | None = None,
    ask: AwaitPerson | None = None,
    watcher: Watcher | None = None,
    session: requests.Session | None = None,
    clock: Clock | None = None,
) -> Report:
    """`send` in an event loop: its waits are the loop's, and each request runs in a thread.

    What `ask` returns is awaited, at most for the cue's time. A task that is cancelled while a request is out
    waits for its answer, at most some `answer_seconds`, and records it; then it sends no more and raises
    CancelledError. `watcher.over` is called with the delivery in any case.
    """
    attended = ask is not None
    plan = plan_call(script, values=values, carrier=carrier, rounding=rounding, attended=attended)
    watcher = watcher or Watcher()
    with opened_sender(carrier, credentials, base_url, session, clock, answer_seconds) as sender:
        sender.check(call_id, plan)  # before a journal is begun for it
        with opened_journal(journal, resume) as written:
            if written:
                written.begin({call_id: plan})
            delivery = begun(sender, call_id, plan, written, doubt, tries, deadline_ms)
            watcher.begun(delivery)
            try:
                await drive(sender, delivery, call_id, journal=written, watcher=watcher, ask=ask)
            finally:
                watcher.over(delivery)
            return reported(call_id, delivery, written)


@contextmanager
def opened_sender(
    carrier: str | Carrier,
    credentials: Mapping[str, str] | None,
    base_url: str | None,
    session: requests.Session | None,
    clock: Clock | None,
    answer_seconds: float,
    workers: int = 1,
) -> Iterator[Sender]:
    """A sender with the environment's account, the carrier's address and a session of its own by default."""
    asked = get_carrier(carrier)
    account = asked.credentials(os.environ if credentials is None else credentials)
    address = asked.base_url if base_url is None else base_url
    with ExitStack() as stack:
        yield Sender(
            account,
            asked,
            base_url=address,
            session=session or stack.enter_context(make_session(address, workers)),
            clock=clock or RealClock(),
            answer_seconds=answer_seconds,
        )


@contextmanager
def opened_journal(path: File | None, resume: bool) -> Iterator[Journal | None]:
    """The journal of that path, if there is to be one."""
    if path is not None:
        with Journal(os.fspath(path), resume=resume) as journal:
            yield journal
        return
    if resume:
        raise DtmfError.of("no-such-file", "there is no journal to go on with", help="name it by `journal`")
    yield None


def begun(
    sender: Sender,
    call_id: str,
    plan: Plan,
    journal: Journal | None,
    doubt: Doubt | None,
    tries: int,
    deadline_ms: float | None,
) -> Delivery:
    """The delivery of a plan, from its start or from where its journal stops."""
    start = journal.take_up(call_id, plan, doubt) if journal else None
    interval = sender.carrier.interval_ms
    return Delivery(plan, start=start, tries=tries, deadline_ms=deadline_ms, interval_ms=interval)


def reported(call_id: str, delivery: Delivery, journal: Journal | None) -> Report:
    """How a delivery stands, with what its journal adds."""
    skipped = journal.progress(call_id).left_out if journal else ()
    return Report(
        call_id=call_id,
        status=delivery.status,
        reason=delivery.reason,
        plan=delivery.plan,
        accepted=delivery.index - len(skipped),
        skipped=skipped,
        unrecorded=journal.unrecorded.get(call_id) if journal else None,
    )

"""The front door for many calls: a row each in, a report each out. One bad row stops no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import attrs
import requests

from dtmfdsl.compiler import Compilable, prepare, to_program
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.dialects import Rounding
from dtmfdsl.language.tree import Param
from dtmfdsl.loader import Loader
from dtmfdsl.program import Program
from dtmfdsl.semantics.names import Names
from dtmfdsl.semantics.values import Lookup
from dtmfdsl.sending.carriers import Carrier
from dtmfdsl.sending.carriers.carrier import escaped
from dtmfdsl.sending.clock import Clock
from dtmfdsl.sending.delivery import Delivery
from dtmfdsl.sending.fleet import Fleet, Job
from dtmfdsl.sending.front import Doubt, File, begun, opened_journal, opened_sender, plan_call, reported
from dtmfdsl.sending.http import ANSWER_SECONDS
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.outcomes import Outcome, Status
from dtmfdsl.sending.plan import Plan
from dtmfdsl.sending.pool import run_fleet
from dtmfdsl.sending.reports import Report
from dtmfdsl.sending.sender import Sender

Row: TypeAlias = Mapping[str, str | None]
"""A call's `call_id` and its own values of the script's params, as `csv.DictReader` gives them."""


@attrs.frozen
class Call:
    """One of many calls, and what is to be sent on it, or the reason why there is nothing."""

    call_id: str
    plan: Plan | None = None
    reason: str = ""


def plan_calls(
    rows: Iterable[Row],
    *,
    script: Compilable,
    values: Mapping[str, str] | None = None,
    lookup: Lookup | None = None,
    exposed: frozenset[str] = frozenset(),
    loader: Loader | None = None,
    carrier: str | Carrier = "bandwidth-v1",
    rounding: Rounding = "up",
    half_second: str | None = None,
) -> tuple[Call, ...]:
    """What `send_many` would send: a plan for each row, or why it has none.

    What a row names has its value from the row alone, and none, or its default, if that is blank. The rest is
    of `values`, or of `lookup`, which is asked once for each name. Raises DtmfError if the script is wrong
    whatever its values are.
    """
    names = script if isinstance(script, Program | Names) else prepare(script, loader=loader)
    general = dict(values or {})
    to_program(names, values=general, exposed=exposed, pretend=True, loader=loader).valid()
    known: dict[str, str | None] = {}

    def plan(row: Row) -> Call:
        call_id = (row.get("call_id") or "").strip()
        if not call_id:
            return Call(call_id, reason="this row has no call id")
        if None in row or None in row.values():
            return Call(call_id, reason="this row has more or fewer values than the first line has names")
        left = {name: value for name, value in general.items() if name not in row}
        own = {name: value for name, value in row.items() if value and value.strip() and name != "call_id"}

        def ask(param: Param) -> str | None:
            name = param.name.name
            if lookup is None or name in row:
                return None
            if name not in known:
                known[name] = lookup(param)
            return known[name]

        try:
            escaped(call_id, "call id")
            planned = plan_call(
                names,
                values={**left, **own},
                lookup=ask,
                exposed=exposed - row.keys(),
                loader=loader,
                carrier=carrier,
                rounding=rounding,
                half_second=half_second,
            )
            return Call(call_id, planned)
        except DtmfError as error:
            return Call(call_id, reason=_words(error))

    return _distinct(plan(row) for row in rows)


def send_many(
    rows: Iterable[Row | Call],
    *,
    script: Compilable | None = None,
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
    workers: int = 32,
    rate: float | None = None,
    ended: Callable[[Report], object] | None = None,
    over: Callable[[], object] | None = None,
    session: requests.Session | None = None,
    clock: Clock | None = None,
) -> tuple[Report, ...]:
    """Sends a script on many calls at once; returns a report for each row, in their order.

    `rows` are mappings of `call_id` and the script's params to text, such as `csv.DictReader` gives; or they
    are what `plan_calls` has made of those, and need no `script`. At most `workers` requests are under way,
    and at most `rate` a second begin. All calls share one journal, and `doubt` settles every doubt. `ended`
    is called with the report of each call once its strings are sent, and `over` when no more is sent. The
    other arguments are those of `send`, and so are the errors raised; what is wrong with one row is in its
    report. Ctrl-C begins no further request: see `run_fleet`.
    """
    given = tuple(rows)
    planned = [row for row in given if isinstance(row, Call)]
    others = [row for row in given if not isinstance(row, Call)]
    if script is not None:
        planned += plan_calls(others, script=script, values=values, rounding=rounding, carrier=carrier)
    elif others:
        raise DtmfError.of("not-text", "there is no script to send", help="give it by `script`")
    calls = _distinct(planned)
    with opened_sender(carrier, credentials, base_url, session, clock, answer_seconds, workers) as sender:
        calls = _checked(calls, sender.check)
        # A journal is not begun for rows that are all wrong.
        path = journal if any(call.plan for call in calls) else None
        with opened_journal(path, resume and path is not None) as written:
            if written:
                calls = _checked(calls, written.check)
                if plans := {call.call_id: call.plan for call in calls if call.plan}:
                    written.begin(plans)
            ends = [_begun(call, sender, written, doubt, tries, deadline_ms) for call in calls]
            running = [
                (call.call_id, end)
                for call, end in zip(calls, ends, strict=True)
                if isinstance(end, Delivery)
            ]
            spacing, interval = 1000 / rate if rate else 0, sender.carrier.interval_ms
            fleet = Fleet([delivery for _, delivery in running], spacing, interval)

            def post(job: Job) -> Outcome:
                return sender.send(running[job.number][0], job.action, written)

            def answered(number: int) -> None:
                call_id, delivery = running[number]
                if ended and (delivery.finished or delivery.all_accepted):
                    ended(reported(call_id, delivery, written))

            try:
                run_fleet(fleet, post, sender.clock, workers=workers, ended=answered)
            except KeyboardInterrupt:  # one more, while it was ending
                fleet.interrupt()
            finally:
                if over:
                    over()
            return tuple(
                reported(call.call_id, end, written) if isinstance(end, Delivery) else end
                for call, end in zip(calls, ends, strict=True)
            )


def _distinct(calls: Iterable[Call]) -> tuple[Call, ...]:
    """The calls, of which no two are the same: two deliveries on one call would press keys twice."""
    seen: set[str] = set()
    distinct = []
    for call in calls:
        again = bool(call.call_id) and call.call_id in seen
        distinct.append(Call(call.call_id, reason="this call stands in an earlier row") if again else call)
        seen.add(call.call_id)
    return tuple(distinct)


def _checked(calls: Iterable[Call], check: Callable[[str, Plan], None]) -> tuple[Call, ...]:
    """The calls; those that a check refuses have its reason in the place of their plan."""
    checked = []
    for call in calls:
        try:
            if call.plan:
                check(call.call_id, call.plan)
        except DtmfError as error:
            call = Call(call.call_id, reason=_words(error))
        checked.append(call)
    return tuple(checked)


def _begun(
    call: Call,
    sender: Sender,
    journal: Journal | None,
    doubt: Doubt | None,
    tries: int,
    deadline_ms: float | None,
) -> Delivery | Report:
    """The delivery of a call; or its report, if it has no plan or a doubt that nobody has settled."""
    if call.plan is None:
        return Report(call.call_id, Status.NOT_SENT, call.reason)
    try:
        return begun(sender, call.call_id, call.plan, journal, doubt, tries, deadline_ms)
    except DtmfError as error:
        if journal is None or error.diagnostics[0].code != "in-doubt":
            raise
        progress = journal.progress(call.call_id)
        accepted = progress.start.step - len(progress.left_out)
        skipped = progress.left_out
        return Report(
            call.call_id, Status.UNKNOWN, _words(error), call.plan, accepted, skipped, undecided=True
        )


def _words(error: DtmfError) -> str:
    return "; ".join(found.message for found in error.diagnostics)

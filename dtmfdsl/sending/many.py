"""The front door for many calls: a row each in, a report each out. A bad row does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from functools import partial
from typing import TypeAlias, Unpack

import attrs

from dtmfdsl.compiler import Compilable, prepare, to_program
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.dialects import Dialect
from dtmfdsl.language.tree import Param
from dtmfdsl.program import Program
from dtmfdsl.semantics.lowering import Lowered, lower
from dtmfdsl.semantics.names import Names
from dtmfdsl.semantics.values import Values, kept, may_be_empty
from dtmfdsl.sending.carriers import BANDWIDTH_V1, Carrier, get_carrier
from dtmfdsl.sending.fleet import Fleet, Job
from dtmfdsl.sending.front import (
    Options,
    Planning,
    delivery_of,
    dialect_for,
    expect,
    opened_journal,
    opened_sender,
    plan_lowered,
    reported,
)
from dtmfdsl.sending.outcomes import Outcome, Status
from dtmfdsl.sending.plan import Plan
from dtmfdsl.sending.pool import run_fleet
from dtmfdsl.sending.reports import Report
from dtmfdsl.sending.shapes import Shapes

Row: TypeAlias = Mapping[str, str | None]
"""A call's `call_id` and its own values of the script's params, as `csv.DictReader` gives them."""

NO_PARAM = {"call_id": ""}
"""A call's id is the value of no param, also of one that is named so."""


@attrs.frozen
class Call:
    """One of many calls: what is to be sent on it, or the reason why there is nothing to send.

    `to` is the participant who hears the keys, for a carrier that has to know.
    """

    call_id: str
    plan: Plan | None = None
    reason: str = ""
    to: str | None = None

    @property
    def report(self) -> Report:
        """The report of the call before anything is sent."""
        status = Status.PLANNED if self.plan else Status.NOT_SENT
        return Report(self.call_id, status, self.reason, self.plan)


def plan_calls(rows: Iterable[Row], *, script: Compilable, **options: Unpack[Planning]) -> tuple[Call, ...]:
    """What `send_many` would send: a plan for each row, or why it has none.

    The options are those of `plan_call`. A name that a row has gets its value from the row alone. A blank is
    the default, or no keys where `0..10 digits` may be none, or else no value. The others come from `values`,
    or from `lookup`, which is asked once for each name. Raises DtmfError if the script is wrong whatever its
    values are.
    """
    rows = [kept(row) for row in rows]
    expect(options, Planning)
    return _planned(rows, script, options)


def send_many(
    rows: Iterable[Row | Call],
    *,
    script: Compilable | None = None,
    workers: int = 32,
    rate: float | None = None,
    ended: Callable[[Report], object] | None = None,
    over: Callable[[], object] | None = None,
    **options: Unpack[Options],
) -> tuple[Report, ...]:
    """Sends a script on many calls at once; returns a report for each row, in their order.

    Each row maps `call_id` and the script's params to text, as `csv.DictReader` gives them; or it is a call
    of `plan_calls`, which needs no `script`. A carrier that has to know the participant finds it in `to`. At
    most `workers` requests are made at once, and at most `rate` begin in a second. `ended` is called with the
    report of a call when all its strings are sent or it has stopped, and `over` when nothing more is sent.
    The options are those of `send`: all calls share one journal, and `doubt` settles every doubt. Raises
    DtmfError as `send` does, but what is wrong with one row is in its report. Ctrl-C begins no further
    request: see `run_fleet`.
    """
    rows = [kept(row) for row in rows]
    expect(options, Options)
    calls = _planned(rows, script, options)
    ready = any(call.plan for call in calls)
    with (
        opened_sender(options, workers, {call.call_id: call.to for call in calls if call.to}) as sender,
        # A journal is not begun for rows that are all wrong.
        opened_journal(options) if ready else nullcontext() as journal,
    ):
        if journal:
            calls = tuple(_checked(call, journal.check) for call in calls)
            if plans := {call.call_id: call.plan for call in calls if call.plan}:
                journal.begin(plans)
        deliveries = {
            call.call_id: delivery_of(call.plan, call.call_id, sender.carrier, journal, options)
            for call in calls
            if call.plan
        }
        running = list(deliveries.items())
        spacing = max(1000 / rate if rate else 0, sender.carrier.spacing_ms)
        fleet = Fleet([*deliveries.values()], spacing, sender.carrier.interval_ms)

        def post(job: Job) -> Outcome:
            return sender.send(running[job.number][0], job.action, journal)

        def answered(number: int) -> None:
            call_id, delivery = running[number]
            if ended and (delivery.finished or delivery.all_accepted):
                ended(reported(call_id, delivery, journal))

        try:
            run_fleet(fleet, post, sender.clock, workers=workers, ended=answered)
        except KeyboardInterrupt:  # one more, while it was ending
            fleet.interrupt()
        finally:
            if over:
                over()
    return tuple(
        reported(call.call_id, deliveries[call.call_id], journal) if call.plan else call.report
        for call in calls
    )


def _planned(rows: Iterable[Row | Call], script: Compilable | None, options: Planning) -> tuple[Call, ...]:
    """Each row as a call that can be sent, or with the reason why not.

    No two have the same id: two deliveries on one call would press keys twice.
    """
    carrier = get_carrier(options.get("carrier", BANDWIDTH_V1))
    plan = None if script is None else _planner(script, options)
    calls: list[Call] = []
    seen: set[str] = set()
    for row in rows:
        if isinstance(row, Call):
            call = row
        elif plan:
            call = plan(row)
        else:
            raise DtmfError.of("not-text", "there is no script to send", help="give it by `script`")
        if call.call_id and call.call_id in seen:
            call = Call(call.call_id, reason="this call is in an earlier row")
        seen.add(call.call_id)
        calls.append(_checked(call, partial(_ask, carrier, call.to)))
    return tuple(calls)


def _planner(script: Compilable, options: Planning) -> Callable[[Row], Call]:
    """Plans the script for a row. Raises DtmfError if it is wrong whatever its values are."""
    names = script if isinstance(script, Program | Names) else prepare(script, loader=options.get("loader"))
    general, lookup = options.get("values") or {}, options.get("lookup")
    rounding = options.get("rounding", "up")
    carrier, dialect = get_carrier(options.get("carrier", BANDWIDTH_V1)), dialect_for(options)
    exposed = frozenset(options.get("exposed", ()))
    to_program(names, values=general, exposed=exposed, pretend=True).valid()
    found: dict[str, str | None] = {}

    def ask(param: Param) -> str | None:
        name = param.name.name
        if name not in found:
            found[name] = lookup(param) if lookup else None
        return found[name]

    def plan_fully(row: Mapping[str, str], stand_ins: Mapping[str, str], dialect: Dialect) -> Plan:
        if isinstance(names, Program):
            return plan_lowered(Lowered(names, ()), dialect, rounding)
        values = {name: value for name, value in general.items() if name not in row}
        values |= {name: value for name, value in row.items() if value.strip()}

        def find(param: Param) -> str | None:
            if param.name.name not in row:
                return ask(param)
            # The cell is blank.
            return "" if may_be_empty(param) and param.default is None else None

        own = Values(values, find, exposed=exposed - row.keys(), stand_ins=stand_ins)
        return plan_lowered(lower(names, own).valid(), dialect, rounding)

    params = () if isinstance(names, Program) else names.declared
    shapes = Shapes(params, dialect, plan_fully)
    asked = {param.name.name for param in params}

    def plan(row: Row) -> Call:
        call_id = (row.get("call_id") or "").strip()
        if not call_id:
            return Call(call_id, reason="this row has no call id")
        if None in row or None in row.values():
            return Call(call_id, reason="this row has more or fewer values than the first line has names")
        for name, value in row.items():
            if not isinstance(value, str):
                return Call(call_id, reason=f"`{name}` must be text, not {type(value).__name__}")
        try:
            own = {name: value or "" for name, value in row.items()} | NO_PARAM
            to = (own.get("to") or "").strip() if carrier.participant else ""
            if to and "to" not in asked:
                del own["to"]
            return Call(call_id, shapes.plan(own), to=to or options.get("to"))
        except DtmfError as error:
            return Call(call_id, reason=_words(error))

    return plan


def _ask(carrier: Carrier, to: str | None, call_id: str, plan: Plan) -> None:
    carrier.check(call_id, plan.dialect.name, to)


def _checked(call: Call, check: Callable[[str, Plan], None]) -> Call:
    """The call, or the reason why its plan cannot be sent."""
    try:
        if call.plan:
            check(call.call_id, call.plan)
    except DtmfError as error:
        return Call(call.call_id, reason=_words(error))
    return call


def _words(error: DtmfError) -> str:
    return "; ".join(found.message for found in error.diagnostics)

"""Many calls: a row each in, a row of outcome each out."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext

from dtmfdsl.cli.input import chosen, load
from dtmfdsl.cli.line import open_line
from dtmfdsl.cli.output import show
from dtmfdsl.cli.reporting import accepted, left_out, show_plan, untold
from dtmfdsl.cli.resuming import Doubt, begin_delivery, open_journal
from dtmfdsl.cli.rows import Row, read_calls, results_file, write_results
from dtmfdsl.cli.streams import Refusal, tell
from dtmfdsl.cli.values import asker, assigned
from dtmfdsl.compiler import prepare, to_program
from dtmfdsl.diagnostics import Diagnostic, DtmfError, clean, closest, in_order
from dtmfdsl.dialects import Dialect
from dtmfdsl.language.tree import Param
from dtmfdsl.loader import Disk
from dtmfdsl.semantics.values import Lookup
from dtmfdsl.sending.carriers import Carrier, escaped
from dtmfdsl.sending.fleet import Fleet, Job, run_fleet
from dtmfdsl.sending.interrupts import deafen
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.outcomes import Outcome, Status
from dtmfdsl.sending.plan import Plan, make_plan

_WOULD_BE_SENT = "would be sent"
_FEW = 5
"""Of so many calls, the test line tells what it heard; of more, the CSV is enough."""


def send_many(
    options: argparse.Namespace, carrier: Carrier, dialect: Dialect, variables: Mapping[str, str]
) -> int:
    """Sends a script to all calls of a CSV at once. One bad row stops no other."""
    rows = _rows(options, dialect, variables)
    if options.dry_run:
        return _rehearse(rows, options, carrier)
    with open_line(options, carrier, variables) as line, results_file(options.results) as results:
        # Of rows that are all wrong, no journal says anything.
        journal = open_journal(options) if any(row.plan for row in rows) else None
        with journal or nullcontext():
            ready = _begin(rows, options, carrier, journal)
            deliveries = [row.delivery for row in ready if row.delivery]

            def post(job: Job) -> Outcome:
                call_id, text = ready[job.number].call_id, job.action.step.chunk.text
                if journal is None:
                    return line.sender.post(call_id, text)
                return journal.around(call_id, job.action, lambda: line.sender.post(call_id, text))

            def ended(number: int) -> None:
                delivery = deliveries[number]
                if delivery.finished or delivery.all_accepted:
                    row = ready[number]
                    tell(f"{clean(row.call_id)}: {delivery.reason or accepted(delivery, row.skipped)}")

            spacing = 1000 / options.rate if options.rate else 0
            fleet = Fleet(deliveries, spacing, carrier.interval_ms)
            try:
                run_fleet(fleet, post, line.sender.clock, workers=options.workers, ended=ended)
            finally:
                deafen()
                for row in ready:
                    row.untold = untold(journal, row.call_id)
                write_results(results, rows)
        if len(ready) <= _FEW:
            line.report(*(row.call_id for row in ready))
    if behind := sum(bool(row.untold) for row in ready):
        tell(f"of {behind} the journal could not be told how the last request ended: see their reasons")
    return _summary(rows)


def _rehearse(rows: Sequence[Row], options: argparse.Namespace, carrier: Carrier) -> int:
    """Shows the plan of each row, and sends nothing."""
    with results_file(options.results) as results:
        for row in rows:
            print(f"call {clean(row.call_id)}: {clean(row.reason)}".rstrip(": "))
            if row.plan:
                row.status = _WOULD_BE_SENT
                show_plan(row.plan, carrier, options.base_url or carrier.base_url, row.call_id)
        if options.results:
            write_results(results, rows)
    return _summary(rows)


def _summary(rows: Sequence[Row]) -> int:
    """Counts how the rows ended; returns the exit status."""
    counts = Counter(row.result()[1] for row in rows)
    tell(", ".join(f"{count} {status}" for status, count in sorted(counts.items())))
    return _status(counts)


def _status(counts: Counter[str]) -> int:
    if counts[Status.UNKNOWN.value]:
        return 4
    if counts[Status.INTERRUPTED.value]:
        return 130
    return 0 if set(counts) <= {Status.COMPLETE.value, _WOULD_BE_SENT} else 3


def _rows(options: argparse.Namespace, dialect: Dialect, variables: Mapping[str, str]) -> list[Row]:
    """A plan for each row of the CSV, or why there is none.

    Raises Refusal if it is no CSV of calls, and DtmfError if the script is wrong whatever its values are.
    """
    (file,) = chosen(options)
    source = load(file, options.text)
    general = assigned(options)
    script = prepare(source, loader=Disk(outside=options.allow_outside))
    checked = to_program(script, values=general, exposed=general, pretend=True).valid()
    warnings = [*checked.diagnostics]
    columns, entries = read_calls(options.calls)
    for name in columns:
        if name not in script.params:
            meant = closest(name, script.params)
            help = f"did you mean `{meant}`?" if meant else "a column is call_id or a param of the script"
            raise Refusal(
                f"{options.calls} has a column `{clean(name)}`, which the script does not know: {help}"
            )
        if name in general:
            raise Refusal(f"`{name}` is given by --set and by a column of {options.calls}: leave one of them")
    lookup = _asked_once(asker(options, variables), columns)
    rows: list[Row] = []
    seen: set[str] = set()
    for call_id, values in entries:
        row = Row(call_id)
        rows.append(row)
        try:
            if not call_id:
                row.reason = "this row has no call id"
            elif len(values) != len(columns):
                row.reason = "this row has more or fewer values than the first line has names"
            elif call_id in seen:
                row.reason = "this call stands in an earlier row"
            else:
                escaped(call_id, "call id")
                seen.add(call_id)
                own = {name: value for name, value in zip(columns, values, strict=True) if value.strip()}
                given = {**general, **own}
                lowered = to_program(script, values=given, lookup=lookup, exposed=general).valid()
                row.plan = make_plan(lowered.program, dialect, options.rounding)
                warnings += row.plan.warnings
        except DtmfError as error:
            row.reason = _words(error.diagnostics)
    show(in_order(warnings))
    return rows


def _asked_once(lookup: Lookup, columns: Sequence[str]) -> Lookup:
    """A lookup for all rows. What a column says, a blank too, is the column's; a person is asked once."""
    found: dict[str, str | None] = {}

    def ask(param: Param) -> str | None:
        name = param.name.name
        if name in columns:
            return None
        if name not in found:
            found[name] = lookup(param)
        return found[name]

    return ask


def _begin(
    rows: Sequence[Row], options: argparse.Namespace, carrier: Carrier, journal: Journal | None
) -> list[Row]:
    """Gives a delivery to each row that has a plan, and returns those; the others say why they have none."""
    plans: dict[str, Plan] = {}
    for row in rows:
        try:
            if row.plan and journal:
                journal.check(row.call_id, row.plan)
            if row.plan:
                plans[row.call_id] = row.plan
        except DtmfError as error:
            row.plan, row.reason = None, _words(error.diagnostics)
    if journal and plans:
        journal.begin(plans)
    for row in rows:
        try:
            if row.plan:
                row.delivery = begin_delivery(options, carrier, row.plan, row.call_id, journal)
                row.skipped = left_out(journal, row.call_id)
        except Doubt as doubt:
            row.status, row.reason = Status.UNKNOWN.value, f"{doubt}: say --repeat or --skip"
            row.accepted = doubt.accepted
    return [row for row in rows if row.delivery]


def _words(diagnostics: Iterable[Diagnostic]) -> str:
    return "; ".join(found.message for found in diagnostics)

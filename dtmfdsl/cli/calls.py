"""Many calls: a row each in, a row of outcome each out."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import zip_longest

from dtmfdsl.cli.line import open_line, planning, prepared
from dtmfdsl.cli.output import show
from dtmfdsl.cli.reporting import EXIT_STATUS, show_plan, unrecorded
from dtmfdsl.cli.rows import results_file, write_results
from dtmfdsl.cli.streams import Refusal, say, tell
from dtmfdsl.cli.tables import Table, read_table
from dtmfdsl.diagnostics import clean, in_order
from dtmfdsl.language.tree import Param
from dtmfdsl.notation import counted
from dtmfdsl.sending import Call, Carrier, Report, Status, plan_calls, send_many
from dtmfdsl.sending.interrupts import ignore_interrupts

_FEW = 5
"""Print the test line's report for at most this many calls."""

_SHOWN = 20
"""Name at most this many of the rows that are not sent."""


def send_calls(options: argparse.Namespace, carrier: Carrier, variables: Mapping[str, str]) -> int:
    """Sends a script to all calls of a CSV at once. A bad row does not stop the others."""
    table, calls = _planned(options, carrier, variables)
    show(in_order(warning for call in calls if call.plan for warning in call.plan.warnings))
    if table.unused:
        shown = ", ".join([*table.unused[:_SHOWN], *["…"] * (len(table.unused) > _SHOWN)])
        what = f"the script does not ask for {counted(len(table.unused), 'column')}"
        tell(f"{clean(options.calls)}: {what}: {shown}")
    for name, first in table.dates.items():
        tell(
            f"{_place(options, first)}: `{name}` holds a date: as keys, its digits are pressed in this order"
        )
    if options.dry_run:
        return _rehearse(table, calls, options, carrier)
    planned = [call.report for call in calls]
    _show_unsent(options, table, planned)
    with open_line(options, carrier, variables) as line, results_file(options.results) as results:
        reports = send_many(
            calls,
            workers=options.workers,
            rate=options.rate,
            ended=_show_end,
            over=ignore_interrupts,
            **line.options,
        )
        write_results(results, reports, table.lines)
        if any(report.accepted for report in reports):
            tell(f"accepted means: {carrier.promises}")
        begun = [each for each in reports if each.status is not Status.NOT_SENT and not each.undecided]
        if len(begun) <= _FEW:
            line.report({report.call_id: report.plan for report in begun if report.plan})
    _show_unsent(options, table, reports, before=planned)
    if behind := sum(bool(unrecorded(report)) for report in reports):
        tell(f"the journal lacks the outcome of the last request of {behind}: see the reasons")
    return _summary(reports)


def _show_end(report: Report) -> None:
    tell(f"{clean(report.call_id)}: {report.reason or report.count}")


def _show_unsent(
    options: argparse.Namespace, table: Table, reports: Sequence[Report], before: Sequence[Report] = ()
) -> None:
    """Names the rows of which nothing is sent, but for those that were named `before`."""
    wrong = [
        f"{_place(options, line)}: {clean(f'{report.call_id}: {report.reason}'.removeprefix(': '))}"
        for report, earlier, line in zip_longest(reports, before, table.lines)
        if report.status is Status.NOT_SENT and not (earlier and earlier.status is Status.NOT_SENT)
    ]
    for row in wrong[:_SHOWN]:
        tell(row)
    if (more := len(wrong) - _SHOWN) > 0:
        tell(f"{more:,} more rows are not sent: the outcomes have their reasons")


def _place(options: argparse.Namespace, line: int) -> str:
    return f"{'<stdin>' if options.calls == '-' else clean(options.calls)}:{line}"


def _planned(
    options: argparse.Namespace, carrier: Carrier, variables: Mapping[str, str]
) -> tuple[Table, tuple[Call, ...]]:
    """The table of calls, and a plan for each of its rows, or why there is none.

    Raises Refusal if it is no CSV of calls, and DtmfError if the script is wrong whatever its values are.
    """
    names = prepared(options)
    how = planning(names, options, carrier, variables)
    values = how["values"] or {}
    used = {each.name for each in names.reached if isinstance(each.node, Param)}
    columns = (*names.params, "to") if carrier.participant else (*names.params,)
    table = read_table(options.calls, columns, used - values.keys() if names.complete else ())
    if twice := next((name for name in table.names if name in values), None):
        raise Refusal(f"`{twice}` is given by --set and by a column of {options.calls}: give it by one")
    return table, plan_calls(table.rows, script=names, **how)


def _rehearse(table: Table, calls: Sequence[Call], options: argparse.Namespace, carrier: Carrier) -> int:
    """Shows the plan of each row, and sends nothing."""
    reports = [call.report for call in calls]
    with results_file(options.results) as results:
        for call, line in zip(calls, table.lines, strict=True):
            if call.plan:
                say(f"call {clean(call.call_id)}")
                show_plan(call.plan, carrier, options.base_url or carrier.base_url, call.call_id, call.to)
            else:
                say(f"call {clean(call.call_id)}: {clean(call.reason)} ({_place(options, line)})")
        if options.results:
            write_results(results, reports, table.lines)
    return _summary(reports)


def _summary(reports: Sequence[Report]) -> int:
    """Counts how the calls ended; returns the exit status."""
    counts = Counter(report.status for report in reports)
    tell(", ".join(f"{count} {status}" for status, count in sorted(counts.items())))
    for status in (Status.UNKNOWN, Status.INTERRUPTED):
        if counts[status]:
            return EXIT_STATUS[status]
    return 0 if set(counts) <= {Status.COMPLETE, Status.PLANNED} else 3

"""Many calls: a row each in, a row of outcome each out."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence

from dtmfdsl.cli.input import chosen, load
from dtmfdsl.cli.line import open_line, planning
from dtmfdsl.cli.output import show
from dtmfdsl.cli.reporting import EXIT_STATUS, show_plan, unrecorded
from dtmfdsl.cli.rows import read_calls, results_file, write_results
from dtmfdsl.cli.streams import Refusal, say, tell
from dtmfdsl.compiler import prepare
from dtmfdsl.diagnostics import clean, closest, did_you_mean, in_order
from dtmfdsl.sending import Call, Carrier, Report, Status, plan_calls, send_many
from dtmfdsl.sending.interrupts import ignore_interrupts

_FEW = 5
"""Print the test line's report for at most this many calls."""


def send_calls(options: argparse.Namespace, carrier: Carrier, variables: Mapping[str, str]) -> int:
    """Sends a script to all calls of a CSV at once. A bad row does not stop the others."""
    calls = _planned(options, carrier, variables)
    show(in_order(warning for call in calls if call.plan for warning in call.plan.warnings))
    if options.dry_run:
        return _rehearse(calls, options, carrier)
    with open_line(options, carrier, variables) as line, results_file(options.results) as results:
        reports = send_many(
            calls,
            workers=options.workers,
            rate=options.rate,
            ended=_show_end,
            over=ignore_interrupts,
            **line.options,
        )
        write_results(results, reports)
        begun = [each for each in reports if each.status is not Status.NOT_SENT and not each.undecided]
        if len(begun) <= _FEW:
            line.report({report.call_id: report.plan for report in begun if report.plan})
    if behind := sum(bool(unrecorded(report)) for report in reports):
        tell(f"the journal lacks the outcome of the last request of {behind}: see the reasons")
    return _summary(reports)


def _show_end(report: Report) -> None:
    tell(f"{clean(report.call_id)}: {report.reason or report.count}")


def _planned(options: argparse.Namespace, carrier: Carrier, variables: Mapping[str, str]) -> tuple[Call, ...]:
    """A plan for each row of the CSV, or why there is none.

    Raises Refusal if it is no CSV of calls, and DtmfError if the script is wrong whatever its values are.
    """
    (file,) = chosen(options)
    how = planning(options, carrier, variables)
    names = prepare(load(file, options.text), loader=how["loader"])
    columns, rows = read_calls(options.calls)
    for name in columns:
        if names.complete and name not in names.params:
            help = did_you_mean(closest(name, names.params), "a column is call_id or a param of the script")
            raise Refusal(f"{options.calls} has a column `{clean(name)}`, which is no param: {help}")
        if name in (how["values"] or ()):
            raise Refusal(f"`{name}` is given by --set and by a column of {options.calls}: give it by one")
    return plan_calls(rows, script=names, **how)


def _rehearse(calls: Sequence[Call], options: argparse.Namespace, carrier: Carrier) -> int:
    """Shows the plan of each row, and sends nothing."""
    reports = [call.report for call in calls]
    with results_file(options.results) as results:
        for call in calls:
            say(f"call {clean(call.call_id)}: {clean(call.reason)}".rstrip(": "))
            if call.plan:
                show_plan(call.plan, carrier, options.base_url or carrier.base_url, call.call_id)
        if options.results:
            write_results(results, reports)
    return _summary(reports)


def _summary(reports: Sequence[Report]) -> int:
    """Counts how the calls ended; returns the exit status."""
    counts = Counter(report.status for report in reports)
    tell(", ".join(f"{count} {status}" for status, count in sorted(counts.items())))
    for status in (Status.UNKNOWN, Status.INTERRUPTED):
        if counts[status]:
            return EXIT_STATUS[status]
    return 0 if set(counts) <= {Status.COMPLETE, Status.PLANNED} else 3

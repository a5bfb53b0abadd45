"""Many calls: a row each in, a row of outcome each out."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from dtmfdsl.cli.input import chosen, load
from dtmfdsl.cli.line import open_line
from dtmfdsl.cli.output import show
from dtmfdsl.cli.reporting import EXIT_STATUS, show_plan, unrecorded
from dtmfdsl.cli.rows import Result, read_calls, result, results_file, write_results
from dtmfdsl.cli.streams import Refusal, tell
from dtmfdsl.cli.values import asker, assigned
from dtmfdsl.compiler import prepare
from dtmfdsl.diagnostics import clean, closest, in_order
from dtmfdsl.loader import Disk
from dtmfdsl.sending import Call, Carrier, Report, Status, plan_calls, send_many
from dtmfdsl.sending.interrupts import ignore_interrupts

_WOULD_BE_SENT = "would be sent"
_FEW = 5
"""Print the test line's report for at most this many calls."""


def send_calls(options: argparse.Namespace, carrier: Carrier, variables: Mapping[str, str]) -> int:
    """Sends a script to all calls of a CSV at once. One bad row stops no other."""
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
            **line.arguments,
        )
        rows = [result(report) for report in reports]
        write_results(results, rows)
        begun = [each for each in reports if each.status is not Status.NOT_SENT and not each.undecided]
        if len(begun) <= _FEW:
            line.report(*(report.call_id for report in begun))
    if behind := sum(bool(unrecorded(report)) for report in reports):
        tell(f"of {behind} the journal does not record how the last request ended: see the reasons")
    return _summary(rows)


def _show_end(report: Report) -> None:
    tell(f"{clean(report.call_id)}: {report.reason or report.count}")


def _planned(options: argparse.Namespace, carrier: Carrier, variables: Mapping[str, str]) -> tuple[Call, ...]:
    """A plan for each row of the CSV, or why there is none.

    Raises Refusal if it is no CSV of calls, and DtmfError if the script is wrong whatever its values are.
    """
    (file,) = chosen(options)
    general = assigned(options)
    loader = Disk(outside=options.allow_outside)
    names = prepare(load(file, options.text), loader=loader)
    columns, rows = read_calls(options.calls)
    for name in columns:
        if names.complete and name not in names.params:
            meant = closest(name, names.params)
            help = f"did you mean `{meant}`?" if meant else "a column is call_id or a param of the script"
            shown = clean(name)
            raise Refusal(f"{options.calls} has a column `{shown}`, which the script does not know: {help}")
        if name in general:
            raise Refusal(f"`{name}` is given by --set and by a column of {options.calls}: leave one of them")
    return plan_calls(
        rows,
        script=names,
        values=general,
        lookup=asker(options, variables),
        exposed=frozenset(general),
        loader=loader,
        carrier=carrier,
        rounding=options.rounding,
        half_second=options.half_second,
    )


def _rehearse(calls: Sequence[Call], options: argparse.Namespace, carrier: Carrier) -> int:
    """Shows the plan of each row, and sends nothing."""
    rows: list[Result] = []
    with results_file(options.results) as results:
        for call in calls:
            print(f"call {clean(call.call_id)}: {clean(call.reason)}".rstrip(": "))
            status = _WOULD_BE_SENT if call.plan else Status.NOT_SENT.value
            rows.append((call.call_id, status, 0, len(call.plan.steps) if call.plan else 0, call.reason))
            if call.plan:
                show_plan(call.plan, carrier, options.base_url or carrier.base_url, call.call_id)
        if options.results:
            write_results(results, rows)
    return _summary(rows)


def _summary(rows: Iterable[Result]) -> int:
    """Counts how the rows ended; returns the exit status."""
    counts = Counter(row[1] for row in rows)
    tell(", ".join(f"{count} {status}" for status, count in sorted(counts.items())))
    for status in (Status.UNKNOWN, Status.INTERRUPTED):
        if counts[status.value]:
            return EXIT_STATUS[status]
    return 0 if set(counts) <= {Status.COMPLETE.value, _WOULD_BE_SENT} else 3

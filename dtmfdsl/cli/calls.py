"""Many calls: a row each in, a row of outcome each out."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections import Counter
from collections.abc import Mapping

import attrs

from dtmfdsl.cli.input import chosen, load
from dtmfdsl.cli.line import open_line
from dtmfdsl.cli.output import Refusal, tell
from dtmfdsl.cli.values import asker, assigned
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.dialects import Dialect
from dtmfdsl.files import read_file
from dtmfdsl.lowering import lower_source
from dtmfdsl.params import Values
from dtmfdsl.sending.carriers import Carrier, escaped
from dtmfdsl.sending.delivery import Delivery
from dtmfdsl.sending.fleet import Fleet, run_fleet
from dtmfdsl.sending.outcomes import Status
from dtmfdsl.sending.plan import make_plan

_FEW = 5
"""Of so many calls, the test line tells what it heard; of more, the CSV is enough."""


@attrs.define
class Row:
    """A call, its delivery if one could be planned, and what was wrong if not."""

    call_id: str
    delivery: Delivery | None = None
    wrong: str = ""

    def result(self) -> tuple[str, str, int, int, str]:
        """The call, how it ended, how many strings of how many were accepted, and why no more."""
        if self.delivery is None:
            return self.call_id, "not sent", 0, 0, self.wrong
        delivery = self.delivery
        return self.call_id, delivery.status.value, delivery.index, len(delivery.plan.steps), delivery.reason


def send_many(
    options: argparse.Namespace, carrier: Carrier, dialect: Dialect, variables: Mapping[str, str]
) -> int:
    """Sends a script to all calls of a CSV at once. One bad row stops no other."""
    rows = _rows(options, carrier, dialect, variables)
    if options.results:
        _write(options, [])  # what cannot be written is known before anything is sent
    ready = [row for row in rows if row.delivery]
    if options.dry_run:
        _write(options, rows)
        return 0 if len(ready) == len(rows) else 3
    deliveries = [row.delivery for row in ready if row.delivery]
    fleet = Fleet(deliveries, 1000 / options.rate if options.rate else 0)
    with open_line(options, carrier, variables) as line:

        def ended(number: int) -> None:
            if deliveries[number].finished or deliveries[number].index == len(deliveries[number].plan.steps):
                tell(f"{ready[number].call_id}: {deliveries[number].reason or 'all accepted'}")

        run_fleet(
            fleet,
            lambda number, text: line.sender.post(ready[number].call_id, text),
            line.sender.clock,
            workers=options.workers,
            ended=ended,
        )
        if len(ready) <= _FEW:
            line.report(*(row.call_id for row in ready))
    _write(options, rows)
    counts = Counter(row.result()[1] for row in rows)
    tell(", ".join(f"{count} {status}" for status, count in sorted(counts.items())))
    return _status(counts)


def _status(counts: Counter[str]) -> int:
    if counts[Status.UNKNOWN.value]:
        return 4
    if counts[Status.INTERRUPTED.value]:
        return 130
    return 0 if set(counts) <= {Status.COMPLETE.value} else 3


def _rows(
    options: argparse.Namespace, carrier: Carrier, dialect: Dialect, variables: Mapping[str, str]
) -> list[Row]:
    """A delivery for each row of the CSV. Raises Refusal if it is no CSV of calls."""
    (file,) = chosen(options)
    script = load(file, options.text)
    general = assigned(options)
    lookup = asker(options, variables)
    reader = csv.DictReader(io.StringIO(read_file(options.calls).text, newline=""), strict=True)
    rows: list[Row] = []
    seen: set[str] = set()
    try:
        if "call_id" not in (reader.fieldnames or ()):
            raise Refusal(f"{options.calls} needs a first line of names, with call_id among them")
        for entry in reader:
            call_id = (entry.pop("call_id") or "").strip()
            row = Row(call_id)
            rows.append(row)
            try:
                escaped(call_id, "call id")
                if None in entry or None in entry.values():
                    row.wrong = "this row has more or fewer values than the first line has names"
                elif call_id in seen:
                    row.wrong = "this call stands in an earlier row"
                else:
                    seen.add(call_id)
                    values = {name: value for name, value in entry.items() if value}
                    given = Values({**general, **values}, lookup, exposed=frozenset(general))
                    lowered = lower_source(script, given, allow_outside=options.allow_outside).sound()
                    plan = make_plan(lowered.program, dialect, options.rounding)
                    row.delivery = Delivery(
                        plan,
                        tries=options.tries,
                        deadline_ms=options.deadline and options.deadline * 1000,
                        interval_ms=carrier.interval_ms,
                    )
            except DtmfError as error:
                row.wrong = "; ".join(found.message for found in error.diagnostics)
    except csv.Error:
        raise Refusal(f"{options.calls} is not a CSV file") from None
    return rows


def _write(options: argparse.Namespace, rows: list[Row]) -> None:
    """The outcomes as CSV, in a file or on standard output."""
    try:
        target = open(options.results, "w", encoding="utf-8", newline="") if options.results else sys.stdout  # noqa: SIM115
    except OSError as error:
        raise Refusal(f"{options.results} cannot be written: {error.strerror}") from None
    try:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(("call_id", "outcome", "accepted", "strings", "reason"))
        writer.writerows(row.result() for row in rows)
    finally:
        if target is not sys.stdout:
            target.close()

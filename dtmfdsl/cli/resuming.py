"""Where a delivery begins: at its first string, or where a journal stops."""

from __future__ import annotations

import argparse

from dtmfdsl.sending.carriers import Carrier
from dtmfdsl.sending.delivery import Delivery
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.plan import Plan


class Doubt(Exception):
    """A string may or may not have been played, and nobody has said what to do about it."""

    def __init__(self, message: str, accepted: int):
        super().__init__(message)
        self.accepted = accepted


def open_journal(options: argparse.Namespace) -> Journal | None:
    """The journal that --journal or --resume names. Raises DtmfError if it cannot be had."""
    if options.resume is not None:
        return Journal(options.resume, resume=True)
    return None if options.journal is None else Journal(options.journal, resume=False)


def begin_delivery(
    options: argparse.Namespace, carrier: Carrier, plan: Plan, call_id: str, journal: Journal | None
) -> Delivery:
    """The delivery of a plan that the journal knows. Raises Doubt if a person must decide first."""
    start = None
    if journal:
        progress = journal.progress(call_id)
        step = progress.start.step
        if progress.in_doubt and not (options.repeat or options.skip):
            torn = "the journal's last line is torn off: " if journal.torn == call_id else ""
            at = f"string {step + 1} of {len(plan.steps)}, {plan.steps[step].shown}"
            raise Doubt(f"{torn}{at}, may or may not have been played", step - len(progress.left_out))
        if progress.in_doubt:
            journal.decided(call_id, step, options.repeat)
        start = progress.start
    return Delivery(
        plan,
        start=start,
        tries=options.tries,
        deadline_ms=options.deadline and options.deadline * 1000,
        interval_ms=carrier.interval_ms,
    )

"""What is said of a delivery: what it will do, how it ended, and how to go on."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from dtmfdsl.cli.display import seconds
from dtmfdsl.cli.streams import tell
from dtmfdsl.diagnostics import clean
from dtmfdsl.program import Pause
from dtmfdsl.sending.carriers import Carrier, escaped
from dtmfdsl.sending.delivery import Delivery, timetable
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.outcomes import Kind, Status
from dtmfdsl.sending.plan import Plan


def show_plan(plan: Plan, carrier: Carrier, base_url: str, call_id: str) -> None:
    """The plan with its times, and each request as a `curl` without credentials and secrets."""
    user, token, secret = (f"${name}" for name in carrier.environment)
    lengths = dict(plan.dialect.pauses)
    times, over = timetable(plan, carrier.interval_ms)
    print(f"{_requests(len(plan.steps))} to {carrier.name}")
    for number, (step, at) in enumerate(zip(plan.steps, times, strict=True), 1):
        _show_pauses(step.pauses)
        print(f"{number:>4}  at {seconds(at)}: {clean(step.shown)}")
        playing, kept = step.playing, sum(lengths.get(code, 0) for code in step.chunk.text)
        print(
            f"      plays for {seconds(playing.earliest_ms)} to {seconds(playing.latest_ms)}"
            + (f", of which {seconds(kept)} are pauses by the carrier's clock" if kept else "")
        )
        # The real request, but for what is hidden.
        request = carrier.ask(base_url.rstrip("/"), user, escaped(call_id, "call id"), step.chunk.shown)
        before, _, after = request.url.partition(user)
        print(
            f'      curl -X {request.method} -u "{token}:{secret}" '
            f"-H {shlex.quote(f'Content-Type: {request.content_type}')} "
            f"--data {shlex.quote(request.body.decode())} "
            f'{shlex.quote(before)}"{user}"{shlex.quote(after)}'
        )
    _show_pauses(plan.last)
    print(f"over after {seconds(over)} at the latest, and the time the requests take")


def _show_pauses(pauses: Sequence[Pause]) -> None:
    for pause in pauses:
        if pause.cue is None:
            print(f"      wait {seconds(pause.ms)}, by the sender's clock")
        else:
            print(f"      wait up to {seconds(pause.ms)} for “{pause.cue}”, by whoever attends")


def _requests(count: int) -> str:
    return f"{count} request{'' if count == 1 else 's'}"


def taken_up(delivery: Delivery) -> str:
    """Where a delivery begins that is taken up again."""
    total = len(delivery.plan.steps)
    if delivery.index == total:
        return "all was sent before"
    return f"going on at string {delivery.index + 1} of {total}"


def report(delivery: Delivery, call_id: str, journal: Journal | None) -> int:
    """Says how a delivery ended and how to go on; returns the exit status."""
    total = len(delivery.plan.steps)
    at = f"string {delivery.index + 1} of {total}"
    shown = clean(delivery.plan.steps[delivery.index].shown) if delivery.index < total else ""
    match delivery.status:
        case Status.COMPLETE:
            tell(accepted(delivery, left_out(journal, call_id)))
            if journal and journal.untold:
                tell(f"{journal.path} could not be told that the last was accepted: do not resume it")
            return 0
        case Status.UNKNOWN:
            tell(f"{at}, {shown}: {delivery.reason}")
            tell("its keys may or may not have been pressed; what comes after was not sent")
            status = 4
        case Status.INTERRUPTED:
            rest = f"{at}, {shown}, was not sent" if shown else "the last may still be playing"
            tell(f"interrupted: {accepted(delivery, left_out(journal, call_id))}, {rest}")
            status = 130
        case _:
            tell(f"{at}, {shown}: {delivery.reason}; {accepted(delivery, left_out(journal, call_id))}")
            status = 3
    tell(_way_on(journal, call_id, in_doubt=status == 4))
    return status


def left_out(journal: Journal | None, call_id: str) -> tuple[int, ...]:
    """The steps that somebody decided to skip."""
    return journal.progress(call_id).left_out if journal else ()


def accepted(delivery: Delivery, skipped: tuple[int, ...]) -> str:
    """How many strings were accepted, and which were left out."""
    total, count = len(delivery.plan.steps), delivery.index - len(skipped)
    words = f"{count} of {total} accepted"
    if count == total:
        words = "nothing to send" if not total else "accepted" if total == 1 else f"all {total} accepted"
    return ", ".join([words, *(f"string {step + 1} left out" for step in skipped)])


def _way_on(journal: Journal | None, call_id: str, in_doubt: bool) -> str:
    """How to go on with a delivery that has not come to its end."""
    if not journal:
        return "begin with --journal to be able to go on next time"
    on = f"to go on: --resume {shlex.quote(journal.path)}"
    if in_doubt:
        return f"{on} with --repeat to press them again, or --skip to leave them out"
    return on + untold(journal, call_id)


def untold(journal: Journal | None, call_id: str) -> str:
    """What a resumed delivery must be told, because the journal could not be; or nothing."""
    match journal.untold.get(call_id) if journal else None:
        case Kind.ACCEPTED:
            return " --skip, as the string before it was accepted and the journal could not be told"
        case Kind.NOT_EXECUTED | Kind.REFUSED:
            return " --repeat, as it was not played and the journal could not be told"
    return ""

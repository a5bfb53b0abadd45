"""What is shown of a delivery: its plan, how it ended, and how to go on."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from dtmfdsl.cli.display import seconds
from dtmfdsl.cli.streams import say, tell
from dtmfdsl.notation import counted
from dtmfdsl.program import Pause
from dtmfdsl.sending import Carrier, Command, Kind, Plan, Report, Status
from dtmfdsl.sending.delivery import timetable

EXIT_STATUS = {
    Status.COMPLETE: 0,
    Status.UNKNOWN: 4,
    Status.BUSY: 10,
    Status.NO_ANSWER: 11,
    Status.REJECTED: 12,
    Status.FAILED: 13,
    Status.MACHINE: 14,
    Status.DROPPED: 15,
    Status.INTERRUPTED: 130,
}
"""The exit status of a delivery; any other is 3."""


def show_plan(plan: Plan, carrier: Carrier, base_url: str, call_id: str, to: str | None = None) -> None:
    """The plan with its times, and each request as a `curl` without credentials and secrets."""
    times, over = timetable(plan, carrier.interval_ms)
    say(f"{counted(len(plan.steps), 'request')} to {carrier.name}")
    for number, (step, at) in enumerate(zip(plan.steps, times, strict=True), 1):
        show_pauses(step.pauses)
        say(f"{number:>4}  at {seconds(at)}: {step.shown}")
        playing = step.playing
        kept = sum(silence or 0 for silence in plan.dialect.silences_of(step.chunk.text))
        say(
            f"      plays for {seconds(playing.earliest_ms)} to {seconds(playing.latest_ms)}"
            + (f", of which {seconds(kept)} are pauses by the carrier's clock" if kept else "")
        )
        stays_ms = plan.stays_ms(number - 1)
        command = Command(call_id=call_id, text=step.chunk.shown, to=to, stays_ms=stays_ms)
        say(f"      {carrier.curl(base_url, command)}")
    show_pauses(plan.last)
    say(f"accepted means: {carrier.promises}")
    say(f"over after at most {seconds(over)}, and the time that the requests take")


def show_pauses(pauses: Sequence[Pause]) -> None:
    """The pauses that the sender spends, each in a line."""
    for pause in pauses:
        if pause.cue is None:
            say(f"      wait {seconds(pause.ms)}, by the sender's clock")
        else:
            say(f"      wait up to {seconds(pause.ms)} for “{pause.cue}”, by the person who attends")


def show_report(report: Report, carrier: Carrier, journal: str | None) -> int:
    """Shows how a delivery ended, what that means, and how to go on; returns the exit status."""
    tell(report.summary)
    if report.accepted:
        tell(f"accepted means: {carrier.promises}")
    in_doubt = report.status is Status.UNKNOWN and not report.of_call
    if in_doubt:
        tell("its keys may or may not have been pressed; what comes after was not sent")
    can_go_on = report.stands or not (report.placed or report.of_call)
    if report.of_call and report.status is not Status.INTERRUPTED:
        can_go_on = False
    if report.status is not Status.COMPLETE and can_go_on:
        tell(_way_on(report, journal, in_doubt))
    elif report.unrecorded:
        tell(f"{journal} does not record that the last string was accepted: do not resume it")
    return EXIT_STATUS.get(report.status, 3)


def _way_on(report: Report, journal: str | None, in_doubt: bool) -> str:
    """How to go on with a delivery that is not complete."""
    if journal is None:
        return "to be able to resume, begin with --journal"
    on = f"to go on: --resume {shlex.quote(journal)}"
    if in_doubt:
        return f"{on} with --repeat to press them again, or --skip to leave them out"
    return on + unrecorded(report)


def unrecorded(report: Report) -> str:
    """The option that a resumed delivery needs, because the journal lacks the last outcome; or nothing."""
    match report.unrecorded:
        case Kind.ACCEPTED:
            return " --skip, as the string before it was accepted and the journal does not record that"
        case Kind.NOT_EXECUTED | Kind.REFUSED:
            return " --repeat, as it was not played and the journal does not record that"
    return ""

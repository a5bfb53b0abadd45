"""What is shown of a call that is placed: its plan, and how it ended."""

from __future__ import annotations

from dtmfdsl.cli.reporting import show_plan, show_report
from dtmfdsl.cli.streams import say, tell
from dtmfdsl.sending import Carrier, NewCall, Plan, Report


def show_call_plan(plan: Plan, carrier: Carrier, base_url: str, new: NewCall) -> None:
    """What would be asked for, in order."""
    whole = ", and play the whole script when it is answered" if new.text else ""
    say(f"{carrier.name}: call {new.to} from {new.caller}, for at most {new.rings_s}s{whole}")
    show_plan(plan, carrier, base_url, "CALL-ID", new.to)


def show_call_report(report: Report, carrier: Carrier, journal: str | None) -> int:
    """Shows how a call ended; returns the exit status."""
    status = show_report(report, carrier, journal)
    if report.hung_up:
        tell("the call was hung up")
    elif report.stands:
        tell(f"the call {report.placed} was not hung up, and may still stand")
    return status

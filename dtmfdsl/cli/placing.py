"""What is shown of a call that is placed: its plan, and how it ended."""

from __future__ import annotations

import attrs

from dtmfdsl.cli.display import seconds
from dtmfdsl.cli.reporting import show_plan, show_report
from dtmfdsl.cli.streams import say, tell
from dtmfdsl.sending import Carrier, NewCall, Plan, Report
from dtmfdsl.sending.front import caller_of


def show_call_plan(plan: Plan, carrier: Carrier, base_url: str, new: NewCall) -> None:
    """What would be asked for, in order: the call as a `curl`, then the strings."""
    say(f"calls {new.to} from {new.caller}, for at most {new.rings_s}s")
    shown = attrs.evolve(new, text=plan.steps[0].chunk.shown if new.text else "")
    say(f"      {caller_of({'carrier': carrier}).curl_call(base_url, shown)}")
    if new.text:
        playing = plan.steps[0].playing
        say(f"when it is answered, the carrier plays {plan.steps[0].shown} by itself")
        say(f"      which takes {seconds(playing.earliest_ms)} to {seconds(playing.latest_ms)}")
        say(f"accepted means: {carrier.promises}")
    else:
        say("when it is answered:")
        show_plan(plan, carrier, base_url, "CALL-ID", new.to)


def show_call_report(report: Report, carrier: Carrier, journal: str | None) -> int:
    """Shows how a call ended; returns the exit status."""
    status = show_report(report, carrier, journal)
    if report.hung_up:
        tell("the call was hung up")
    elif report.stands:
        tell(f"the call {report.placed} was not hung up, and may still stand")
    return status

"""Calls by SIP for `dtmfdsl call`: no API of a carrier, but a phone on this machine."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from dtmfdsl.cli.call import configure
from dtmfdsl.cli.display import display
from dtmfdsl.cli.line import environment, prepared
from dtmfdsl.cli.output import show
from dtmfdsl.cli.reporting import EXIT_STATUS, show_pauses
from dtmfdsl.cli.streams import Refusal, say, tell
from dtmfdsl.cli.values import asker, assigned
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.notation import write_duration
from dtmfdsl.sending import NewCall, Plan, RealClock, call_by_sip, plan_keys
from dtmfdsl.sending.baresip import Baresip
from dtmfdsl.sending.delivery import timetable
from dtmfdsl.sending.interrupts import ending_is_interrupt
from dtmfdsl.sending.phoning import new_call
from dtmfdsl.sending.sip import URI, Account

NOBODY = "sip:you@example.invalid"
"""The account of a dry run that has none."""


def run(options: argparse.Namespace) -> int:
    for present, why in _refusals(options):
        if present:
            raise Refusal(why)
    try:
        with ending_is_interrupt():
            return _call(options)
    except DtmfError as error:
        (found, *_) = error.diagnostics
        if found.code in ("no-credentials", "no-number", "bad-number", "no-phone") and not found.span:
            raise Refusal(f"{found.message}: {found.help}") from None
        show(error.diagnostics)
        return 1


_TAKEN = {
    *("run", "file", "text", "assignments", "values", "allow_outside", "env_file", "plain", "carrier"),
    *("to", "dry_run", "answer_within", "journal"),
}
"""The options of `call` that a phone on this machine has a use for."""

_WHY = {
    **dict.fromkeys(("test_line", "speed", "callee", "faults"), "call a phone of your own"),
    **dict.fromkeys(("calls", "rate", "results", "workers"), "it places one call at a time"),
    **dict.fromkeys(("answer_url", "base_url", "insecure_http"), "there is no API"),
    **dict.fromkeys(("attended", "detect_machine"), "nobody hears the call"),
    **dict.fromkeys(("resume", "repeat", "skip"), "the call has ended; a new one has a new --journal"),
    **dict.fromkeys(("tries", "deadline"), "no key is pressed again"),
    "timeout": "there are no requests; how long it may ring is --answer-within",
    "keep_call": "the call ends with the program",
    "caller": "the account calls",
    "rounding": "each wait is exact",
    "half_second": "a pause is no character",
}
"""Why the others are refused."""

_SPELT = {"caller": "from", "faults": "fault"}


def _refusals(options: argparse.Namespace) -> Iterator[tuple[object, str]]:
    """Options that make no sense with sip: whether they are there, and why they are refused."""
    parser = argparse.ArgumentParser()
    configure(parser)
    for name, value in vars(options).items():
        option = "--" + _SPELT.get(name, name).replace("_", "-")
        yield value == "" and name not in ("file", "text"), f"{option} is empty"
        why = f": {_WHY[name]}" if name in _WHY else ""
        given = name not in _TAKEN and value != parser.get_default(name)
        yield given, f"{option} does not go with sip{why}"
    yield options.answer_within > 600, "--answer-within is at most 10m"


def _call(options: argparse.Namespace) -> int:
    names, variables = prepared(options), environment(options)
    values = assigned(options)
    lookup = asker(options, names.params, variables)
    phone, clock = Baresip(), RealClock()
    plan = plan_keys(
        names, tone_ms=phone.tone_ms, gap_ms=phone.gap_ms, values=values, lookup=lookup, exposed=values
    )
    show(plan.warnings)
    if options.dry_run:
        account = Account.of({URI: NOBODY, **variables})
        _show_plan(plan, new_call(plan, options.to, account, options.answer_within * 1000), phone)
        return 0
    with display(plan, clock, plain=options.plain, resumed=False) as watcher:
        report = call_by_sip(
            plan,
            to=options.to,
            credentials=variables,
            answer_ms=options.answer_within * 1000,
            journal=options.journal,
            phone=phone,
            clock=clock,
            watcher=watcher,
        )
    tell(report.summary)
    if report.accepted:
        tell("accepted means: the phone sent the key; nothing reports that the far end heard it")
    if report.hung_up:
        tell("the call was hung up")
    return EXIT_STATUS.get(report.status, 3)


def _show_plan(plan: Plan, new: NewCall, phone: Baresip) -> None:
    """Whom a dry run would call, and when it would press what."""
    times, over = timetable(plan, 0)
    say(f"calls {new.to} from {new.caller}, for at most {new.rings_s}s")
    say(f"{write_duration(phone.settle_ms)} after the answer:")
    for step, at in zip(plan.steps, times, strict=True):
        show_pauses(step.pauses)
        say(f"  at {write_duration(round(at))}: {step.shown}")
    show_pauses(plan.last)
    say(f"hangs up after {write_duration(round(over))}")

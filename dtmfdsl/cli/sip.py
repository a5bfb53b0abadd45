"""Calls by SIP for `dtmfdsl call`: no API of a carrier, but a phone on this machine."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from dtmfdsl.cli.display import display
from dtmfdsl.cli.line import environment, prepared
from dtmfdsl.cli.output import show
from dtmfdsl.cli.reporting import EXIT_STATUS
from dtmfdsl.cli.streams import Refusal, tell
from dtmfdsl.cli.values import asker, assigned
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.sending import RealClock, call_by_sip, plan_keys
from dtmfdsl.sending.baresip import Baresip
from dtmfdsl.sending.interrupts import ending_is_interrupt


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


_OTHERS = ("answer_url", "base_url", "calls", "detect_machine", "rate", "results")
"""More options of `call` that mean nothing to a phone on this machine."""


def _refusals(options: argparse.Namespace) -> Iterator[tuple[object, str]]:
    """Options that make no sense with sip: whether they are there, and why they are refused."""
    yield options.attended, "--attended does not go with sip: nobody hears the call"
    yield options.resume, "--resume does not go with sip: the call has ended with the program"
    yield options.test_line, "--test-line does not go with sip: call a phone of your own"
    yield options.dry_run, "--dry-run does not go with sip: see `compile --dialect exact`"
    yield options.keep_call, "--keep-call does not go with sip: the call ends with the program"
    yield options.answer_within > 600, "--answer-within is at most 10m"
    yield options.caller, "--from does not go with sip: the account calls"
    yield options.faults, "--fault does not go with sip: no phone misbehaves on request"
    for name, value in vars(options).items():
        option = name.replace("_", "-")
        yield value == "" and name not in ("file", "text"), f"--{option} is empty"
        yield value and name in _OTHERS, f"--{option} does not go with sip"


def _call(options: argparse.Namespace) -> int:
    names, variables = prepared(options), environment(options)
    values = assigned(options)
    lookup = asker(options, names.params, variables)
    phone, clock = Baresip(), RealClock()
    plan = plan_keys(
        names, tone_ms=phone.tone_ms, gap_ms=phone.gap_ms, values=values, lookup=lookup, exposed=values
    )
    show(plan.warnings)
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

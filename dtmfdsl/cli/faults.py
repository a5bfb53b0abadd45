"""The option for faults of the test line."""

from __future__ import annotations

import argparse

from dtmfdsl.cli.streams import Refusal
from dtmfdsl.diagnostics import closest, did_you_mean
from dtmfdsl.notation import without_keys
from dtmfdsl.testline import Fault, Operation, TestLine


def add_faults(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--fault",
        metavar="FAULT[@WHERE]",
        action="append",
        default=[],
        dest="faults",
        help="the test line misbehaves at the next request for keys, or at the Nth of each call, or at "
        "the next one that creates, looks at or hangs up a call (@create, @look, @hang-up); may be repeated. "
        "FAULT is 429, 409, 503-unavailable, 503-echo, echo, half-status, half-answer, slow or redirect, "
        "or 500, 503, reset, close or no-answer with -before or -after",
    )


def arm(line: TestLine, options: argparse.Namespace) -> None:
    """Arms the faults of `--fault`. Raises Refusal for an unknown one."""
    for written in options.faults:
        name, at, number = written.partition("@")
        if name not in list(Fault):
            help = did_you_mean(closest(name, list(Fault)), f"there are {', '.join(Fault)}")
            raise Refusal(f"there is no fault `{without_keys(name)}`; {help}")
        if number in (Operation.CREATE, Operation.LOOK, Operation.HANG_UP):
            line.misbehave(name, on=number)
            continue
        if at and not (number.isascii() and number.isdecimal() and int(number) > 0):
            raise Refusal(
                f"--fault {without_keys(name)}@N takes the number of a request, from 1, or what it is for"
            )
        line.misbehave(name, at=int(number) if at else None)

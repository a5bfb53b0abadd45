"""The option for what the test line does when it is called."""

from __future__ import annotations

import argparse

from dtmfdsl.cli.input import duration
from dtmfdsl.diagnostics import closest, did_you_mean
from dtmfdsl.notation import without_keys
from dtmfdsl.sending import CallState
from dtmfdsl.testline import Callee

_CALLEES = {
    "answers": CallState.ANSWERED,
    "drops": CallState.ANSWERED,
    "busy": CallState.BUSY,
    "unanswered": CallState.NO_ANSWER,
    "rejects": CallState.REJECTED,
    "fails": CallState.FAILED,
    "machine": CallState.MACHINE,
}


def add_callee(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--callee",
        metavar="END[@TIME]",
        type=callee,
        default=Callee(),
        help="what the test line does when it is called: answers, busy, unanswered, rejects, fails or "
        "machine, after TIME; or drops, which hangs up TIME after the answer (answers@2s)",
    )


def callee(written: str) -> Callee:
    """The option's value, such as `busy` or `drops@5s`, for argparse."""
    name, at, time = written.partition("@")
    if name not in _CALLEES:
        help = did_you_mean(closest(name, _CALLEES), f"there are {', '.join(_CALLEES)}")
        raise argparse.ArgumentTypeError(f"there is no end `{without_keys(name)}`; {help}")
    ms = duration(time) * 1000 if at else 2000
    if name == "drops":
        return Callee(drops_ms=ms)
    return Callee(_CALLEES[name], rings_ms=ms)

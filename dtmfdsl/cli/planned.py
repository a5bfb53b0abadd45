"""What `send` and `call` would send, imported when `timeline` is asked for a carrier: sending is an extra."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

import attrs

from dtmfdsl.cli.input import settle
from dtmfdsl.cli.streams import Refusal
from dtmfdsl.diagnostics import Diagnostic, DtmfError
from dtmfdsl.semantics.lowering import Lowered
from dtmfdsl.sending import get_carrier
from dtmfdsl.sending.baresip import Baresip
from dtmfdsl.sending.front import dialect_for, plan_lowered
from dtmfdsl.sending.play import keypad
from dtmfdsl.timing import ASSUMED_REQUEST_MS, Timeline, with_lengths


def made_for(
    name: str, options: argparse.Namespace, file: str | None, lengths: dict[str, int | None]
) -> Callable[[Lowered], tuple[Timeline, Sequence[Diagnostic]]]:
    """What makes the timeline of a program, with all warnings, as it is sent by a carrier or by `sip`.

    `lengths` are those of `with_lengths`. Raises Refusal if there is no such carrier.
    """
    own = argparse.Namespace(**vars(options))  # what is settled for one carrier is not for another
    interval_ms, request_ms = 0, ASSUMED_REQUEST_MS
    if name == "sip":
        if options.attended:
            raise Refusal("--attended does not go with sip: nobody hears the call")
        dialect, request_ms = keypad(Baresip.tone_ms, Baresip.gap_ms), 0  # the phone is on this machine
        settle(own, file)
    else:
        try:
            carrier = get_carrier(name)
        except DtmfError as error:
            raise Refusal(f"there is no such carrier: {error.diagnostics[0].help}") from None
        own.dialect, interval_ms = carrier.dialect, carrier.interval_ms
        settle(own, file)
        dialect = dialect_for({"carrier": carrier, "half_second": own.half_second})
    dialect = attrs.evolve(with_lengths(dialect, **lengths), name=name)

    def made(lowered: Lowered) -> tuple[Timeline, Sequence[Diagnostic]]:
        plan = plan_lowered(lowered, dialect, own.rounding, own.attended)
        line = plan.timeline(lowered.program, interval_ms=interval_ms, request_ms=request_ms)
        return line, plan.warnings

    return made

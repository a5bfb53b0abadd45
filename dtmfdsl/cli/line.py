"""Where the keys go, and with what care: the arguments that `send` and `send_many` share."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import attrs

from dtmfdsl.cli.account import credentials
from dtmfdsl.cli.faults import arm
from dtmfdsl.cli.streams import tell
from dtmfdsl.sending import Carrier, RealClock, make_session
from dtmfdsl.testline import STAND_INS, TestLine


@attrs.frozen
class Line:
    """The arguments, and the test line that they lead to if there is one."""

    arguments: Mapping[str, Any]
    test: TestLine | None = None

    def report(self, *call_ids: str) -> None:
        """Shows what the test line heard."""
        if self.test:
            for line in self.test.report(*call_ids):
                tell(line)
            for fault in self.test.missed:
                tell(f"the fault {fault} did not strike: there was no such request")


@contextmanager
def open_line(options: argparse.Namespace, carrier: Carrier, variables: Mapping[str, str]) -> Iterator[Line]:
    """The line that the options name. Raises Refusal if the account is not all there."""
    arguments = {
        "carrier": carrier,
        "answer_seconds": options.timeout,
        "journal": options.journal if options.resume is None else options.resume,
        "resume": options.resume is not None,
        "doubt": "repeat" if options.repeat else "skip" if options.skip else None,
        "tries": options.tries,
        "deadline_ms": options.deadline and options.deadline * 1000,
        "base_url": options.base_url,
        "clock": RealClock(),
    }
    if not options.test_line:
        yield Line({**arguments, "credentials": credentials(carrier, variables)})
        return
    stand_in = STAND_INS[carrier.name]
    with (
        TestLine(stand_in=stand_in, speed=options.speed) as test,
        make_session(test.base_url, options.workers) as session,
    ):
        arm(test, options)
        session.proxies = {}  # nothing that is for this machine leaves it
        arguments |= {"credentials": test.credentials, "base_url": test.base_url, "session": session}
        yield Line({**arguments, "clock": RealClock(options.speed)}, test)

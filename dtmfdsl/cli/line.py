"""Where the keys go: a carrier's line, or a test line of our own."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import attrs

from dtmfdsl.cli.account import credentials
from dtmfdsl.cli.faults import arm
from dtmfdsl.cli.streams import tell
from dtmfdsl.sending.carriers import Carrier, Credentials
from dtmfdsl.sending.clock import RealClock
from dtmfdsl.sending.sender import Sender, make_session
from dtmfdsl.testline.line import TestLine


@attrs.frozen
class Line:
    """A sender, and the test line that hears it if there is one."""

    sender: Sender
    test: TestLine | None = None

    def report(self, *call_ids: str) -> None:
        """What the test line heard."""
        if self.test:
            for line in self.test.report(*call_ids):
                tell(line)
            for fault in self.test.missed:
                tell(f"the fault {fault} did not strike: there was no such request")


@contextmanager
def open_line(options: argparse.Namespace, carrier: Carrier, variables: Mapping[str, str]) -> Iterator[Line]:
    """The line that the options name. Raises Refusal if the account is not all there."""
    if not options.test_line:
        base_url = options.base_url or carrier.base_url
        account = credentials(carrier, variables)
        with make_session(base_url, options.workers) as session:
            yield Line(Sender(account, carrier, base_url, session, RealClock(), options.timeout))
        return
    with TestLine(speed=options.speed) as test, make_session(test.base_url, options.workers) as session:
        arm(test, options)
        session.proxies = {}  # nothing that is for this machine leaves it
        account = Credentials(test.user_id, test.token, test.secret)
        clock = RealClock(options.speed)
        yield Line(Sender(account, carrier, test.base_url, session, clock, options.timeout), test)

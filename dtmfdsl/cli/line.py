"""From the command line to the options of `send`: how to plan, whose account, and where the keys go."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import StringIO

import attrs
from dotenv.parser import parse_stream

from dtmfdsl.cli.faults import arm
from dtmfdsl.cli.input import chosen, load
from dtmfdsl.cli.streams import Refusal, tell
from dtmfdsl.cli.values import asker, assigned
from dtmfdsl.compiler import prepare
from dtmfdsl.loader import Disk, unfit
from dtmfdsl.notation import mask, without_keys
from dtmfdsl.semantics.names import Names
from dtmfdsl.sending import Carrier, Plan, RealClock, make_session
from dtmfdsl.sending.clock import Clock
from dtmfdsl.sending.front import Options, Planning
from dtmfdsl.testline import STAND_INS, Callee, TestLine

SOMEBODY = "+15550100"
"""The participant of a call on the test line. No telephone has this number."""


@attrs.frozen
class Line:
    """The options of `send`, its clock, and the test line if there is one."""

    options: Options = attrs.field(repr=False)
    clock: Clock
    test: TestLine | None = None

    def report(self, plans: Mapping[str, Plan]) -> None:
        """Shows what the test line heard of these calls, by their ids; the keys of secrets are masked."""
        if self.test:
            for call_id, plan in plans.items():
                tell(*self.test.report(call_id, shown=_shown(plan)))
            for fault in self.test.missed:
                tell(f"the fault {fault} did not strike: there was no such request")


def _shown(plan: Plan) -> dict[str, str]:
    """What to show for the keys of each string: masked where two strings differ in what is secret."""
    shown: dict[str, str] = {}
    for step in plan.steps:
        chunk = step.chunk
        pairs = [pair for pair in zip(chunk.text, chunk.shown, strict=True) if pair[0] in plan.dialect.keys]
        keys, text = map("".join, zip(*pairs, strict=True)) if pairs else ("", "")
        shown[keys] = text if shown.get(keys, text) == text else mask(keys)
    return shown


def environment(options: argparse.Namespace) -> Mapping[str, str]:
    """The environment, with what the file of `--env-file` adds. Raises Refusal if that cannot be read."""
    if options.env_file is None:
        return os.environ
    try:
        if why := unfit(options.env_file, opened=True):
            raise Refusal(f"{options.env_file} {why}")
        with open(options.env_file, encoding="utf-8-sig") as file:
            # `dotenv_values` reads the same, but would log a line that it cannot read, and go on.
            lines = list(parse_stream(StringIO(file.read())))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise Refusal(f"{without_keys(options.env_file)} cannot be read: {reason}") from None
    for line in lines:
        if line.error:
            blank = len(line.original.string) - len(line.original.string.lstrip())
            number = line.original.line + line.original.string.count("\n", 0, blank)
            raise Refusal(f"{options.env_file}:{number}: this is not NAME=VALUE")
    return {**os.environ, **{line.key: line.value for line in lines if line.key and line.value is not None}}


def prepared(options: argparse.Namespace) -> Names:
    """The script of the command line, read with all that it uses."""
    (file,) = chosen(options)
    return prepare(load(file, options.text), loader=Disk(outside=options.allow_outside))


def planning(
    names: Names, options: argparse.Namespace, carrier: Carrier, variables: Mapping[str, str]
) -> Planning:
    """How to plan a script for the carrier, with values from the command line, a file and the environment."""
    values = assigned(options)
    return {
        "values": values,
        "lookup": asker(options, names.params, variables),
        "exposed": values,
        "carrier": carrier,
        "rounding": options.rounding,
        "half_second": options.half_second,
        "to": options.to or (SOMEBODY if options.test_line else None),
    }


@contextmanager
def open_line(options: argparse.Namespace, carrier: Carrier, variables: Mapping[str, str]) -> Iterator[Line]:
    """The line that the options name."""
    given: Options = {
        "carrier": carrier,
        "credentials": variables,
        "base_url": options.base_url,
        "answer_seconds": options.timeout,
        "insecure_http": options.insecure_http,
        "journal": options.journal if options.resume is None else options.resume,
        "resume": options.resume is not None,
        "doubt": "repeat" if options.repeat else "skip" if options.skip else None,
        "tries": options.tries,
        "deadline_ms": options.deadline and options.deadline * 1000,
        "to": options.to or (SOMEBODY if options.test_line else None),
        "replace": options.replace or options.test_line,
    }
    if not options.test_line:
        clock = given["clock"] = RealClock()
        yield Line(given, clock)
        return
    with (
        TestLine(
            stand_in=STAND_INS[carrier.name],
            speed=options.speed,
            callee=getattr(options, "callee", None) or Callee(),
        ) as test,
        make_session(test.base_url, options.workers) as session,
    ):
        arm(test, options)
        session.proxies = {}  # requests to this machine do not leave it
        given |= {"credentials": test.credentials, "base_url": test.base_url}
        yield Line({**given, "session": session, "clock": test.clock}, test.clock, test)

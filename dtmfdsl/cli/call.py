"""Call a number, play a script's keys when it is answered, and hang up.

The number is that of `call` in the script, or --to. The account is in the environment or an --env-file, as
for `send`, with what the carrier needs to place calls, such as TELNYX_CONNECTION_ID. --test-line needs none.
Exit status: 0 all accepted, 3 the call was not placed or not all was sent, 4 unknown whether it was placed or
the last string played, 10 busy, 11 no answer, 12 rejected, 13 failed, 14 a machine answered, 15 the call was
over before all had certainly played, 130 interrupted.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

from dtmfdsl.cli.callees import add_callee
from dtmfdsl.cli.calls import send_calls
from dtmfdsl.cli.display import display
from dtmfdsl.cli.input import duration
from dtmfdsl.cli.late import late
from dtmfdsl.cli.line import SOMEBODY, open_line, planning, prepared
from dtmfdsl.cli.output import show
from dtmfdsl.cli.placing import show_call_plan, show_call_report
from dtmfdsl.cli.sending import add_account, add_care, add_many, add_script, add_target, refusals, sent
from dtmfdsl.sending import Carrier, Plan, call, plan_call
from dtmfdsl.sending.front import Calling, new_call
from dtmfdsl.testline import Callee

ENGINES: dict[str, str] = {"sip": "sip"}
"""Names for `--carrier` that are no API but a program on this machine, and the file here that calls with it.

Its `run` gets the options and returns the exit status.
"""

NOBODY = "+15550199"
"""The number that calls on the test line. No telephone has it."""


def configure(parser: argparse.ArgumentParser) -> None:
    add_script(parser)
    add_account(parser, "".join(f", {name}" for name in ENGINES))
    target = add_target(parser, "whom to call")
    add = target.add_argument
    add(
        "--to",
        metavar="NUMBER",
        help="the number to call: +15550100; by default, that of the script's `call`",
    )
    add(
        "--from", metavar="NUMBER", dest="caller", help="the number that calls, which is one of the account's"
    )
    add("--calls", metavar="FILE", help="a CSV of many calls: to, and a column for each param")
    add_callee(target)
    add = parser.add_argument_group("the call").add_argument
    add("--answer-within", type=duration, default=60.0, metavar="TIME", help="how long it may ring (60s)")
    add("--keep-call", action="store_true", help="do not hang up when the script ends, or after Ctrl-C")
    add(
        "--detect-machine",
        action="store_true",
        help="let the carrier find out if a machine answers; hang up then",
    )
    add("--answer-url", metavar="URL", help="an address of yours that the carrier asks what to do")
    add_care(parser)
    add_many(parser)


def run(options: argparse.Namespace) -> int:
    if options.carrier in ENGINES:
        status: int = late(ENGINES[options.carrier]).run(options)
        return status
    options.replace = True
    return sent(options, _refusals(options), _call_many, _call_one)


def _refusals(options: argparse.Namespace) -> Iterator[tuple[object, str]]:
    """Options that make no sense for `call`: whether they are there, and why they are refused."""
    yield options.calls and options.to, "--calls has a column `to`: leave out --to"
    nobody = not (options.caller or options.test_line or options.dry_run)
    yield nobody, "name the number that calls with --from, or try --test-line or --dry-run"
    yield options.callee != Callee() and not options.test_line, "--callee goes with --test-line"
    yield options.answer_within > 600, "--answer-within is at most 10m"
    yield from refusals(options)


def calling(options: argparse.Namespace, plan: Plan | None = None) -> Calling:
    """The options of `call` that are not those of `send`."""
    to = options.to
    if not to and options.test_line and plan and plan.number is None:  # a row of many has its own
        to = SOMEBODY
    return {
        "to": to,
        "caller": options.caller or (NOBODY if options.test_line or options.dry_run else ""),
        "answer_ms": options.answer_within * 1000,
        "keep": options.keep_call,
        "answer_url": options.answer_url or ("https://example.invalid/" if options.test_line else None),
        "detect_machine": options.detect_machine,
    }


def _call_one(options: argparse.Namespace, carrier: Carrier, variables: Mapping[str, str]) -> int:
    names = prepared(options)
    plan = plan_call(names, attended=options.attended, **planning(names, options, carrier, variables))
    show(plan.warnings)
    how = calling(options, plan)
    if options.dry_run:
        new = new_call(plan, how["to"] or plan.number or SOMEBODY, {"carrier": carrier, **how})
        show_call_plan(plan, carrier, options.base_url or carrier.base_url, new)
        return 0
    with open_line(options, carrier, variables) as line:
        with display(plan, line.clock, plain=options.plain, resumed=bool(options.resume)) as watcher:
            ask = watcher.ask if options.attended else None
            given: Calling = {**line.options, **how}
            report = call(plan, watcher=watcher, ask=ask, **given)
        status = show_call_report(report, carrier, options.resume or options.journal)
        if report.placed:
            line.report({report.placed: plan})
        return status


def _call_many(options: argparse.Namespace, carrier: Carrier, variables: Mapping[str, str]) -> int:
    return send_calls(options, carrier, variables, calling(options))

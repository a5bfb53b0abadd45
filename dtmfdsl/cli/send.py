"""Send a script's keys on a live call, each at most once.

The account is in the environment or an --env-file. Each carrier has names of its own for it, such as
BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN and BANDWIDTH_API_SECRET. --test-line needs none. Exit status: 0 all
accepted, 3 not all sent, 4 unknown whether the last string was played, 130 interrupted.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

from dtmfdsl.cli.calls import send_calls
from dtmfdsl.cli.display import display
from dtmfdsl.cli.line import open_line, planning, prepared
from dtmfdsl.cli.output import show
from dtmfdsl.cli.reporting import show_plan, show_report
from dtmfdsl.cli.sending import add_account, add_care, add_many, add_script, add_target, refusals, sent
from dtmfdsl.sending import Carrier, plan_call, send


def configure(parser: argparse.ArgumentParser) -> None:
    add_script(parser)
    add_account(parser)
    add = add_target(parser, "where to").add_argument
    add("--call-id", metavar="ID", help="the call to send to")
    add("--to", metavar="NUMBER", help="the participant who hears the keys, for azure: +15550100")
    add("--calls", metavar="FILE", help="a CSV of many calls: call_id, and a column for each param")
    add = add_care(parser).add_argument
    add(
        *("--replace-twiml", "--replace"),
        dest="replace",
        action="store_true",
        help="let the carrier replace what runs on the call, as twilio does: the call ends with the script",
    )
    add_many(parser)


def run(options: argparse.Namespace) -> int:
    return sent(options, _refusals(options), send_calls, _send_one)


def _refusals(options: argparse.Namespace) -> Iterator[tuple[object, str]]:
    """Options that make no sense for `send`: whether they are there, and why they are refused."""
    somewhere = options.calls or options.call_id or options.test_line or options.dry_run
    yield options.calls and options.call_id, "--calls goes without --call-id and --attended"
    yield not somewhere, "name the call with --call-id, or try --test-line or --dry-run"
    yield from refusals(options)


def _send_one(options: argparse.Namespace, carrier: Carrier, variables: Mapping[str, str]) -> int:
    names = prepared(options)
    plan = plan_call(names, attended=options.attended, **planning(names, options, carrier, variables))
    show(plan.warnings)
    call_id = options.call_id or ("test-call" if options.test_line else "CALL-ID")
    if options.dry_run:
        carrier.check(call_id, plan.dialect.name, options.to)  # before anything is printed
        show_plan(plan, carrier, options.base_url or carrier.base_url, call_id, options.to)
        return 0
    with open_line(options, carrier, variables) as line:
        with display(plan, line.clock, plain=options.plain, resumed=bool(options.resume)) as watcher:
            ask = watcher.ask if options.attended else None
            report = send(plan, call_id, watcher=watcher, ask=ask, **line.options)
        status = show_report(report, carrier, options.resume or options.journal)
        line.report({call_id: plan})
        return status

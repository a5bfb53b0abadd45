"""Send a script's keys on a live call, each at most once.

The account is named by BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN and BANDWIDTH_API_SECRET in the environment or
an --env-file. --test-line needs none. Exit status: 0 all accepted, 3 not all sent, 4 unknown whether the last
one was played, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys

from dtmfdsl.cli.account import add_account, environment
from dtmfdsl.cli.faults import add_faults
from dtmfdsl.cli.input import add_scripts, add_spelling, chosen, dialect_of, load, positive
from dtmfdsl.cli.output import show
from dtmfdsl.cli.streams import Refusal, tell
from dtmfdsl.cli.values import add_values, asker, assigned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dtmfdsl.dialects import Dialect
    from dtmfdsl.sending.carriers import Carrier


def configure(parser: argparse.ArgumentParser) -> None:
    add_scripts(parser, many=False)
    add_values(parser)
    add_spelling(parser)
    add_account(parser)
    target = parser.add_argument_group("where to")
    target.add_argument("--call-id", metavar="ID", help="the call to send to")
    target.add_argument(
        "--calls", metavar="FILE", help="a CSV of many calls: call_id, and a column for each param"
    )
    target.add_argument(
        "--test-line", action="store_true", help="send to a line of our own, without an account"
    )
    target.add_argument(
        "--speed", type=positive, default=1.0, metavar="N", help="how fast the test line's clock runs"
    )
    add_faults(target)
    target.add_argument("--dry-run", action="store_true", help="send nothing; show what would be sent when")
    care = parser.add_argument_group("care")
    care.add_argument("--journal", metavar="FILE", help="write down what was sent, to resume after a failure")
    care.add_argument("--resume", metavar="FILE", help="go on where the journal stops")
    doubt = care.add_mutually_exclusive_group()
    doubt.add_argument("--repeat", action="store_true", help="with --resume: send what is in doubt again")
    doubt.add_argument("--skip", action="store_true", help="with --resume: leave out what is in doubt")
    care.add_argument("--attended", action="store_true", help="ask at each cue; Enter goes on")
    care.add_argument(
        "--tries", type=_count, default=4, metavar="N", help="how often to send what was not executed (4)"
    )
    care.add_argument(
        "--deadline", type=positive, metavar="SECONDS", help="try nothing again after this time"
    )
    care.add_argument(
        "--timeout", type=positive, default=20.0, metavar="SECONDS", help="wait so long for an answer (20)"
    )
    many = parser.add_argument_group("many calls")
    many.add_argument(
        "--workers", type=_count, default=32, metavar="N", help="requests under way at once (32)"
    )
    many.add_argument("--rate", type=positive, metavar="N", help="requests a second, of all calls together")
    many.add_argument("--results", metavar="FILE", help="write the CSV of outcomes there")
    parser.add_argument("--plain", action="store_true", help="plain lines, on a terminal too")


def run(options: argparse.Namespace) -> int:
    from dtmfdsl.diagnostics import DtmfError
    from dtmfdsl.sending.carriers import get_carrier
    from dtmfdsl.sending.interrupts import ending_is_interrupt

    _sensible(options)
    try:
        carrier = get_carrier(options.carrier)
        options.dialect = carrier.dialect
        dialect = dialect_of(options)
        variables = environment(options)
        with ending_is_interrupt():
            if options.calls:
                from dtmfdsl.cli.calls import send_many

                return send_many(options, carrier, dialect, variables)
            return _send_one(options, carrier, dialect, variables)
    except DtmfError as error:
        show(error.diagnostics)
        return 1


def _sensible(options: argparse.Namespace) -> None:
    """Raises Refusal for options that make no sense, alone or together."""
    from dtmfdsl.sending.carriers import is_address

    # What comes of a shell's variable that is not set would send elsewhere, or without a journal.
    for name in ("call_id", "calls", "journal", "resume", "results", "base_url", "env_file", "values"):
        if getattr(options, name) == "":
            raise Refusal(f"--{name.replace('_', '-')} is empty")
    if options.calls and (options.call_id or options.attended):
        raise Refusal("--calls goes without --call-id and --attended")
    if options.results and not options.calls:
        raise Refusal("--results goes with --calls")
    if not (options.calls or options.call_id or options.test_line or options.dry_run):
        raise Refusal("name the call with --call-id, or try --test-line or --dry-run")
    if options.faults and not options.test_line:
        raise Refusal("--fault is the test line's: no carrier is told to misbehave")
    if options.base_url and options.test_line:
        raise Refusal("--test-line has an address of its own: leave out --base-url")
    if options.base_url and not is_address(options.base_url):
        raise Refusal("--base-url takes an address such as https://example.org, without @, ? and #")
    if options.journal and options.resume:
        raise Refusal("--journal begins a journal and --resume goes on with one: give one of them")
    if options.resume and options.dry_run:
        raise Refusal("--dry-run shows the whole plan and reads no journal: leave out --resume")
    if (options.repeat or options.skip) and not options.resume:
        raise Refusal("--repeat and --skip go with --resume")
    if options.attended and sys.platform == "win32":
        raise Refusal("--attended needs a POSIX terminal")
    if options.attended and not options.dry_run and not (sys.stdin and sys.stdin.isatty()):
        raise Refusal("--attended needs a terminal to press Enter on")
    if options.timeout > 3600:
        raise Refusal("--timeout is at most 3600 seconds")
    if options.speed != 1 and not options.test_line:
        raise Refusal("--speed is the test line's: a carrier keeps its own time")


def _send_one(
    options: argparse.Namespace, carrier: Carrier, dialect: Dialect, variables: Mapping[str, str]
) -> int:
    from dtmfdsl.compiler import to_program
    from dtmfdsl.loader import Disk
    from dtmfdsl.sending.carriers import escaped
    from dtmfdsl.sending.plan import make_plan

    (file,) = chosen(options)
    values = assigned(options)
    source = load(file, options.text)
    lowered = to_program(
        source,
        values=values,
        lookup=asker(options, variables),
        exposed=values,
        loader=Disk(outside=options.allow_outside),
    ).valid()
    plan = make_plan(lowered.program, dialect, options.rounding, attended=options.attended)
    show([*lowered.diagnostics, *plan.warnings])
    call_id = options.call_id or ("test-call" if options.test_line else "CALL-ID")
    escaped(call_id, "call id")  # before a journal is begun for it
    from dtmfdsl.cli.reporting import report, show_plan, taken_up

    if options.dry_run:
        show_plan(plan, carrier, options.base_url or carrier.base_url, call_id)
        return 0
    from contextlib import nullcontext

    from dtmfdsl.cli.display import display
    from dtmfdsl.cli.line import open_line
    from dtmfdsl.cli.resuming import Doubt, begin_delivery, open_journal
    from dtmfdsl.sending.interrupts import deafen

    with open_line(options, carrier, variables) as line:
        journal = open_journal(options)
        with journal or nullcontext():
            if journal:
                journal.begin({call_id: plan})
            try:
                delivery = begin_delivery(options, carrier, plan, call_id, journal)
            except Doubt as doubt:
                way = "say --repeat to send it again, or --skip to go on after it"
                raise Refusal(f"{doubt}: {way}") from None
            if options.resume:
                tell(taken_up(delivery))
            with display(plan, line.sender.clock, options.plain) as watcher:
                ask = watcher.ask if options.attended else None
                try:
                    line.sender.run(delivery, call_id, journal=journal, watcher=watcher, ask=ask)
                except KeyboardInterrupt:  # one more, while it was ending
                    delivery.interrupt()
                deafen()
        status = report(delivery, call_id, journal)
        line.report(call_id)
        return status


def _count(text: str) -> int:
    value = int(text)
    if not 0 < value < 10_000:
        raise ValueError
    return value


_count.__name__ = "count"  # as argparse says it

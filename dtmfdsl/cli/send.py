"""Send a script's keys on a live call, each at most once.

The account is named by BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN and BANDWIDTH_API_SECRET in the environment or
an --env-file. --test-line needs none. Exit status: 0 all accepted, 3 not all sent, 4 unknown whether the last
one was played, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping

from dtmfdsl.cli.account import add_account, environment
from dtmfdsl.cli.calls import send_calls
from dtmfdsl.cli.display import display
from dtmfdsl.cli.faults import add_faults
from dtmfdsl.cli.input import add_scripts, add_spelling, chosen, dialect_of, load, positive
from dtmfdsl.cli.line import open_line
from dtmfdsl.cli.output import show
from dtmfdsl.cli.reporting import show_plan, show_report
from dtmfdsl.cli.streams import Refusal
from dtmfdsl.cli.values import add_values, asker, assigned
from dtmfdsl.diagnostics import DtmfError, clean
from dtmfdsl.loader import Disk
from dtmfdsl.sending import Carrier, get_carrier, plan_call, send
from dtmfdsl.sending.carriers.carrier import escaped, is_address
from dtmfdsl.sending.interrupts import ending_is_interrupt


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
    for condition, sentence in _refusals(options):
        if condition:
            raise Refusal(sentence)
    try:
        carrier = get_carrier(options.carrier)
        options.dialect = carrier.dialect
        dialect_of(options)  # which refuses a wrong --half-second
        variables = environment(options)
        with ending_is_interrupt():
            if options.calls:
                return send_calls(options, carrier, variables)
            return _send_one(options, carrier, variables)
    except DtmfError as error:
        (found, *_) = error.diagnostics
        if found.code == "in-doubt":
            way = "say --repeat to send it again, or --skip to go on after it"
            raise Refusal(f"{clean(found.message)}: {way}") from None
        show(error.diagnostics)
        return 1


def _refusals(options: argparse.Namespace) -> Iterator[tuple[object, str]]:
    """Options that make no sense, alone or together: whether they are there, and why to refuse them."""
    # An unset shell variable gives an empty option, which would send elsewhere or without a journal.
    for name in ("call_id", "calls", "journal", "resume", "results", "base_url", "env_file", "values"):
        yield getattr(options, name) == "", f"--{name.replace('_', '-')} is empty"
    base_url, attended = options.base_url, options.attended
    somewhere = options.calls or options.call_id or options.test_line or options.dry_run
    terminal = sys.stdin and sys.stdin.isatty()
    yield from (
        (options.calls and (options.call_id or attended), "--calls goes without --call-id and --attended"),
        (options.results and not options.calls, "--results goes with --calls"),
        (not somewhere, "name the call with --call-id, or try --test-line or --dry-run"),
        (
            options.faults and not options.test_line,
            "--fault is the test line's: no carrier is told to misbehave",
        ),
        (base_url and options.test_line, "--test-line has an address of its own: leave out --base-url"),
        (
            base_url and not is_address(base_url),
            "--base-url takes an address such as https://example.org, without @, ? and #",
        ),
        (
            options.journal and options.resume,
            "--journal begins a journal and --resume goes on with one: give one of them",
        ),
        (
            options.resume and options.dry_run,
            "--dry-run shows the whole plan and reads no journal: leave out --resume",
        ),
        ((options.repeat or options.skip) and not options.resume, "--repeat and --skip go with --resume"),
        (attended and sys.platform == "win32", "--attended needs a POSIX terminal"),
        (attended and not options.dry_run and not terminal, "--attended needs a terminal to press Enter on"),
        (options.timeout > 3600, "--timeout is at most 3600 seconds"),
        (
            options.speed != 1 and not options.test_line,
            "--speed is the test line's: a carrier keeps its own time",
        ),
    )


def _send_one(options: argparse.Namespace, carrier: Carrier, variables: Mapping[str, str]) -> int:
    (file,) = chosen(options)
    values = assigned(options)
    plan = plan_call(
        load(file, options.text),
        values=values,
        lookup=asker(options, variables),
        exposed=frozenset(values),
        loader=Disk(outside=options.allow_outside),
        carrier=carrier,
        rounding=options.rounding,
        half_second=options.half_second,
        attended=options.attended,
    )
    show(plan.warnings)
    call_id = options.call_id or ("test-call" if options.test_line else "CALL-ID")
    if options.dry_run:
        escaped(call_id, "call id")  # before anything is printed
        show_plan(plan, carrier, options.base_url or carrier.base_url, call_id)
        return 0
    with open_line(options, carrier, variables) as line:
        clock, resumed = line.arguments["clock"], line.arguments["resume"]
        with display(plan, clock, plain=options.plain, resumed=resumed) as watcher:
            ask = watcher.ask if options.attended else None
            report = send(plan, call_id, watcher=watcher, ask=ask, **line.arguments)
        status = show_report(report, line.arguments["journal"])
        line.report(call_id)
        return status


def _count(text: str) -> int:
    value = int(text)
    if not 0 < value < 10_000:
        raise ValueError
    return value


_count.__name__ = "count"  # the word in argparse's message

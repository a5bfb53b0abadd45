"""Send a script's keys on a live call, each at most once.

The account is in the environment or an --env-file. Each carrier has names of its own for it, such as
BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN and BANDWIDTH_API_SECRET. --test-line needs none. Exit status: 0 all
accepted, 3 not all sent, 4 unknown whether the last string was played, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping

from dtmfdsl.cli.calls import send_calls
from dtmfdsl.cli.display import display
from dtmfdsl.cli.faults import add_faults
from dtmfdsl.cli.input import add_scripts, add_spelling, dialect_of, duration, positive
from dtmfdsl.cli.line import environment, open_line, planning, prepared
from dtmfdsl.cli.output import show
from dtmfdsl.cli.reporting import show_plan, show_report
from dtmfdsl.cli.streams import Refusal
from dtmfdsl.cli.values import add_values
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.sending import CARRIERS, Carrier, get_carrier, plan_call, send
from dtmfdsl.sending.carriers.carrier import is_address, is_secure
from dtmfdsl.sending.interrupts import ending_is_interrupt


def configure(parser: argparse.ArgumentParser) -> None:
    add_scripts(parser, many=False)
    add_values(parser)
    add_spelling(parser)
    add = parser.add_argument
    add(
        "--carrier",
        metavar="NAME",
        default="bandwidth-v1",
        help=f"whose API to use: {', '.join(CARRIERS)} (bandwidth-v1)",
    )
    add("--base-url", metavar="URL", help="the carrier's address, if it is another")
    add("--insecure-http", action="store_true", help="allow a --base-url of http:// on another machine")
    add("--env-file", metavar="FILE", help="NAME=VALUE lines that are added to the environment")
    add("--plain", action="store_true", help="plain lines, on a terminal too")
    target = parser.add_argument_group("where to")
    add = target.add_argument
    add("--call-id", metavar="ID", help="the call to send to")
    add("--to", metavar="NUMBER", help="the participant who hears the keys, for azure: +15550100")
    add("--calls", metavar="FILE", help="a CSV of many calls: call_id, and a column for each param")
    add("--test-line", action="store_true", help="send to a stand-in on this machine, without an account")
    add("--speed", type=positive, default=1.0, metavar="N", help="how fast the test line's clock runs")
    add_faults(target)
    add("--dry-run", action="store_true", help="send nothing; show what would be sent when")
    care = parser.add_argument_group("care")
    add = care.add_argument
    add("--journal", metavar="FILE", help="record what was sent, to resume after a failure")
    add("--resume", metavar="FILE", help="go on where the journal stops")
    doubt = care.add_mutually_exclusive_group()
    doubt.add_argument("--repeat", action="store_true", help="with --resume: send a string in doubt again")
    doubt.add_argument("--skip", action="store_true", help="with --resume: leave out a string in doubt")
    add(
        *("--replace-twiml", "--replace"),
        dest="replace",
        action="store_true",
        help="let the carrier replace what runs on the call, as twilio does: the call ends with the script",
    )
    add("--attended", action="store_true", help="ask at each cue; Enter goes on")
    add("--tries", type=_count, default=4, metavar="N", help="send a string at most this many times (4)")
    add("--deadline", type=duration, metavar="TIME", help="send nothing again after this time, such as 2m")
    add("--timeout", type=duration, default=20.0, metavar="TIME", help="wait this long for an answer (20s)")
    add = parser.add_argument_group("many calls").add_argument
    add("--workers", type=_count, default=32, metavar="N", help="requests at once, at most (32)")
    add("--rate", type=positive, metavar="N", help="requests a second, of all calls together")
    add("--results", metavar="FILE", help="write the CSV of outcomes to this file")


def run(options: argparse.Namespace) -> int:
    for present, why in _refusals(options):
        if present:
            raise Refusal(why)
    try:
        carrier = get_carrier(options.carrier)
        options.dialect = carrier.dialect
        dialect_of(options)  # raises Refusal for a wrong --half-second
        variables = environment(options)
        with ending_is_interrupt():
            if options.calls:
                return send_calls(options, carrier, variables)
            return _send_one(options, carrier, variables)
    except DtmfError as error:
        (found, *_) = error.diagnostics
        if found.code == "in-doubt":
            way = "use --repeat to send it again, or --skip to go on after it"
            raise Refusal(f"{found.message}: {way}") from None
        if found.code in ("no-credentials", "would-replace", "no-participant"):
            raise Refusal(f"{found.message}: {found.help}") from None
        show(error.diagnostics)
        return 1


def _refusals(options: argparse.Namespace) -> Iterator[tuple[object, str]]:
    """Options that make no sense, alone or together: whether they are there, and why they are refused."""
    # An unset shell variable gives an empty option, which would send elsewhere or without a journal.
    for name in ("call_id", "to", "calls", "journal", "resume", "results", "base_url", "env_file", "values"):
        yield getattr(options, name) == "", f"--{name.replace('_', '-')} is empty"
    base_url, attended, test_line = options.base_url, options.attended, options.test_line
    somewhere = options.calls or options.call_id or test_line or options.dry_run
    terminal = sys.stdin and sys.stdin.isatty()
    address = "an address such as https://example.org, without @, ? and #"
    yield options.calls and (options.call_id or attended), "--calls goes without --call-id and --attended"
    yield options.results and not options.calls, "--results goes with --calls"
    yield not somewhere, "name the call with --call-id, or try --test-line or --dry-run"
    yield options.faults and not test_line, "--fault goes with --test-line: no carrier misbehaves on request"
    yield options.speed != 1 and not test_line, "--speed goes with --test-line: a carrier has its own clock"
    yield base_url and test_line, "--test-line has its own address: leave out --base-url"
    yield base_url and not is_address(base_url), f"--base-url takes {address}"
    clear = base_url and not is_secure(base_url) and not options.insecure_http
    yield clear, "http:// sends credentials and keys for anyone to read: use https://, or add --insecure-http"
    yield (
        options.journal and options.resume,
        "--journal begins a journal, --resume goes on with one: give one",
    )
    yield options.resume and options.dry_run, "--dry-run shows the whole plan: leave out --resume"
    yield (options.repeat or options.skip) and not options.resume, "--repeat and --skip go with --resume"
    yield attended and sys.platform == "win32", "--attended needs a POSIX terminal"
    yield attended and not options.dry_run and not terminal, "--attended needs a terminal to press Enter on"
    yield options.timeout > 3600, "--timeout is at most 60m"


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


def _count(text: str) -> int:
    value = int(text)
    if not 0 < value < 10_000:
        raise ValueError
    return value


_count.__name__ = "count"  # the word in argparse's message

"""What `send` and `call` share: their options, and what is refused before anything is sent."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from dtmfdsl.cli.faults import add_faults
from dtmfdsl.cli.input import add_scripts, add_spelling, dialect_of, duration, positive
from dtmfdsl.cli.line import environment
from dtmfdsl.cli.output import show
from dtmfdsl.cli.streams import Refusal
from dtmfdsl.cli.values import add_values
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.sending import CARRIERS, Carrier, get_carrier
from dtmfdsl.sending.carriers.carrier import is_address, is_secure
from dtmfdsl.sending.interrupts import ending_is_interrupt

Way: TypeAlias = Callable[[argparse.Namespace, Carrier, Mapping[str, str]], int]
"""Sends, with the options, the carrier and the environment; returns the exit status."""

_REFUSED = ("no-credentials", "would-replace", "no-participant", "cannot-call", "no-number", "call-in-doubt")
"""Codes of what is wrong with the command line or the environment, and not with the script."""


def add_script(parser: argparse.ArgumentParser) -> None:
    """The script, and what it becomes."""
    add_scripts(parser, many=False)
    add_values(parser)
    add_spelling(parser)


def add_account(parser: argparse.ArgumentParser, others: str = "") -> None:
    """Whose API is used. `others` are further names that `--carrier` takes."""
    add = parser.add_argument
    add(
        "--carrier",
        metavar="NAME",
        default="bandwidth-v1",
        help=f"whose API to use: {', '.join(CARRIERS)}{others} (bandwidth-v1)",
    )
    add("--base-url", metavar="URL", help="the carrier's address, if it is another")
    add("--insecure-http", action="store_true", help="allow a --base-url of http:// on another machine")
    add("--env-file", metavar="FILE", help="NAME=VALUE lines that are added to the environment")
    add("--plain", action="store_true", help="plain lines, on a terminal too")


def add_target(parser: argparse.ArgumentParser, title: str) -> argparse._ArgumentGroup:
    """The options of a test line and of a rehearsal, in a group for those that name what is called."""
    target = parser.add_argument_group(title)
    add = target.add_argument
    add("--test-line", action="store_true", help="send to a stand-in on this machine, without an account")
    add("--speed", type=positive, default=1.0, metavar="N", help="how fast the test line's clock runs")
    add_faults(target)
    add("--dry-run", action="store_true", help="send nothing; show what would be sent when")
    return target


def add_care(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """The options for what goes wrong."""
    care = parser.add_argument_group("care")
    add = care.add_argument
    add("--journal", metavar="FILE", help="record what was sent, to resume after a failure")
    add("--resume", metavar="FILE", help="go on where the journal stops")
    doubt = care.add_mutually_exclusive_group()
    doubt.add_argument("--repeat", action="store_true", help="with --resume: send a string in doubt again")
    doubt.add_argument("--skip", action="store_true", help="with --resume: leave out a string in doubt")
    add("--attended", action="store_true", help="ask at each cue; Enter goes on")
    add("--tries", type=_count, default=4, metavar="N", help="send a string at most this many times (4)")
    add("--deadline", type=duration, metavar="TIME", help="send nothing again after this time, such as 2m")
    add("--timeout", type=duration, default=20.0, metavar="TIME", help="wait this long for an answer (20s)")
    return care


def add_many(parser: argparse.ArgumentParser) -> None:
    """The options for many calls."""
    add = parser.add_argument_group("many calls").add_argument
    add("--workers", type=_count, default=32, metavar="N", help="requests at once, at most (32)")
    add("--rate", type=positive, metavar="N", help="requests a second, of all calls together")
    add("--results", metavar="FILE", help="write the CSV of outcomes to this file")


def sent(options: argparse.Namespace, wrong: Iterable[tuple[object, str]], many: Way, one: Way) -> int:
    """Sends in one of two ways, to many calls or to one; returns the exit status.

    Raises Refusal for the first of the options that are wrong, and for an account that is incomplete.
    """
    for present, why in wrong:
        if present:
            raise Refusal(why)
    try:
        carrier = get_carrier(options.carrier)
        options.dialect = carrier.dialect
        dialect_of(options)  # raises Refusal for a wrong --half-second
        variables = environment(options)
        with ending_is_interrupt():
            return (many if options.calls else one)(options, carrier, variables)
    except DtmfError as error:
        (found, *_) = error.diagnostics
        if found.code == "in-doubt":
            way = "use --repeat to send it again, or --skip to go on after it"
            raise Refusal(f"{found.message}: {way}") from None
        if found.code in _REFUSED:
            raise Refusal(f"{found.message}: {found.help}") from None
        show(error.diagnostics)
        return 1


def refusals(options: argparse.Namespace) -> Iterator[tuple[object, str]]:
    """Options that make no sense, alone or together: whether they are there, and why they are refused."""
    # An unset shell variable gives an empty option, which would send elsewhere or without a journal.
    for name, value in vars(options).items():
        if name not in ("file", "text"):
            yield value == "", f"--{name.replace('_', '-')} is empty"
    base_url, attended, test_line = options.base_url, options.attended, options.test_line
    terminal = sys.stdin and sys.stdin.isatty()
    address = "an address such as https://example.org, without @, ? and #"
    yield options.calls and attended, "--calls goes without --attended"
    yield options.results and not options.calls, "--results goes with --calls"
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


def _count(text: str) -> int:
    value = int(text)
    if not 0 < value < 10_000:
        raise ValueError
    return value


_count.__name__ = "count"  # the word in argparse's message

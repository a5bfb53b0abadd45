"""Send a script's keys on a live call, each at most once.

The account is named by BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN and BANDWIDTH_API_SECRET in the environment or
an --env-file. --test-line needs none. Exit status: 0 all accepted, 3 not all sent, 4 unknown whether the last
one was played, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from urllib.parse import urlsplit

from dtmfdsl.cli.account import add_account, environment
from dtmfdsl.cli.compile import add_spelling
from dtmfdsl.cli.input import add_scripts, chosen, dialect_of, load, positive
from dtmfdsl.cli.output import Refusal, show, tell
from dtmfdsl.cli.values import add_values, asker, assigned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dtmfdsl.dialects import Dialect
    from dtmfdsl.sending.carriers import Carrier
    from dtmfdsl.sending.delivery import Delivery
    from dtmfdsl.sending.journal import Journal
    from dtmfdsl.sending.plan import Plan


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

    _sensible(options)
    try:
        carrier = get_carrier(options.carrier)
        options.dialect = carrier.dialect
        dialect = dialect_of(options)
        variables = environment(options)
        if options.calls:
            from dtmfdsl.cli.calls import send_many

            return send_many(options, carrier, dialect, variables)
        return _send_one(options, carrier, dialect, variables)
    except DtmfError as error:
        show(error.diagnostics)
        return 1


def _sensible(options: argparse.Namespace) -> None:
    """Raises Refusal for options that make no sense together."""
    if options.calls and (options.call_id or options.journal or options.resume or options.attended):
        raise Refusal("--calls goes without --call-id, --journal, --resume and --attended")
    if not (options.calls or options.call_id or options.test_line or options.dry_run):
        raise Refusal("name the call with --call-id, or try --test-line or --dry-run")
    if options.base_url and not _is_address(options.base_url):
        raise Refusal("--base-url takes an address such as https://example.org")
    if options.journal and options.resume:
        raise Refusal("--journal begins a journal and --resume goes on with one: give one of them")
    if (options.repeat or options.skip) and not options.resume:
        raise Refusal("--repeat and --skip go with --resume")
    if options.attended and not options.dry_run and not (sys.stdin and sys.stdin.isatty()):
        raise Refusal("--attended needs a terminal to press Enter on")
    if options.speed != 1 and not options.test_line:
        raise Refusal("--speed is the test line's: a carrier keeps its own time")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and not parts.username
            and (parts.port or 1) > 0
        )
    except ValueError:
        return False


def _send_one(
    options: argparse.Namespace, carrier: Carrier, dialect: Dialect, variables: Mapping[str, str]
) -> int:
    from dtmfdsl.lowering import lower_source
    from dtmfdsl.params import Values
    from dtmfdsl.sending.carriers import escaped
    from dtmfdsl.sending.delivery import Delivery
    from dtmfdsl.sending.plan import make_plan

    (file,) = chosen(options)
    values = assigned(options)
    given = Values(values, asker(options, variables), exposed=frozenset(values))
    source = load(file, options.text)
    lowered = lower_source(source, given, allow_outside=options.allow_outside).sound()
    plan = make_plan(lowered.program, dialect, options.rounding, attended=options.attended)
    show([*lowered.diagnostics, *plan.warnings])
    call_id = options.call_id or "test-call"
    escaped(call_id, "call id")  # before a journal is begun for it
    if options.dry_run:
        _show_plan(options, carrier, plan, call_id)
        return 0
    from dtmfdsl.cli.display import display
    from dtmfdsl.cli.line import open_line

    with open_line(options, carrier, variables) as line:
        journal, first = _open_journal(options, plan, call_id)
        try:
            delivery = Delivery(
                plan,
                first=first,
                in_doubt=options.repeat,
                tries=options.tries,
                deadline_ms=options.deadline and options.deadline * 1000,
                interval_ms=carrier.interval_ms,
            )
            with display(plan, options.plain) as watcher:
                ask = watcher.ask if options.attended else None
                line.sender.run(delivery, call_id, journal=journal, watcher=watcher, ask=ask)
        finally:
            if journal:
                journal.close()
        status = report(delivery, options.journal or options.resume)
        line.report(call_id)
        return status


def _open_journal(options: argparse.Namespace, plan: Plan, call_id: str) -> tuple[Journal | None, int]:
    """The journal that was asked for, and the step to begin with. Raises Refusal if a person must decide."""
    path = options.journal or options.resume
    if path is None:
        return None, 0
    from dtmfdsl.sending.journal import Journal

    journal = Journal(path, plan, call_id, resume=bool(options.resume))
    step, doubt = journal.progress.next_step, journal.progress.in_doubt
    if doubt and not (options.repeat or options.skip):
        journal.close()
        shown = plan.steps[step].chunk.shown
        raise Refusal(
            f"string {step + 1} of {len(plan.steps)}, {shown}, may or may not have been played: "
            "say --repeat to send it again, or --skip to go on after it"
        )
    if doubt:
        journal.decided(step, options.repeat)
        step += 0 if options.repeat else 1
    if options.resume:
        tell(
            f"going on at string {step + 1} of {len(plan.steps)}"
            if step < len(plan.steps)
            else "all was sent before"
        )
    return journal, step


def report(delivery: Delivery, journal: str | None) -> int:
    """Says how a delivery ended and how to go on; returns the exit status."""
    from dtmfdsl.sending.outcomes import Status

    total = len(delivery.plan.steps)
    at = f"string {delivery.index + 1} of {total}"
    shown = delivery.plan.steps[delivery.index].chunk.shown if delivery.index < total else ""
    on = f"to go on: --resume {journal}" if journal else "begin with --journal to be able to go on next time"
    match delivery.status:
        case Status.COMPLETE:
            tell(f"all {total} accepted" if total != 1 else "accepted")
            return 0
        case Status.UNKNOWN:
            tell(f"{at}: {delivery.reason}")
            tell(f"its keys, {shown}, may or may not have been pressed; what comes after was not sent")
            tell(on + (" with --repeat to press them again, or --skip to leave them out" if journal else ""))
            return 4
        case Status.INTERRUPTED:
            rest = f"{at} was not sent" if shown else "the last may still be playing"
            tell(f"interrupted: {delivery.index} of {total} accepted, {rest}")
            tell(on)
            return 130
        case _:
            tell(f"{at}: {delivery.reason}; {delivery.index} of {total} accepted")
            tell(on)
            return 3


def _show_plan(options: argparse.Namespace, carrier: Carrier, plan: Plan, call_id: str) -> None:
    """The plan with its times, and each request as a `curl` without credentials and secrets."""
    import json
    import shlex

    from dtmfdsl.cli.display import seconds
    from dtmfdsl.sending.carriers import escaped

    base = (options.base_url or carrier.base_url).rstrip("/")
    user, token, secret = (f"${name}" for name in carrier.environment)
    header = '-H "Content-Type: application/json"'
    url = f"{base}/v1/users/{user}/calls/{escaped(call_id, 'call id')}/dtmf"
    at = played = earliest = 0.0
    total = len(plan.steps)
    print(f"{total} request{'' if total == 1 else 's'} to {carrier.name}")
    for number, step in enumerate(plan.steps, 1):
        at = max(played + step.wait_ms, earliest)
        if step.cue is not None:
            print(f"      wait up to {seconds(step.wait_ms)} for “{step.cue}”, by whoever attends")
        elif step.wait_ms:
            print(f"      wait {seconds(step.wait_ms)}, by the sender's clock")
        kept = sum(dict(plan.dialect.pauses).get(character, 0) for character in step.chunk.text)
        print(f"{number:>4}  at {seconds(at)}: {step.chunk.shown}")
        print(
            f"      plays for {seconds(step.playing.earliest_ms)} to {seconds(step.playing.latest_ms)}, "
            f"of which {seconds(kept)} are pauses by the carrier's clock"
        )
        body = shlex.quote(json.dumps({"dtmfOut": step.chunk.shown}, ensure_ascii=False))
        print(f'      curl -u "{token}:{secret}" {header} --data {body} "{url}"')
        played, earliest = at + step.playing.latest_ms, at + carrier.interval_ms
    if plan.tail_ms:
        print(f"      wait {seconds(plan.tail_ms)}, by the sender's clock")
    over = seconds(max(played + plan.tail_ms, earliest))
    print(f"over after {over} at the latest, and the time the requests take")


def _count(text: str) -> int:
    value = int(text)
    if not 0 < value < 10_000:
        raise ValueError
    return value


_count.__name__ = "count"  # as argparse says it

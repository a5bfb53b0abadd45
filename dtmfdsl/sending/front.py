"""The front door for one call: a script, and the call to send it to."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Literal, TypeAlias, TypedDict, Unpack

import attrs
import requests

from dtmfdsl.compiler import Compilable, to_program
from dtmfdsl.diagnostics import DtmfError, in_order
from dtmfdsl.dialects import Dialect, Rounding, get_dialect
from dtmfdsl.loader import Loader
from dtmfdsl.semantics.lowering import Lowered
from dtmfdsl.semantics.values import Lookup, kept
from dtmfdsl.sending.carriers import BANDWIDTH_V1, Carrier, get_carrier
from dtmfdsl.sending.carriers.ids import made_ms, new_id
from dtmfdsl.sending.clock import Clock, RealClock
from dtmfdsl.sending.delivery import Delivery, Start
from dtmfdsl.sending.http import ANSWER_SECONDS, make_session
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.loop import AwaitPerson, drive
from dtmfdsl.sending.plan import Plan, make_plan
from dtmfdsl.sending.reports import Report
from dtmfdsl.sending.sender import AskPerson, Sender, Watcher

File: TypeAlias = str | os.PathLike[str]
Doubt: TypeAlias = Literal["repeat", "skip"]


class Planning(TypedDict, total=False):
    """How a script becomes a plan: the options of `plan_call`, which describes them, and of `plan_calls`."""

    values: Mapping[str, str] | None
    lookup: Lookup | None
    exposed: Collection[str]
    loader: Loader | None
    carrier: str | Carrier
    rounding: Rounding
    half_second: str | None
    to: str | None


class Options(Planning, total=False):
    """The options of `send`, which describes them, and of `send_async` and `send_many`."""

    credentials: Mapping[str, str] | None
    base_url: str | None
    answer_seconds: float
    insecure_http: bool
    journal: File | None
    resume: bool
    doubt: Doubt | None
    tries: int
    deadline_ms: float | None
    session: requests.Session | None
    clock: Clock | None
    replace: bool


def plan_call(script: Compilable | Plan, *, attended: bool = False, **options: Unpack[Planning]) -> Plan:
    """What `send` would send: a script's strings for a carrier, and the waits between them.

    With `attended`, a person listens for the cues. A plan is returned as it is. The options:

    - `carrier`: its name, or a `Carrier`. "bandwidth-v1" by default.
    - `values`, `lookup`, `exposed`, `loader`, `rounding`, `half_second`: as for `compile`.

    Raises DtmfError with every mistake; the plan holds the warnings.
    """
    expect(options, Planning)
    return planned(script, options, attended)


def send(
    script: Compilable | Plan,
    call_id: str,
    *,
    ask: AskPerson | None = None,
    watcher: Watcher | None = None,
    **options: Unpack[Options],
) -> Report:
    """Sends a script on a live call, each key at most once; returns how that ended.

    It takes as long as the keys play. `script` is text, a tree, a program, or the plan of `plan_call`. `ask`
    is called at each cue. `watcher` is called for everything that happens. The options, by keyword:

    - `carrier`, `values`, `lookup`, `exposed`, `loader`, `rounding`, `half_second`: as for `plan_call`.
    - `credentials`: by the names of the carrier's variables. By default, they are the environment's.
    - `base_url`: by default, the carrier's own address.
    - `answer_seconds`: how long to wait for an answer, from its first byte to its last. 20 by default.
    - `insecure_http`: allow a `base_url` of http:// elsewhere than on this machine. False by default.
    - `journal`: a file to create; each request is recorded in it before and after.
    - `resume`: the journal exists, and the delivery goes on where it stops.
    - `doubt`: what to do with a string in doubt when resuming. "repeat" presses its keys again, "skip" leaves
      them out.
    - `tries`: a string that was certainly not executed is sent at most this many times. 4 by default.
    - `deadline_ms`: nothing is sent again later than this, in milliseconds from the start.
    - `session`: a `requests.Session` that does not repeat requests. It is not closed. Adapters of `requests`
      itself are replaced by an `Adapter` of `dtmfdsl.sending`; one of your own is best derived from that.
    - `clock`: by default, the machine's.
    - `to`: the participant of the call who hears the keys, for a carrier that has to know.
    - `replace`: whether what runs on the call may be replaced, for a carrier that does.

    Ctrl-C stops it: see `Sender.run`. Raises DtmfError, before anything is sent, for what is wrong with the
    script, the account, the journal or an id, and for a doubt that `doubt` does not settle.
    """
    expect(options, Options)
    watcher = watcher or Watcher()
    with _begun(script, call_id, watcher, options, attended=bool(ask)) as (sender, delivery, journal):
        try:
            sender.run(delivery, call_id, journal=journal, watcher=watcher, ask=ask)
        except KeyboardInterrupt:  # one more, while it was ending
            delivery.interrupt()
    return reported(call_id, delivery, journal)


async def send_async(
    script: Compilable | Plan,
    call_id: str,
    *,
    ask: AwaitPerson | None = None,
    watcher: Watcher | None = None,
    **options: Unpack[Options],
) -> Report:
    """`send` in an event loop: its waits are the loop's, and each request runs in a thread.

    What `ask` returns is awaited, at most for the cue's time. The options are those of `send`. A task that is
    cancelled during a request waits for the answer, at most a little longer than `answer_seconds`, and
    records it; then it sends no more and raises CancelledError. `watcher.over` is called in any case.
    """
    expect(options, Options)
    watcher = watcher or Watcher()
    with _begun(script, call_id, watcher, options, attended=bool(ask)) as (sender, delivery, journal):
        await drive(sender, delivery, call_id, journal=journal, watcher=watcher, ask=ask)
    return reported(call_id, delivery, journal)


def expect(options: Any, described: type) -> None:
    """Raises TypeError for an option that is not one of those described, as Python does for an argument.

    The values and credentials among the options become such that no traceback shows.
    """
    for name in ("values", "credentials"):
        if name in options:
            options[name] = kept(options[name])
    for name in options.keys() - described.__annotations__.keys():
        raise TypeError(f"got an unexpected keyword argument '{name}'")


def planned(script: Compilable | Plan, options: Planning, attended: bool = False) -> Plan:
    """The plan of a script; a plan is returned as it is."""
    if isinstance(script, Plan):
        return script
    lowered = to_program(
        script,
        values=options.get("values"),
        lookup=options.get("lookup"),
        exposed=options.get("exposed", ()),
        loader=options.get("loader"),
    ).valid()
    return plan_lowered(lowered, dialect_for(options), options.get("rounding", "up"), attended)


def dialect_for(options: Planning) -> Dialect:
    """The dialect of a carrier's strings, with the carrier's own limit if it has one."""
    carrier = get_carrier(options.get("carrier", BANDWIDTH_V1))
    dialect = get_dialect(carrier.dialect, half_second=options.get("half_second"))
    return dialect if carrier.limit is None else attrs.evolve(dialect, limit=carrier.limit)


def plan_lowered(lowered: Lowered, dialect: Dialect, rounding: Rounding, attended: bool = False) -> Plan:
    """The plan of a program, with the warnings of its script."""
    plan = make_plan(lowered.program, dialect, rounding, attended=attended)
    return attrs.evolve(plan, warnings=in_order((*lowered.diagnostics, *plan.warnings)))


@contextmanager
def _begun(
    script: Compilable | Plan, call_id: str, watcher: Watcher, options: Options, *, attended: bool
) -> Iterator[tuple[Sender, Delivery, Journal | None]]:
    """A delivery on one call, with its sender and its journal. The watcher is called at both ends."""
    plan = planned(script, options, attended)
    to = options.get("to")
    with opened_sender(options, to={call_id: to} if to else {}) as sender:
        sender.carrier.check(call_id, plan.dialect.name, to)  # before a journal is begun for it
        with opened_journal(options) as journal:
            if journal:
                journal.begin({call_id: plan})
            delivery = delivery_of(plan, call_id, sender.carrier, journal, options)
            if delivery.undecided:
                help = 'listen to the call, then decide: `doubt` is "repeat" or "skip"'
                raise DtmfError.of("in-doubt", delivery.reason, help=help)
            watcher.begun(delivery)
            try:
                yield sender, delivery, journal
            finally:
                watcher.over(delivery)


@contextmanager
def opened_sender(
    options: Options, workers: int = 1, to: Mapping[str, str] | None = None
) -> Iterator[Sender]:
    """A sender for at most `workers` requests at once. `to` has the participants, by call id."""
    carrier = get_carrier(options.get("carrier", BANDWIDTH_V1))
    if carrier.replaces and not options.get("replace"):
        message = f"{carrier.name} presses keys by replacing the {carrier.replaces} that runs on the call"
        help = "if that is meant, give --replace-twiml; from Python, `replace=True`"
        raise DtmfError.of("would-replace", message, help=help)
    variables, base_url = options.get("credentials"), options.get("base_url")
    variables = kept(os.environ) if variables is None else variables
    account = carrier.credentials(variables)
    address = carrier.address(variables) if base_url is None else base_url
    given = options.get("session")
    with nullcontext(given) if given else make_session(address, workers) as session:
        yield Sender(
            account,
            carrier,
            base_url=address,
            session=session,
            clock=options.get("clock") or RealClock(),
            answer_seconds=options.get("answer_seconds", ANSWER_SECONDS),
            to=to or {},
            insecure_http=options.get("insecure_http", False),
        )


def opened_journal(options: Options) -> AbstractContextManager[Journal | None]:
    """The journal, if there is to be one."""
    path, resume = options.get("journal"), options.get("resume", False)
    if path is not None:
        return Journal(os.fspath(path), resume=resume)
    if resume:
        raise DtmfError.of("no-such-file", "there is no journal to resume", help="name it by `journal`")
    return nullcontext()


def delivery_of(
    plan: Plan, call_id: str, carrier: Carrier, journal: Journal | None, options: Options
) -> Delivery:
    """The delivery of a plan, from its start or from where its journal stops.

    An id that the carrier may not know any more is not taken up: it may refuse a request for its age.
    """
    clock = options.get("clock") or RealClock()
    start = journal.take_up(call_id, plan, options.get("doubt")) if journal else Start()
    if start.id and clock.wall_ms() - made_ms(start.id) > carrier.repeat_ms:
        start = attrs.evolve(start, id="")
    return Delivery(
        plan,
        start=start,
        tries=options.get("tries", 4),
        deadline_ms=options.get("deadline_ms"),
        interval_ms=carrier.interval_ms,
        new_id=(lambda: new_id(clock.wall_ms())) if carrier.repeat_ms else (lambda: ""),
        repeat_ms=carrier.repeat_ms,
    )


def reported(call_id: str, delivery: Delivery, journal: Journal | None) -> Report:
    """How a delivery stands, with what its journal adds."""
    skipped = journal.progress(call_id).left_out if journal else ()
    return Report(
        call_id=call_id,
        status=delivery.status,
        reason=delivery.reason,
        plan=delivery.plan,
        accepted=delivery.index - len(skipped),
        skipped=skipped,
        undecided=delivery.undecided,
        unrecorded=journal.unrecorded.get(call_id) if journal else None,
    )

"""Run a stand-in for the carrier on this machine, to try programs on.

It prints its address and the account to use, then each request and each key as it sounds. Ctrl-C or `kill`
ends it, with a report of what each call heard.
"""

from __future__ import annotations

import argparse
import shlex
from queue import SimpleQueue

from dtmfdsl.cli.faults import add_faults, arm
from dtmfdsl.cli.input import positive
from dtmfdsl.cli.streams import Refusal, say, tell
from dtmfdsl.notation import mask
from dtmfdsl.sending.interrupts import ending_is_interrupt
from dtmfdsl.testline import STAND_INS, Collision, Heard, LineEvent, Received, TestLine
from dtmfdsl.testline.stand_in import NOWHERE


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--carrier",
        choices=list(STAND_INS),
        default="bandwidth-v1",
        help="the carrier to stand in for (bandwidth-v1)",
    )
    parser.add_argument(
        "--port", type=_port, default=0, metavar="N", help="the port to listen on (any that is free)"
    )
    parser.add_argument(
        "--speed", type=positive, default=1.0, metavar="N", help="how fast the line's clock runs"
    )
    add_faults(parser)
    parser.add_argument(
        "--call",
        metavar="ID[=STATE]",
        action="append",
        default=[],
        dest="calls",
        help="a call that exists, active unless a state is named; may be repeated",
    )
    parser.add_argument(
        "--shared-limit", action="store_true", help="one request a second for all calls together"
    )
    parser.add_argument("--strict", action="store_true", help="only the calls of --call exist")
    parser.add_argument("--show-keys", action="store_true", help="show keys, which may be secret")


def run(options: argparse.Namespace) -> int:
    stand_in = STAND_INS[options.carrier]
    events: SimpleQueue[LineEvent] = SimpleQueue()
    line = TestLine(
        stand_in=stand_in,
        port=options.port,
        speed=options.speed,
        shared_limit=options.shared_limit,
        strict=options.strict,
        listener=events.put,
    )
    arm(line, options)
    for call in options.calls:
        call_id, _, state = call.partition("=")
        if not call_id or state not in ("", *stand_in.states):
            raise Refusal(
                f"--call takes an id and perhaps a state, {', '.join(stand_in.states)}: c-1=completed"
            )
        line.calls[call_id] = state or stand_in.playing[0]
    try:
        line.start()
    except OSError as error:
        tell(f"dtmfdsl: port {options.port} cannot be used: {error.strerror}")
        return 1
    with line, ending_is_interrupt():
        say(line.base_url)
        if (address := stand_in.carrier.address_variable) not in line.credentials and address:
            say(f"export {address}={line.base_url}")
        for name, value in line.credentials.items():
            say(f"export {name}={shlex.quote(value.replace(NOWHERE, line.base_url))}")
        call_ids: dict[int, str] = {}
        try:
            while True:
                say(_shown(events.get(), call_ids, options.show_keys))
        except KeyboardInterrupt:
            say(*(line.report(show_keys=options.show_keys) or ("nothing was heard",)))
    return 0


def _shown(event: LineEvent, call_ids: dict[int, str], show_keys: bool) -> str:
    """An event as a line. `call_ids` keeps the call of each request, for the keys and collisions of it."""
    match event:
        case Received():
            where = event.method + " elsewhere" if event.call_id is None else f"call {event.call_id}"
            call_ids[event.number] = where
            answer = "no whole answer" if event.status is None else str(event.status)
            played = "played" if event.played else "not played"
            fault = f", misbehaving: {event.fault}" if event.fault else ""
            return f"{_at(event.at_ms)}  {where}  request {event.number}: {answer}, {played}{fault}"
        case Collision():
            what = f"collision: request {event.during} still plays"
            return f"{_at(event.at_ms)}  {call_ids[event.request]}  {what}"
        case Heard():
            key = event.key if show_keys else mask(event.key)
            return f"{_at(event.start_ms)}  {call_ids[event.request]}  {key}"


def _at(ms: float) -> str:
    return f"{ms / 1000:8.1f}s"


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value < 65_536:
        raise ValueError
    return value


_port.__name__ = "port"  # the word in argparse's message

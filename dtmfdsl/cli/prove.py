"""Prove that every key of a script is taken by the menu that it is meant for.

The map says what is known of the line: which menus, how long their prompts take, what becomes of a key that
comes early. All calls that the map allows are looked at, blind: nobody listens. What is proved is about the
map, and no better than it.

Exit status: 0 proved, 1 a key can be lost, 3 it could not be decided within --limit.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from dtmfdsl.cli.input import duration
from dtmfdsl.cli.late import late
from dtmfdsl.cli.output import show
from dtmfdsl.cli.phones import add_phone, assignment, decimal, question, seconds
from dtmfdsl.cli.streams import say, tell
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.phone.map import Range
from dtmfdsl.phone.margins import Interval, Margin, NoWait, least_waits, margins, sweep
from dtmfdsl.phone.prover import Loss, Proof, Question, prove, prove_with_fault
from dtmfdsl.phone.worlds import Undecided

_FAILS, _UNDECIDED = 1, 3


def configure(parser: argparse.ArgumentParser) -> None:
    add_phone(parser)
    help = "show for which values of one length it can fail: main.says=0..20s"
    parser.add_argument("--sweep", metavar="NAME=RANGE", type=assignment, help=help)
    parser.add_argument("--least-waits", action="store_true", help="find the least waits that always arrive")
    help = "let one key be lost or doubled anywhere; only the last place counts"
    parser.add_argument("--faults", type=int, choices=[1], help=help)
    help = "give up after this long (10s)"
    parser.add_argument("--limit", metavar="TIME", type=duration, default=10.0, help=help)


def run(options: argparse.Namespace) -> int:
    try:
        asked, made_up = question(options, options.limit)
        try:
            status = _answer(options, asked)
        except Undecided:
            _undecided(options, asked)
            status = _UNDECIDED
    except DtmfError as error:
        show(error.diagnostics)
        return 1
    if made_up:
        tell(made_up)
    return status


def _answer(options: argparse.Namespace, asked: Question) -> int:
    if options.sweep:
        name, limits = options.sweep
        return _sweep(options, name, limits, sweep(asked, name, limits))
    if options.least_waits:
        return _least_waits(options, asked, least_waits(asked))
    proof = prove_with_fault(asked) if options.faults else prove(asked)
    found: tuple[Margin, ...] = ()
    if proof.verdict != "cannot-tell" and not options.faults:
        try:
            found = margins(asked, proof.loss.press.press if proof.loss else None)
        except Undecided:
            tell("the margins of the presses are not known: there was no time for all histories")
    if options.json:
        late("jsonoutput").show(as_json(proof, found, asked))
    else:
        _show(proof, found, asked)
    return {"proved": 0, "can-fail": _FAILS, "cannot-tell": _UNDECIDED}[proof.verdict]


def as_json(proof: Proof, found: Sequence[Margin], asked: Question) -> dict[str, Any]:
    """A proof as plain values. No secret key is in it."""
    loss = proof.loss
    return {
        "verdict": proof.verdict,
        "histories": proof.histories,
        "first_lost": loss
        and {
            "line": loss.press.line,
            "press": loss.press.press + 1,
            "key": loss.press.index + 1,
            "why": why(loss),
            "menu": loss.failure.place,
        },
        "witness": loss and {name: decimal(ms) for name, ms in loss.lengths.items()},
        "margins": [
            {
                "line": each.line,
                "press": each.press + 1,
                "early_ms": decimal(each.early_ms),
                "late_ms": decimal(each.late_ms),
            }
            for each in found
        ],
        "assumed": list(asked.assumed()),
    }


def why(loss: Loss) -> str:
    """What happens to a key, in words."""
    place, meant = f"`{loss.failure.place}`", f"`{loss.meant}`"
    short = f"up to {seconds(loss.short_ms)} before" if loss.short_ms else "at the very moment at which"
    match loss.failure.cause:
        case "ahead" | "speaking" as cause:
            moment = f"{place} {'starts' if cause == 'ahead' else 'listens'}"
            text = f"can come {short} {moment}" + ("" if loss.short_ms else ", and first")
        case "eaten":
            text = f"can stop what {place} says, which eats it"
        case "wrong":
            text = f"can come while {place} says that the keys before were wrong"
        case "over":
            text = f"can come after the end of the call, which is at {place} then"
        case "elsewhere":
            text = f"can be taken by {place}"
        case "apart":
            text = f"can be taken by {place} as a key of another entry"
        case "place":
            return f"can lead to {place}"
        case "lost" | "doubled" as what:
            return f"leads to {place} if it is {what}"
    return text if place == meant else f"{text}; it is meant for {meant}"


def _show(proof: Proof, found: Sequence[Margin], asked: Question) -> None:
    count = f"{proof.histories:,} {'history' if proof.histories == 1 else 'histories'}"
    scope = f"after the map `{asked.phone.name}`, blind, {count}"
    loss = proof.loss
    if proof.verdict == "proved":
        what = (
            "the call always ends at its place"
            if asked.fault
            else "every key is taken by the menu that it is meant for"
        )
        say(f"proved ({scope}): {what}")
    elif loss is None:
        say(f"cannot tell ({scope}): there was no time for all histories; --limit gives more")
    else:
        say(f"can fail ({scope}):")
        line = f" on line {loss.press.line}" if loss.press.line else ""
        say(f"  {_named(asked, loss.press.press)}{line} {why(loss)}")
        facts = [_fact(name, seconds(ms)) for name, ms in loss.lengths.items() if name in loss.decisive]
        if facts:
            say(f"  such as when {', '.join(facts[:-1])}{' and ' if facts[1:] else ''}{facts[-1]}")
        if not loss.slack_ms:
            say("  only where two moments fall together: the margin is 0")
    for margin in found:
        say(f"margin of {_named(asked, margin.press)}: {_margin(margin)}")
    for fact in asked.assumed():
        say(f"assumed: {fact}")


def _margin(margin: Margin) -> str:
    early, late = margin.early_ms, margin.late_ms
    if early is not None and early <= 0:
        return f"none: it comes up to {seconds(-early)} too early" if early else "0s"
    if late is not None and late <= 0:
        return f"none: it comes up to {seconds(-late)} too late" if late else "0s"
    ways = [f"{seconds(ms)} {way}" for ms, way in ((early, "earlier"), (late, "later")) if ms is not None]
    return " and ".join(ways) or "more than 30s"


def _named(asked: Question, number: int) -> str:
    """A press as the script may show it."""
    return f"`press {''.join(each.shown for each in asked.presses if each.press == number)}`"


_FACTS = {
    "answers": "the call is answered after {}",
    "keys.arrive": "keys arrive after {}",
    "key": "a key takes {}",
    "key.tone": "a tone takes {}",
    "key.gap": "a gap takes {}",
    "request": "a request takes {}",
    "wait": "what waits for an event waits {}",
    "says": "`{menu}` speaks for {}",
    "starts": "`{menu}` starts after {}",
    "silence": "`{menu}` listens for {}",
    "between": "`{menu}` waits {} between keys",
    "within": "`{menu}` waits {} after an entry",
    "whole": "`{menu}` waits {} for an entry",
    "wrong": "`{menu}` complains for {}",
}


def _fact(name: str, length: str) -> str:
    """A length in words. Of several of one kind, a number stands at the end of the name."""
    kind = re.sub(r"\.[0-9]+$", "", name)
    menu, _, part = kind.partition(".")
    return _FACTS.get(kind, _FACTS.get(part, name + " is {}")).format(length, menu=menu)


_BAR = 60


def _sweep(options: argparse.Namespace, name: str, limits: Range, failing: Sequence[Interval]) -> int:
    if options.json:
        late("jsonoutput").show({"fails": [[decimal(low), decimal(high)] for low, high in failing]})
        return _FAILS if failing else 0
    if not failing:
        say(f"never fails with {name} of {seconds(limits[0])} to {seconds(limits[1])}, after the map, blind")
        return 0
    spans = " and ".join(f"{seconds(low)} to {seconds(high)}" for low, high in failing)
    say(f"can fail with {name} of {spans}, after the map, blind")
    width = Fraction(limits[1] - limits[0], _BAR)
    cells = [(limits[0] + width * cell, limits[0] + width * (cell + 1)) for cell in range(_BAR)]
    bar = "".join(
        "#" if any(low < end and begin < high for low, high in failing) else "." for begin, end in cells
    )
    say(f"{seconds(limits[0])} {bar} {seconds(limits[1])}   (# can fail)")
    return _FAILS


def _least_waits(options: argparse.Namespace, asked: Question, found: tuple[int, ...] | NoWait) -> int:
    if isinstance(found, NoWait):
        parts = dict(found.parts)
        if options.json:
            none = {"spread_ms": found.spread_ms, "listening_ms": found.listening_ms, "parts": parts}
            late("jsonoutput").show({"none": none})
            return _FAILS
        line = f" on line {found.line}" if found.line else ""
        total = " + ".join(seconds(ms) for ms in parts.values())
        press = f"{_named(asked, found.press)}{line}"
        if found.sure:
            say(f"no blind wait before {press} always arrives, after the map:")
        else:
            say(f"no blind wait before {press} was found that always arrives, after the map:")
        spread, listening = seconds(found.spread_ms), seconds(found.listening_ms)
        say(f"  {total} = {spread} of spread against {listening} of listening")
        say(f"  the spread is that of {', '.join(parts)}")
        say('  two ways out: a cue (`wait up to … for "…"`), or a better measured interval')
        return _FAILS
    if options.json:
        late("jsonoutput").show({"waits_ms": list(found)})
        return 0
    say("the least waits that always arrive, after the map, blind:")
    for number, ms in enumerate(found):
        say(f"  wait {seconds(ms)} before {_named(asked, number)}")
    return 0


def _undecided(options: argparse.Namespace, asked: Question) -> None:
    if options.json and not (options.sweep or options.least_waits):
        late("jsonoutput").show(as_json(Proof("cannot-tell", 0, None), (), asked))
    elif options.json:
        late("jsonoutput").show({"verdict": "cannot-tell"})
    else:
        say("cannot tell: there was no time for all histories; --limit gives more")

"""Try a script on a map of the phone line: one call, or a rate over many.

Each length is the one of `--set main.says=6.4s`, or else one at random within the map's. A rate over random
lengths is no probability: the map does not say which lengths are usual. `dtmfdsl prove` looks at all.

Exit status: 0 every key was taken by the menu that it is meant for, 1 one was not.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import TypeAlias

from dtmfdsl.cli.late import late
from dtmfdsl.cli.output import show
from dtmfdsl.cli.phones import add_phone, decimal, question, seconds
from dtmfdsl.cli.streams import Refusal, say, tell
from dtmfdsl.diagnostics import DtmfError, closest, did_you_mean
from dtmfdsl.notation import counted
from dtmfdsl.phone.call import Endless, Entered, Heard, Lost, Said, Took, call
from dtmfdsl.phone.presses import arrivals
from dtmfdsl.phone.prover import Failure, Question
from dtmfdsl.phone.worlds import Numbers, Undecided

Ms: TypeAlias = Fraction | int

_LENGTH = re.compile(r"(key|answers|request)(\.|$)|.*\.")


def configure(parser: argparse.ArgumentParser) -> None:
    add_phone(parser)
    parser.add_argument("--seed", type=int, default=0, help="the seed of the random lengths (0)")
    parser.add_argument("--calls", type=int, default=1, metavar="N", help="how many calls (1)")


def run(options: argparse.Namespace) -> int:
    given = _given(options)
    if options.calls < 1:
        raise Refusal("--calls takes a number above zero")
    try:
        asked, made_up = question(options)
        _ = asked.meant
        _refuse_unknown(asked, given)
        chance = random.Random(options.seed)  # noqa: S311 - no secret depends on it
        status = (_one if options.calls == 1 else _many)(options, asked, given, chance)
    except DtmfError as error:
        show(error.diagnostics)
        return 1
    except (Endless, Undecided):
        tell("the call goes round in the map without end")
        return 3
    if made_up:
        tell(made_up)
    return status


def _given(options: argparse.Namespace) -> dict[str, Ms]:
    """The lengths of `--set`, in milliseconds; what is left there are values of params."""
    given: dict[str, Ms] = {}
    rest = []
    for each in options.assignments:
        name, _, value = each.partition("=")
        if not _LENGTH.match(name.strip()):
            rest.append(each)
            continue
        found = re.fullmatch(r"(\d+(?:\.\d+)?) *(ms|s)", value.strip())
        if not found:
            raise Refusal(f"the length {name.strip()} is a time, such as 6.4s or 571.5ms")
        given[name.strip()] = Fraction(found[1]) * (1000 if found[2] == "s" else 1)
    options.assignments = rest
    return given


def _refuse_unknown(asked: Question, given: dict[str, Ms]) -> None:
    """Raises Refusal for a length that no call after this map has."""
    parts = ("says", "starts", "silence", "between", "within", "whole", "wrong")
    known = ["answers", "keys.arrive", "key", "key.tone", "key.gap", "request", "wait"]
    known += [f"{menu.name}.{part}" for menu in asked.phone.menus for part in parts]
    for name in given:
        if re.sub(r"\.[0-9]+$", "", name) not in known:
            help = did_you_mean(closest(name, known), f"there are {', '.join(known)}")
            raise Refusal(f"there is no length {name} in this map: {help}")


def _world(given: dict[str, Ms], chance: random.Random) -> Numbers:
    return Numbers(given, chance, chance.random() < 0.5)


def _one(options: argparse.Namespace, asked: Question, given: dict[str, Ms], chance: random.Random) -> int:
    world = _world(given, chance)
    failure = asked.failure(world)
    rows = list(_rows(asked, world))
    lengths = {name: decimal(ms) for name, ms in world.lengths.items()}
    if options.json:
        steps = [{"at_ms": decimal(at), "we": we or None, "they": they or None} for at, we, they in rows]
        late("jsonoutput").show(
            {
                "arrived": failure is None,
                "first_lost": _place(asked, failure),
                "lengths": lengths,
                "steps": steps,
            }
        )
    else:
        width = max([len(we) for _, we, _ in rows] + [2])
        say(f"{'TIME':>9}  {'WE'.ljust(width)}  THEY")
        for at, we, they in rows:
            say(f"{seconds(at):>9}  {we.ljust(width)}  {they}".rstrip())
        if failure is None:
            say("every key was taken by the menu that it is meant for")
        else:
            press = asked.presses[failure.key]
            line = f" of line {press.line}" if press.line else ""
            meant = asked.meant.takers[failure.key][0]
            say(f"the key `{press.shown}`{line} was not taken as it is meant, by `{meant}`")
    return 0 if failure is None else 1


def _place(asked: Question, failure: Failure[Ms] | None) -> dict[str, int | str | None] | None:
    if failure is None:
        return None
    press = asked.presses[failure.key]
    return {
        "line": press.line,
        "press": press.press + 1,
        "key": press.index + 1,
        "why": failure.cause,
        "menu": failure.place,
    }


def _many(options: argparse.Namespace, asked: Question, given: dict[str, Ms], chance: random.Random) -> int:
    lost: Counter[int] = Counter()
    for _ in range(options.calls):
        failure = asked.failure(_world(given, chance))
        if failure:
            lost[failure.key] += 1
    arrived = options.calls - lost.total()
    if options.json:
        first = [
            {"line": press.line, "press": press.press + 1, "key": press.index + 1, "calls": count}
            for press, count in ((asked.presses[key], count) for key, count in sorted(lost.items()))
        ]
        late("jsonoutput").show(
            {"calls": options.calls, "seed": options.seed, "arrived": arrived, "lost": first}
        )
        return 1 if lost else 0
    calls = counted(options.calls, "call")
    say(f"{arrived:,} of {calls} arrived, with random lengths; this is no probability")
    for key, count in sorted(lost.items()):
        press = asked.presses[key]
        say(f"  the key `{press.shown}` of line {press.line or '?'} was lost in {counted(count, 'call')}")
    return 1 if lost else 0


def _rows(asked: Question, world: Numbers) -> Iterator[tuple[Ms, str, str]]:
    """What we do and what they do, in order of time."""
    times = arrivals(asked.played, asked.phone, asked.lengths, world, {})
    keys = "".join(press.key for press in asked.presses)
    rows: list[tuple[Ms, int, str, str]] = []
    steps = list(call(asked.phone, keys, times, world))
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        match step:
            case Entered():
                rows.append((step.at, 2, "", f"-> {step.place}"))
            case Said():
                what = "says that the keys are wrong" if step.wrong else "speaks"
                stopped = isinstance(after, Heard) and after.end < step.end
                end = after.end if isinstance(after, Heard) and stopped else step.end
                rows.append((step.start, 3, "", f"{step.menu} {what} until {seconds(end)}"))
            case Heard() if step.end >= step.start:
                rows.append((step.start, 4, "", f"{step.menu} listens until {seconds(step.end)}"))
            case Took() | Lost():
                shown = f"key {asked.presses[step.key].shown}"
                they = (
                    f"{step.menu} takes it" if isinstance(step, Took) else f"lost: {step.menu} ({step.why})"
                )
                rows.append((times[step.key], 1, shown, they))
    for at, _, we, they in sorted(rows, key=lambda row: row[:2]):
        yield at, we, they

"""For which lengths a script can fail: a sweep over one length, margins of presses, and the least waits.

The histories that fail are regions of all lengths. Their projections on one length are exact, with holes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

import attrs

from dtmfdsl.diagnostics import DtmfError, closest, did_you_mean
from dtmfdsl.phone.linear import Sum
from dtmfdsl.phone.map import Range
from dtmfdsl.phone.prover import Failure, Question, Wait
from dtmfdsl.phone.worlds import History, Undecided

Interval: TypeAlias = tuple[Fraction, Fraction]
"""The least and the greatest of some lengths, both included, in milliseconds."""


def joined(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same lengths as intervals that do not touch, in order."""
    found: list[Interval] = []
    for low, high in sorted(intervals):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def sweep(question: Question, name: str, limits: Range) -> tuple[Interval, ...]:
    """For which values of one length the script can fail. Single values are left out.

    Raises DtmfError if there is no length of this name, and Undecided.
    """
    asked = attrs.evolve(question, given={**question.given, name: limits})
    failing, _ = _failing(asked, name)
    return tuple((low, high) for low, high in failing if low < high)


def _failing(
    question: Question, name: str
) -> tuple[tuple[Interval, ...], list[History[Failure[Sum] | None]]]:
    """The values of a length with which the script can fail, and all histories."""
    histories = list(question.histories())
    known = histories[0].region.limits
    if name not in known:
        message = f"there is no length `{name}` in this call"
        help = did_you_mean(closest(name, known), f"there are {', '.join(known)}")
        raise DtmfError.of("no-such-length", message, help=help)
    return joined(_within(history, name) for history in histories if history.result), histories


def _within(history: History[Failure[Sum] | None], name: str) -> Interval:
    of = Sum(0, {name: 1})
    return history.region.minimum(of), history.region.maximum(of)


@attrs.frozen
class Margin:
    """By how much a press can come earlier or later, in milliseconds, before a key of it can be lost.

    None: nothing is lost up to 30 s later, or as early as the key before it allows. A key that can be lost as
    it is comes too early by less than -`early_ms`, or too late by less than -`late_ms`; both are 0 where no
    other time helps.
    """

    press: int
    line: int | None
    early_ms: Fraction | None
    late_ms: Fraction | None


_LATE_MS = 30_000


def margins(question: Question, last: int | None = None) -> tuple[Margin, ...]:
    """The margin of each press, up to the one of number `last`. Raises Undecided."""
    keys = question.presses
    ends = question.clock() + question.limit_s
    found = []
    for first, count in _groups(question):
        key = keys[first]
        if last is not None and key.press > last:
            break
        wait = Wait("shift", 0, (-key.after_ms, _LATE_MS))
        asked = question.part(ends, waits={**question.waits, first: wait}, count=count)
        failing, _ = _failing(asked, wait.name)
        found.append(Margin(key.press, key.line, *_around(failing, *wait.range_ms)))
    return tuple(found)


def _around(failing: Sequence[Interval], least: int, most: int) -> tuple[Fraction | None, Fraction | None]:
    """How far it is from 0 to the intervals, or if it is in one, to its nearest end, as a negative number."""
    before = max((high for low, high in failing if high < 0), default=None)
    after = min((low for low, high in failing if low > 0), default=None)
    early, late = None if before is None else -before, after
    for low, high in failing:
        if low <= 0 <= high:
            if high >= most and low <= least:
                return Fraction(0), Fraction(0)
            if high < most and (low <= least or high <= -low):
                return -high, late
            return early, low
    return early, late


def _groups(question: Question) -> Iterator[tuple[int, int]]:
    """The first key of each press, and how many keys there are up to its end."""
    firsts = [index for index, key in enumerate(question.presses) if key.index == 0]
    yield from zip(firsts, [*firsts[1:], len(question.presses)], strict=True)


@attrs.frozen
class NoWait:
    """Why there is no wait: a key can come within `spread_ms`, and its menu takes it for `listening_ms`.

    `parts` are what the spread is the sum of, in milliseconds, by the length's name. `sure`: it is proved for
    all waits up to a minute; else only for those before it that were tried.
    """

    press: int
    line: int | None
    menu: str
    listening_ms: int
    parts: Mapping[str, int]
    sure: bool

    @property
    def spread_ms(self) -> int:
        return sum(self.parts.values())


_LONGEST_MS = 60_000


def least_waits(question: Question) -> tuple[int, ...] | NoWait:
    """The least wait before each press with which the script is proved, in order; or why there is none.

    Each is the shortest after those before it. Where nothing follows on the shortest ones, longer ones are
    tried: those at which the histories change. All are whole steps of the dialect. Raises Undecided.
    """
    return _Search(question).run()


class _Search:
    """Goes from press to press, and back where a press has no wait."""

    def __init__(self, question: Question):
        self.question = question
        self.groups = list(_groups(question))
        self.ends = question.clock() + question.limit_s
        self.none: NoWait | None = None
        dialect = question.played.dialect
        pauses = [ms for _, ms in dialect.pauses if ms]
        self.step = dialect.counted.unit_ms if dialect.counted else min(pauses, default=1)

    def run(self) -> tuple[int, ...] | NoWait:
        if len(self.groups) > _MOST_PRESSES:
            raise Undecided
        found = self.search(())
        if found is None and self.none is None:
            raise Undecided
        return found if found is not None else self.none or ()

    def search(self, found: tuple[int, ...]) -> tuple[int, ...] | None:
        """The waits that follow on these; None if there are none."""
        if len(found) == len(self.groups):
            return found
        waits = [*((ms, ms) for ms in found), (0, _LONGEST_MS)]
        keys = [first for first, _ in self.groups[: len(waits)]]
        names = [*(f"wait {number}" for number in range(len(found))), _UNKNOWN]
        instead = {
            key: Wait(name, self.question.presses[key].after_ms, wait)
            for key, name, wait in zip(keys, names, waits, strict=True)
        }
        last = len(waits) == len(self.groups)
        count = None if last else self.groups[len(found)][1]
        asked = self.question.part(self.ends, waits=instead, count=count)
        failing, histories = _failing(asked, _UNKNOWN)
        # A wait that is not the shortest is of use only where the histories change with it.
        changes = {Fraction(0), *(end for each in histories for end in _within(each, _UNKNOWN))}
        good = sorted({self.next_good(change, failing) for change in changes})
        good = [ms for ms in good if ms <= _LONGEST_MS]
        if not good and self.none is None:
            self.none = _no_wait(asked, histories, sure=not found)
        for ms in good[:1] if last else good:
            whole = self.search((*found, ms))
            if whole is not None:
                return whole
        return None

    def next_good(self, least: Fraction, failing: Sequence[Interval]) -> int:
        """The first whole step from here on that is in no interval."""
        steps = math.ceil(least / self.step)
        for low, high in failing:
            if low <= steps * self.step <= high:
                steps = math.floor(high / self.step) + 1
        return steps * self.step


_UNKNOWN = "the wait"
_MOST_PRESSES = 300
"""How many presses the search takes: each is a call of a function in the one before."""


def _no_wait(
    question: Question, histories: Iterable[History[Failure[Sum] | None]], *, sure: bool
) -> NoWait | None:
    """The sum that leaves no wait, of the failure with the greatest spread."""
    found: list[NoWait] = []
    for history in histories:
        failure = history.result
        if failure is None or failure.opened is None:
            continue
        menu = question.phone.menu(question.meant.takers[failure.key][0])
        if menu is None:
            continue
        prompt = menu.says_ms[0] if menu.early in ("stop", "held") else 0
        limits, parts = history.region.limits, {}
        for name, count in (failure.came - failure.opened).times.items():
            low, high = limits[name]
            parts[name] = abs(count) * (high - low)
        parts.pop(_UNKNOWN, None)
        press = question.presses[failure.key]
        found.append(
            NoWait(press.press, press.line, menu.name, prompt + menu.silence.after_ms[0], parts, sure)
        )
    return max(found, key=lambda each: each.spread_ms, default=None)

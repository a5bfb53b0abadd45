"""Where a call happens: in numbers, or in all histories that are possible."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Generic, TypeVar

import attrs

from dtmfdsl.phone.linear import Region, Sum
from dtmfdsl.phone.map import Range

R = TypeVar("R")


class Numbers:
    """A world in which each length is one number of milliseconds: the given one, else one at random.

    What `either` says is given as 0 or 1.
    """

    def __init__(self, given: Mapping[str, Fraction | int], chance: random.Random, either: bool = True):
        self.lengths: dict[str, Fraction | int] = dict(given)
        self.chance = chance
        self.side = either

    def length(self, name: str, limits: Range) -> Fraction | int:
        if not name:
            return limits[0]
        if name not in self.lengths:
            self.lengths[name] = self.chance.randint(*limits)
        return self.lengths[name]

    def before(self, first: Fraction | int, second: Fraction | int) -> bool:
        return first < second

    def either(self, name: str) -> bool:
        return bool(self.lengths.get(name, self.side))


@attrs.frozen
class History(Generic[R]):
    """One order of all moments: what happens in it, and the lengths with which it happens.

    `sums` are not negative in it, one for each question that had two answers; where one is 0, two moments
    fall together. `sides` has what `either` said in it.
    """

    result: R
    region: Region
    sums: tuple[Sum, ...]
    sides: Mapping[str, bool] = attrs.field(factory=dict)

    def middle(self) -> tuple[dict[str, Fraction], Fraction]:
        """Lengths of this history that are as far as can be from any other order, and how far that is.

        The least of all sums is as great as it can be there. 0 is a tie: two moments always fall together.
        The lengths are whole milliseconds if those are of this history too.
        """
        slack = "slack of the history"
        limits = {**self.region.limits, slack: (0, _LONG_MS)}
        region = Region(limits).narrowed([each - Sum(0, {slack: 1}) for each in self.sums])
        point = region.greatest(Sum(0, {slack: 1}))
        most = point.pop(slack)
        whole = {name: Fraction(round(length)) for name, length in point.items()}
        if most and all(each.at(whole) > 0 for each in self.sums):
            point = whole
        return point, most


_LONG_MS = 10**9


class Undecided(Exception):
    """There was no time for all histories."""


class Sums:
    """A world in which each length is all that it can be; one path through the histories.

    `answers` are those of the first questions; the region is where they hold.
    """

    def __init__(
        self, histories: Histories, answers: tuple[bool, ...], region: Region, sums: tuple[Sum, ...]
    ):
        self.histories = histories
        self.answers = list(answers)
        self.region = region
        self.sums = sums
        self.asked = 0
        self.sides: dict[str, bool] = {}

    def length(self, name: str, limits: Range) -> Sum:
        return self.histories.length(name, limits)

    def before(self, first: Sum, second: Sum) -> bool:
        apart = second - first
        low, high = apart.bounds(self.histories.limits)
        if low > 0 or high < 0:
            return low > 0
        return self.answer(apart)

    def either(self, name: str) -> bool:
        if name not in self.sides:
            self.sides[name] = self.answer(None)
        return self.sides[name]

    def answer(self, apart: Sum | None) -> bool:
        """The answer to a question; the other one, if it is possible too, is for another path."""
        self.histories.check()
        self.asked += 1
        if self.asked <= len(self.answers):
            return self.answers[self.asked - 1]
        if apart is None:
            self.histories.later((*self.answers, False), self.region, self.sums)
            self.answers.append(True)
            return True
        yes, no = self.region.narrowed([apart]), self.region.narrowed([-apart])
        if not yes.empty and not no.empty:
            self.histories.later((*self.answers, False), no, (*self.sums, -apart))
            self.region, self.sums = yes, (*self.sums, apart)
        self.answers.append(not yes.empty)
        return not yes.empty


class Histories:
    """All histories of a call, each in its region of the lengths.

    `limits` holds the least and the greatest of each length; those of `given` stand in place of a map's.
    """

    def __init__(self, given: Mapping[str, Range], check: Callable[[], None] = lambda: None):
        self.given = given
        self.limits: dict[str, Range] = {}
        self.known: dict[str, Sum] = {}
        self.check = check
        self.todo: list[tuple[tuple[bool, ...], Region, tuple[Sum, ...]]] = []

    def length(self, name: str, limits: Range) -> Sum:
        if not name:
            return Sum(limits[0])
        if name not in self.known:
            low, high = self.limits[name] = self.given.get(name, limits)
            self.known[name] = Sum(low) if low == high else Sum(0, {name: 1})
        return self.known[name]

    def later(self, answers: tuple[bool, ...], region: Region, sums: tuple[Sum, ...]) -> None:
        self.todo.append((answers, region, sums))

    def all(self, run: Callable[[Sums], R]) -> Iterator[History[R]]:
        """Runs something in every history. `check` is called at each question, and may raise."""
        self.later((), Region(self.limits), ())
        while self.todo:
            self.check()
            world = Sums(self, *self.todo.pop())
            result = run(world)
            yield History(result, world.region, world.sums, world.sides)

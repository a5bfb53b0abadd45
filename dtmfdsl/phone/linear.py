"""Sums of unknown lengths, and what they can be: exact linear programming over whole numbers.

A call's times are sums such as `9000 + key + keys.arrive`. A `Region` holds what is known of the unknowns:
the bounds of each, and sums that are not negative. It says whether anything is left, and how great a sum can
be. There are no floats, so that two moments that can fall together are never told apart by an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TypeAlias

import attrs

Limits: TypeAlias = Mapping[str, tuple[int, int]]
"""The least and the greatest length of each unknown, by its name, in milliseconds."""


@attrs.frozen
class Sum:
    """A whole number of milliseconds, and so many times each of some unknown lengths."""

    constant: int = 0
    times: Mapping[str, int] = attrs.field(factory=dict)

    def __add__(self, other: Sum | int) -> Sum:
        if isinstance(other, int):
            return Sum(self.constant + other, self.times)
        times = dict(self.times)
        for name, count in other.times.items():
            times[name] = times.get(name, 0) + count
        return Sum(self.constant + other.constant, {name: count for name, count in times.items() if count})

    def __neg__(self) -> Sum:
        return Sum(-self.constant, {name: -count for name, count in self.times.items()})

    def __sub__(self, other: Sum | int) -> Sum:
        return self + -other

    def at(self, point: Mapping[str, Fraction]) -> Fraction:
        """What it is where the unknowns have these lengths."""
        return self.constant + sum((count * point[name] for name, count in self.times.items()), Fraction(0))

    def bounds(self, limits: Limits) -> tuple[int, int]:
        """What it is at least and at most, if nothing else is known of the unknowns. Both can happen."""
        low = high = self.constant
        for name, count in self.times.items():
            least, most = limits[name]
            low += count * (least if count > 0 else most)
            high += count * (most if count > 0 else least)
        return low, high


class Region:
    """All lengths of some unknowns within their limits for which some sums are not negative.

    A bounded simplex on whole numbers, in the form of a dictionary: each basic variable, times one common
    denominator, is a row of whole numbers over the others, which are all 0. Every variable counts from its
    lower limit; one that stands at its upper limit is replaced by its distance from there. After Bland the
    variable of the smallest number moves first, so that it always ends. Numbers stay whole because an entry
    is always a determinant of the first entries (Edmonds; Bareiss 1968).

    An unknown comes in with the first sum that holds it: `limits` may grow.
    """

    def __init__(self, limits: Limits):
        self.limits = limits
        self.numbers: dict[str, int] = {}
        self.most: list[int | None] = []
        """How far each variable can go from its lower limit; None: without end."""
        self.flipped: list[bool] = []
        self.columns: list[int] = []
        self.rows: list[list[int]] = []
        """The constant of each basic variable, and then its columns; all times `scale`."""
        self.basic: list[int] = []
        self.scale = 1
        self.empty = False

    def copy(self) -> Region:
        """Another region, which may be narrowed without narrowing this one."""
        new = Region.__new__(Region)
        new.limits, new.numbers = self.limits, self.numbers.copy()
        new.most, new.flipped = self.most.copy(), self.flipped.copy()
        new.columns, new.basic = self.columns.copy(), self.basic.copy()
        new.rows = [row.copy() for row in self.rows]
        new.scale, new.empty = self.scale, self.empty
        return new

    def narrowed(self, sums: Iterable[Sum]) -> Region:
        """The part of it in which these sums are not negative either."""
        new = self.copy()
        for each in sums:
            new._add(each)
        new.empty = new.empty or not new._repair()
        return new

    def maximum(self, of: Sum) -> Fraction:
        """How great a sum can be. Raises ValueError if nothing is left, or nothing limits it."""
        return self.copy()._climb(of)

    def minimum(self, of: Sum) -> Fraction:
        """How small a sum can be. Raises ValueError as `maximum` does."""
        return -self.maximum(-of)

    def greatest(self, of: Sum) -> dict[str, Fraction]:
        """Lengths of all unknowns for which a sum is as great as it can be. Raises as `maximum` does."""
        new = self.copy()
        new._climb(of)
        rows = dict(zip(new.basic, new.rows, strict=True))
        found = {}
        for name, (low, high) in self.limits.items():
            number = new.numbers.get(name)
            value = Fraction(rows[number][0], new.scale) if number in rows else Fraction(0)
            found[name] = high - value if number is not None and new.flipped[number] else low + value
        return found

    def _add(self, of: Sum) -> None:
        """A sum becomes a basic variable."""
        self.rows.append(self._row(of))
        self.basic.append(len(self.most))
        self.most.append(None)
        self.flipped.append(False)

    def _number(self, name: str) -> int:
        """The variable of an unknown, which comes in as a column if it is new."""
        if name not in self.numbers:
            low, high = self.limits[name]
            self.empty = self.empty or high < low
            self.numbers[name] = len(self.most)
            self.columns.append(len(self.most))
            self.most.append(high - low)
            self.flipped.append(False)
            for row in self.rows:
                row.append(0)
        return self.numbers[name]

    def _row(self, of: Sum) -> list[int]:
        """A sum over the columns."""
        terms = [(self._number(name), self.limits[name], count) for name, count in of.times.items()]
        row = [of.constant * self.scale] + [0] * len(self.columns)
        places = {number: place for place, number in enumerate(self.basic)}
        for number, (low, high), count in terms:
            flipped = self.flipped[number]
            row[0] += count * (high if flipped else low) * self.scale
            count = -count if flipped else count
            if number in places:
                row = [old + count * new for old, new in zip(row, self.rows[places[number]], strict=True)]
            else:
                row[1 + self.columns.index(number)] += count * self.scale
        return row

    def _repair(self) -> bool:
        """Brings every basic variable within its limits. False if that cannot be."""
        while True:
            wrong = [(number, place) for place, number in enumerate(self.basic) if self._outside(place)]
            if not wrong:
                return True
            _, place = min(wrong)
            if self.rows[place][0] >= 0:
                self._flip_basic(place)
            ways = self._ways(place)
            if not ways:
                return False
            self._pivot(place, min(ways)[1])

    def _ways(self, place: int) -> list[tuple[int, int]]:
        """The variables that can grow and make a row greater, each with its column."""
        steps = zip(self.columns, self.rows[place][1:], strict=True)
        return [
            (number, at) for at, (number, step) in enumerate(steps) if step > 0 and self.most[number] != 0
        ]

    def _outside(self, place: int) -> bool:
        value, most = self.rows[place][0], self.most[self.basic[place]]
        return value < 0 or (most is not None and value > most * self.scale)

    def _climb(self, of: Sum) -> Fraction:
        """Goes to where a sum is greatest, and returns it."""
        if self.empty:
            raise ValueError("there is nothing in it")
        self._add(of)
        goal = len(self.rows) - 1
        while True:
            ways = self._ways(goal)
            if not ways:
                return Fraction(self.rows[goal][0], self.scale)
            number, at = min(ways)
            # How far the variable can go until it, or a basic one, is at a limit. The first such one leaves.
            most = self.most[number]
            stops = [] if most is None else [(Fraction(most), number, -1)]
            for place in range(goal):
                step, value, limit = (
                    self.rows[place][1 + at],
                    self.rows[place][0],
                    self.most[self.basic[place]],
                )
                if step < 0:
                    stops.append((Fraction(value, -step), self.basic[place], place))
                elif step > 0 and limit is not None:
                    stops.append((Fraction(limit * self.scale - value, step), self.basic[place], place))
            if not stops:
                raise ValueError("nothing limits it")
            _, _, place = min(stops)
            if place < 0:
                self._flip_column(at)
                continue
            if self.rows[place][1 + at] > 0:
                self._flip_basic(place)
            self._pivot(place, at)

    def _flip_column(self, at: int) -> None:
        number = self.columns[at]
        most = self.most[number] or 0
        self.flipped[number] = not self.flipped[number]
        for row in self.rows:
            row[0] += row[1 + at] * most
            row[1 + at] = -row[1 + at]

    def _flip_basic(self, place: int) -> None:
        number = self.basic[place]
        self.flipped[number] = not self.flipped[number]
        row = [-each for each in self.rows[place]]
        row[0] += (self.most[number] or 0) * self.scale
        self.rows[place] = row

    def _pivot(self, place: int, at: int) -> None:
        """Lets a basic variable and a column change places."""
        at += 1
        leaving = self.rows[place]
        turn = leaving[at]
        sign = 1 if turn > 0 else -1
        scale = self.scale
        for index, row in enumerate(self.rows):
            factor = row[at]
            if index == place:
                continue
            pairs = zip(row, leaving, strict=True)
            new = [(turn * old - factor * mine) // scale * sign for old, mine in pairs]
            new[at] = factor * sign
            self.rows[index] = new
        new = [-mine * sign for mine in leaving]
        new[at] = scale * sign
        self.rows[place] = new
        self.scale = turn * sign
        self.basic[place], self.columns[at - 1] = self.columns[at - 1], self.basic[place]

"""Whether each key of a script is taken by the menu that it is meant for, in every history of a call.

A history ends at its first key that is lost, so that the work grows with the script and not with all that
could happen after. "Proved" is said only when all histories were followed, and is about the map.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, Generic, Literal, TypeAlias

import attrs

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.phone.call import Endless, Entered, Lost, Said, T, Took, Why, World, call
from dtmfdsl.phone.linear import Sum
from dtmfdsl.phone.map import PhoneMap, Range, Target
from dtmfdsl.phone.meaning import Expected, Meant, meaning
from dtmfdsl.phone.presses import Lengths, Played, Press, arrivals
from dtmfdsl.phone.worlds import Histories, History, Undecided

Verdict: TypeAlias = Literal["proved", "can-fail", "cannot-tell"]

Cause: TypeAlias = Why | Literal["elsewhere", "apart", "place", "lost", "doubled"]
"""Why a key fails: it is lost, another menu takes it, or its menu takes it as part of another entry; or the
last place is not the one that was asked for; or it is not, because this key was not heard, or twice."""


@attrs.frozen
class Failure(Generic[T]):
    """The first key of a history that is not taken as it is meant.

    `place` is where the call was then. `came` is when the key came; `until` is the moment before which it was
    lost, if another moment would have saved it; `opened` is when the menu that it was meant for first took
    keys, if it did.
    """

    key: int
    cause: Cause
    place: Target
    came: T
    until: T | None = None
    opened: T | None = None


@attrs.frozen
class Fault:
    """A tone that the line does not hear, or hears as two: the key of this index."""

    key: int
    what: Literal["lost", "doubled"]


@attrs.frozen
class Wait:
    """A wait in place of another: it takes `range_ms` and stands for `instead_ms` of the script."""

    name: str
    instead_ms: int
    range_ms: Range


@attrs.frozen(slots=False)
class Question:
    """A script and a map, and what is asked of them.

    `to` is the place where the last key must lead, or None if that does not matter. `given` has lengths in
    place of those of the map, by name. `waits` stand in place of the silence before a key, by its index.
    `count` is how many keys are looked at; None: all. With a `fault`, only the last place counts. After
    `limit_s` seconds of `clock` it is given up.
    """

    played: Played
    phone: PhoneMap
    lengths: Lengths
    to: Target | None = None
    expected: tuple[Expected, ...] = ()
    given: Mapping[str, Range] = attrs.field(factory=dict)
    waits: Mapping[int, Wait] = attrs.field(factory=dict)
    count: int | None = None
    fault: Fault | None = None
    limit_s: float = 10
    clock: Callable[[], float] = time.monotonic

    @property
    def presses(self) -> tuple[Press, ...]:
        """All keys of the script."""
        return self.played.presses

    @cached_property
    def meant(self) -> Meant:
        """What the keys are for. Raises DtmfError as `meaning` does, and if they do not lead to `to`."""
        found = meaning(self.phone, self.presses, self.expected)
        if self.to is not None and found.place != self.to:
            message = f"the script does not lead to `{self.to}`, after the map"
            raise DtmfError.of("not-there", message, help=f"it leads to `{found.place}`")
        return found

    def part(self, ends: float, **changes: Any) -> Question:
        """A question that is part of this one, with what is left of its time until `ends` of the clock."""
        return attrs.evolve(self, limit_s=ends - self.clock(), **changes)

    def assumed(self) -> tuple[str, ...]:
        """What neither the map nor the dialect says, in words."""
        return (*map(str, self.phone.assumed), *self.lengths.assumed())

    def histories(self) -> Iterator[History[Failure[Sum] | None]]:
        """All histories, each up to its first failure. Raises Undecided if they are too many."""
        _ = self.meant
        ends = self.clock() + self.limit_s

        def check() -> None:
            if self.clock() > ends:
                raise Undecided

        return Histories(self.given, check).all(self.failure)

    def failure(self, world: World[T]) -> Failure[T] | None:
        """The first failure in a world. Raises Undecided if the call goes round without end."""
        try:
            return self._failure(world)
        except Endless:
            raise Undecided from None

    def _failure(self, world: World[T]) -> Failure[T] | None:
        later = {}
        for key, wait in self.waits.items():
            less = world.length("", (-wait.instead_ms, -wait.instead_ms))
            later[key] = world.length(wait.name, wait.range_ms) + less
        times = arrivals(self.played, self.phone, self.lengths, world, later)[: self.count]
        keys = "".join(press.key for press in self.presses[: self.count])
        if self.fault:
            return self._faulty(world, self.fault, keys, times)
        place: Target = ""
        opened: T | None = None
        for step in call(self.phone, keys, times, world):
            match step:
                case Entered():
                    place, opened = step.place, None
                case Said(wrong=False) if opened is None:
                    menu = self.phone.menu(step.menu)
                    opened = step.start if menu and menu.early in ("stop", "held") else step.end
                case Took() if (step.menu, step.index) != self.meant.takers[step.key]:
                    cause: Cause = "apart" if step.menu == self.meant.takers[step.key][0] else "elsewhere"
                    return Failure(step.key, cause, step.menu, times[step.key], None, opened)
                case Took() if step.key + 1 == len(times) and (self.to is None or self.count):
                    return None
                case Lost():
                    return Failure(step.key, step.why, step.menu, times[step.key], step.until, opened)
        if self.to is None or place == self.to or not times:
            return None
        return Failure(len(times) - 1, "place", place, times[-1])

    def _faulty(self, world: World[T], fault: Fault, keys: str, times: list[T]) -> Failure[T] | None:
        """The failure of a call with a fault: it does not end where it should."""
        at, copies = fault.key, 0 if fault.what == "lost" else 2
        keys = keys[:at] + keys[at] * copies + keys[at + 1 :]
        heard = times[:at] + [times[at]] * copies + times[at + 1 :]
        place: Target = self.phone.menus[0].name
        for step in call(self.phone, keys, heard, world):
            place = step.place if isinstance(step, Entered) else place
        if place == (self.to or self.meant.place):
            return None
        return Failure(at, fault.what, place, times[at])


@attrs.frozen
class Loss:
    """The first press that can be lost, and how.

    `lengths` are those of a call in which it happens, by name, in milliseconds. `slack_ms` is how far they
    are from any other order of moments; 0: it happens only where two moments fall together. `short_ms` is by
    how much the key can come too early, at most, if that is the cause. `decisive` are the names of the
    lengths that it depends on.
    """

    press: Press
    meant: str
    failure: Failure[Sum]
    lengths: Mapping[str, Fraction]
    slack_ms: Fraction
    short_ms: Fraction | None
    decisive: frozenset[str]


@attrs.frozen
class Proof:
    """What was found. `histories` is how many were followed."""

    verdict: Verdict
    histories: int
    loss: Loss | None


def prove(question: Question) -> Proof:
    """Follows all histories of a call. Raises DtmfError for a script that the map does not allow."""
    failing: list[History[Failure[Sum]]] = []
    count = 0
    verdict: Verdict = "proved"
    try:
        for history in question.histories():
            count += 1
            if history.result:
                failing.append(History(history.result, history.region, history.sums, history.sides))
    except Undecided:
        verdict = "cannot-tell"
    if not failing:
        return Proof(verdict, count, None)
    return Proof("can-fail", count, _first(question, failing))


def prove_with_fault(question: Question) -> Proof:
    """The same with one key lost or doubled: the first such fault after which the call can end elsewhere."""
    ends = question.clock() + question.limit_s
    histories = 0
    verdict: Verdict = "proved"
    for key in range(len(question.presses)):
        for what in _FAULTS:
            proof = prove(question.part(ends, fault=Fault(key, what)))
            histories += proof.histories
            if proof.loss:
                return Proof(proof.verdict, histories, proof.loss)
            verdict = proof.verdict if proof.verdict == "cannot-tell" else verdict
    return Proof(verdict, histories, None)


_FAULTS: tuple[Literal["lost", "doubled"], ...] = ("lost", "doubled")


def _first(question: Question, failing: Sequence[History[Failure[Sum]]]) -> Loss:
    """The loss of the earliest key; of those, the one with the most slack."""
    key = min(history.result.key for history in failing)
    those = [(history, *history.middle()) for history in failing if history.result.key == key]
    history, lengths, slack = max(those, key=lambda found: found[2])
    failure = history.result
    sums = [failure.came, *history.sums]
    short = None
    if failure.until is not None:
        sums.append(failure.until)
        short = history.region.maximum(failure.until - failure.came)
    decisive = frozenset(name for each in sums for name in each.times)
    unknown = {name: ms for name, ms in lengths.items() if len({*history.region.limits[name]}) > 1}
    unknown |= {name: Fraction(side) for name, side in history.sides.items()}
    meant = question.meant.takers[key][0]
    return Loss(question.presses[key], meant, failure, unknown, slack, short, decisive)

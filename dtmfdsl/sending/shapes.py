"""Plans for many rows of values: a script runs once for each shape of them, and a row only fills in its keys.

How a plan is cut into strings depends on how many keys a value has, and not on which. So the script runs with
stand-ins, characters that are no keys of a phone, and what comes out is the plan of every row with as many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import attrs

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.dialects import Dialect
from dtmfdsl.dialects.chunks import Chunk
from dtmfdsl.language.tree import Param
from dtmfdsl.semantics.values import KeyString, NumberValue, read_value
from dtmfdsl.sending.plan import Plan, Step

Shape: TypeAlias = tuple[tuple[str, int | str], ...]
"""For each value of a row, its name, and the count of its keys; if it is not keys, the value itself."""

Planner: TypeAlias = Callable[[Mapping[str, str], Mapping[str, str], Dialect], Plan]
"""Plans a script in full, given a row, the stand-ins for its values by name, and the dialect."""

FIRST = 0xF0000
"""The stand-ins are private characters of Unicode, from this one on."""

MOST = 100_000
"""At most so many stand-ins are made for a plan. Unicode has 130,000 of these characters."""

_ANY_NUMBER = "\0"
"""Stands for each number to call: it is not part of a string."""

_NUMBERS = 999_999_999_990_000
"""From this one on, numbers stand in for those to call. No country has them."""

KEPT = 1_000
"""At most so many shapes are remembered."""


class Shapes:
    """The plans of a script for rows of values. `plan_fully` makes each of them, a row's or a shape's.

    `params` are all that the script and the files that it uses declare. Several may have the same name.
    """

    def __init__(self, params: Iterable[Param], dialect: Dialect, plan_fully: Planner):
        self.params: dict[str, list[Param]] = {}
        for param in params:
            self.params.setdefault(param.name.name, []).append(param)
        self.dialect = dialect
        self.plan_fully = plan_fully
        self.plans: dict[Shape, Plan | None] = {}

    def plan(self, row: Mapping[str, str]) -> Plan:
        """The plan with the values of a row. Raises DtmfError as `plan_fully` does, which is the fallback."""
        shape: list[tuple[str, int | str]] = []
        filling = ""
        numbers: dict[str | None, str] = {}
        try:
            for name, value in row.items():
                size, text = self._measured(name, value)
                if size == _ANY_NUMBER:
                    numbers[_stand_in(len(shape))] = text
                else:
                    filling += text
                shape.append((name, size))
        except DtmfError:
            return self.plan_fully(row, {}, self.dialect)
        plan = self._plan_of(tuple(shape), row)
        if plan is None or not set(filling) <= set(self.dialect.keys):
            return self.plan_fully(row, {}, self.dialect)
        plan = _filled(plan, filling) if filling else plan
        return attrs.evolve(plan, number=numbers[plan.number]) if plan.number in numbers else plan

    def _measured(self, name: str, value: str) -> tuple[int | str, str]:
        """What a plan depends on in a value, and its keys or its number.

        Raises DtmfError if it does not fit its kind.
        """
        params = self.params.get(name)
        meanings = [read_value(param, value) for param in params] if params and value.strip() else []
        match meanings:
            case [KeyString(keys=keys), *_]:
                return len(keys), keys
            case [NumberValue(number=number)] if not self.dialect.number:
                return _ANY_NUMBER, number
            case _:
                return value, ""

    def _plan_of(self, shape: Shape, row: Mapping[str, str]) -> Plan | None:
        """The plan with stand-ins; None if there is none that fits all rows of this shape."""
        if shape not in self.plans:
            if len(self.plans) >= KEPT:
                self.plans.clear()
            self.plans[shape] = self._made(shape, row)
        return self.plans[shape]

    def _made(self, shape: Shape, row: Mapping[str, str]) -> Plan | None:
        stand_ins: dict[str, str] = {}
        count = 0
        for at, (name, size) in enumerate(shape):
            if size == _ANY_NUMBER:
                row = {**row, name: _stand_in(at)}
            elif isinstance(size, int):
                stand_ins[name] = "".join(map(chr, range(FIRST + count, FIRST + min(count + size, MOST))))
                count += size
        if count > MOST:
            return None
        dialect = attrs.evolve(self.dialect, keys=self.dialect.keys + "".join(stand_ins.values()))
        try:
            return attrs.evolve(self.plan_fully(row, stand_ins, dialect), dialect=self.dialect)
        except DtmfError:
            return None


def _stand_in(at: int) -> str:
    """The number that stands for that of the value at this place in a row."""
    return f"+{_NUMBERS + at}"


def _filled(plan: Plan, keys: str) -> Plan:
    """A plan with these keys in the place of its stand-ins, in order. Secrets stay masked."""
    table = dict(enumerate(plan.dialect.spell(keys), FIRST))
    steps = []
    for step in plan.steps:
        text, shown = step.chunk.text.translate(table), step.chunk.shown.translate(table)
        chunk = Chunk(text, shown, step.chunk.wait_ms)
        steps.append(Step(chunk, step.playing, step.pauses, step.labels))
    return attrs.evolve(plan, steps=tuple(steps))

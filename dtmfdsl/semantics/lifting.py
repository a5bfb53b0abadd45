"""A program to a tree: lowering's inverse."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import itemgetter

from dtmfdsl.language.tree import (
    Dial,
    Duration,
    HangUp,
    Item,
    Keys,
    Name,
    Number,
    Param,
    Part,
    Press,
    Repeat,
    Script,
    Wait,
)
from dtmfdsl.notation import write_duration
from dtmfdsl.program import Event, Pause, Program

PASSAGE = 8
"""The greatest count of statements in one passage that is searched for repetitions."""


def lift(program: Program, *, params: Collection[str] = (), called: str | None = None) -> Script:
    """The tree of a script that means this program.

    Equal passages side by side become `repeat`. Secret keys are not written: they become a `secret` with
    the name they had, and the script needs their values to mean the same program. Those with a name among
    `params` stand for keys that are not known yet, and become a `param`. So does the number to call if it is
    `called` by a name.
    """
    names: dict[tuple[str, str], str] = {}
    statements = [_statement(event, names) for event in program.events]
    declarations = [
        Param(Name(name), "keys") if before in params else Param(Name(name), _kind(keys), secret=True)
        for (before, keys), name in names.items()
    ]
    call: list[Item] = [] if program.number is None else [Dial(Number(program.number))]
    if called:
        call = [Param(Name(called), "number"), Dial(Name(called))]
    end = [HangUp()] if program.hangs_up else []
    return Script((*declarations, *call, *_fold(statements), *end))


def statement_of(event: Event) -> Press | Wait:
    """The statement for one event, with `$name` for secret keys."""
    return _statement(event, {})


def _statement(event: Event, names: dict[tuple[str, str], str]) -> Press | Wait:
    """The statement for an event. The names of its secrets are added to `names`, by old name and keys."""
    if isinstance(event, Pause):
        return Wait(Duration(write_duration(event.ms)), event.cue)
    parts: list[Part] = []
    position = 0
    for secret in event.secrets:
        if position < secret.start:
            parts.append(Keys(event.keys[position : secret.start]))
        keys = event.keys[secret.start : secret.stop]
        if (secret.name, keys) not in names:
            names[secret.name, keys] = _unused(secret.name, names.values())
        parts.append(Name(names[secret.name, keys]))
        position = secret.stop
    if position < len(event.keys):
        parts.append(Keys(event.keys[position:]))
    every = Duration(write_duration(event.every_ms)) if event.every_ms else None
    return Press(tuple(parts), every, event.label)


def _unused(name: str, taken: Collection[str]) -> str:
    """A name that is not taken: the name itself, or with a number."""
    fresh, number = name, 2
    while fresh in taken:
        fresh, number = f"{name}_{number}", number + 1
    return fresh


def _kind(keys: str) -> str:
    """The kind of a secret with these keys: `4 digits`, `1 key`."""
    return f"{len(keys)} {'digit' if keys.isdigit() else 'key'}{'' if len(keys) == 1 else 's'}"


def _fold(statements: list[Press | Wait]) -> list[Item]:
    """The statements, with `repeat` for equal passages side by side where it makes the script shorter."""
    folded: list[Item] = []
    index = 0
    while index < len(statements):
        savings = [_saving(statements, index, length) for length in range(1, PASSAGE + 1)]
        saved, length, times = max(savings, key=itemgetter(0))
        if saved > 0:
            folded.append(Repeat(times, tuple(statements[index : index + length])))
            index += length * times
        else:
            folded.append(statements[index])
            index += 1
    return folded


def _saving(statements: Sequence[Press | Wait], index: int, length: int) -> tuple[int, int, int]:
    """How many lines a `repeat` of the passage at `index` saves, the passage's length, and its count."""
    passage = statements[index : index + length]
    times = 1
    while statements[index + times * length : index + (times + 1) * length] == passage:
        times += 1
    return length * times - (length + 2), length, times

"""A program to a tree: lowering's inverse."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dtmfdsl.language.tree import (
    Duration,
    Item,
    Keys,
    Name,
    Param,
    Part,
    Press,
    Repeat,
    Script,
    Statement,
    Wait,
)
from dtmfdsl.notation import counted, write_duration
from dtmfdsl.program import Event, Pause, Program

PASSAGE = 8
"""The most statements that are looked at as one passage that might repeat."""


def lift(program: Program, *, params: Collection[str] = ()) -> Script:
    """The tree of a script that means this program.

    Equal passages side by side become `repeat`. Secret keys are not written: they become a `secret` with
    the name they had, so the script needs their values to mean the same program. Those whose name is among
    `params` stand for keys that are not known, and become a `param`.
    """
    secrets = _Secrets(params)
    statements = [_statement(event, secrets) for event in program.events]
    return Script((*secrets.declarations, *_fold(statements)))


def statement_of(event: Event) -> Press | Wait:
    """The statement of one event, with `$name` for secret keys."""
    return _statement(event, _Secrets())


class _Secrets:
    """Names for secret keys, and the statements that declare them."""

    def __init__(self, params: Collection[str] = ()) -> None:
        self.params = params
        self.names: dict[tuple[str, str], str] = {}
        self.declarations: list[Param] = []

    def name(self, name: str, keys: str) -> str:
        if (name, keys) not in self.names:
            taken = set(self.names.values())
            fresh, number = name, 2
            while fresh in taken:
                fresh, number = f"{name}_{number}", number + 1
            self.names[name, keys] = fresh
            secret = name not in self.params
            kind = counted(len(keys), "digit" if keys.isdigit() else "key") if secret else "keys"
            self.declarations.append(Param(Name(fresh), kind, secret=secret))
        return self.names[name, keys]


def _statement(event: Event, secrets: _Secrets) -> Press | Wait:
    if isinstance(event, Pause):
        return Wait(Duration(write_duration(event.ms)), event.cue)
    parts: list[Part] = []
    position = 0
    for secret in event.secrets:
        if position < secret.start:
            parts.append(Keys(event.keys[position : secret.start]))
        parts.append(Name(secrets.name(secret.name, event.keys[secret.start : secret.stop])))
        position = secret.stop
    if position < len(event.keys):
        parts.append(Keys(event.keys[position:]))
    every = Duration(write_duration(event.every_ms)) if event.every_ms else None
    return Press(tuple(parts), every, event.label)


def _fold(statements: list[Press | Wait]) -> list[Item]:
    """Passages that stand two or more times side by side, where `repeat` makes the script shorter."""
    folded: list[Item] = []
    index = 0
    while index < len(statements):
        saved, length, times = max(
            (_saving(statements, index, length) for length in range(1, PASSAGE + 1)),
            key=lambda found: found[0],
        )
        passage: list[Statement] = list(statements[index : index + length])
        if saved > 0:
            folded.append(Repeat(times, tuple(passage)))
            index += length * times
        else:
            folded.append(statements[index])
            index += 1
    return folded


def _saving(statements: Sequence[Press | Wait], index: int, length: int) -> tuple[int, int, int]:
    """How many lines a `repeat` of the passage here would save, its length, and its count."""
    passage = statements[index : index + length]
    times = 1
    while statements[index + times * length : index + (times + 1) * length] == passage:
        times += 1
    return length * times - (length + 2), length, times

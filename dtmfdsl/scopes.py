"""What names mean, and from where they can be seen."""

from __future__ import annotations

from math import inf
from typing import TypeAlias

from dtmfdsl.program import Secret
from dtmfdsl.source import Source, Span
from dtmfdsl.tree import Define


class Text:
    """Keys as the value of a name, with the secret ones among them."""

    __slots__ = ("keys", "secrets")

    def __init__(self, keys: str, secrets: tuple[Secret, ...] = ()):
        self.keys, self.secrets = keys, secrets


class Closure:
    """A define with the scope it was written in."""

    __slots__ = ("define", "scope", "source")

    def __init__(self, define: Define, scope: Scope, source: Source):
        self.define, self.scope, self.source = define, scope, source


Meaning: TypeAlias = "int | Text | Closure | None"
"""What a name stands for: milliseconds, keys, a define, or None where that could not be found out."""


class Binding:
    """What a name means, where it was defined, and a number that grows from one to the next."""

    __slots__ = ("meaning", "serial", "span")

    def __init__(self, meaning: Meaning, serial: int, span: Span):
        self.meaning, self.serial, self.span = meaning, serial, span


class Scope:
    """The names of one block. Only bindings of the outer blocks older than `before` are seen from it."""

    __slots__ = ("before", "names", "outer")

    def __init__(self, outer: Scope | None, before: float = inf):
        self.outer, self.before = outer, before
        self.names: dict[str, Binding] = {}

    def find(self, name: str) -> Binding | None:
        scope: Scope | None = self
        before = inf
        while scope is not None:
            binding = scope.names.get(name)
            if binding is not None and binding.serial < before:
                return binding
            before = min(before, scope.before)
            scope = scope.outer
        return None

    def visible(self) -> list[str]:
        names: list[str] = []
        scope: Scope | None = self
        while scope is not None:
            names += scope.names
            scope = scope.outer
        return names

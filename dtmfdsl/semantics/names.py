"""What names mean, and from where they can be seen."""

from __future__ import annotations

from math import inf
from typing import TypeAlias

from dtmfdsl.language.tree import Define, Item
from dtmfdsl.program import Secret
from dtmfdsl.source import Source, Span


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
    """The names of one block. Only bindings of the outer blocks older than `before` are seen from it.

    `files` are those whose names were brought in, and `body` what is written in the block.
    """

    __slots__ = ("before", "body", "files", "names", "outer")

    def __init__(self, outer: Scope | None, before: float = inf):
        self.outer, self.before = outer, before
        self.names: dict[str, Binding] = {}
        self.files: set[str] = set()
        self.body: tuple[Item, ...] = ()

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

    def visible(self, kind: type | None = None) -> list[str]:
        """The names that can be seen, or those among them that stand for something of a kind."""
        names: list[str] = []
        scope: Scope | None = self
        while scope is not None:
            names += (
                name
                for name, binding in scope.names.items()
                if kind is None or isinstance(binding.meaning, kind)
            )
            scope = scope.outer
        return names

"""From a script to a program, until the compiler has these two by the same names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import attrs

from dtmfdsl.language.parser import as_source
from dtmfdsl.language.tree import Script
from dtmfdsl.program import Program
from dtmfdsl.semantics.lowering import Lowered, lower_source, lower_tree
from dtmfdsl.semantics.values import Lookup, Values
from dtmfdsl.source import Source


@attrs.frozen
class Loader:
    """Reads used files; `outside` lets them lie outside the script's folder."""

    outside: bool = False


@attrs.frozen
class Names:
    """A script with the names of its params."""

    script: Source | Script
    params: frozenset[str]
    sound: bool


Text: TypeAlias = str | Source | Script


def prepare(script: Text, *, loader: Loader | None = None) -> Names:
    read = script if isinstance(script, Script) else as_source(script)
    values = Values(pretend=True)
    outside = bool(loader and loader.outside)
    if isinstance(read, Script):
        lowered = lower_tree(read, values, allow_outside=outside)
    else:
        lowered = lower_source(read, values, allow_outside=outside)
    return Names(read, frozenset(values.declared), all(d.severity != "error" for d in lowered.diagnostics))


def lower(
    script: Text | Names | Program,
    *,
    values: Mapping[str, str] | None = None,
    lookup: Lookup | None = None,
    exposed: frozenset[str] = frozenset(),
    pretend: bool = False,
    loader: Loader | None = None,
) -> Lowered:
    if isinstance(script, Program):
        return Lowered(script, ())
    given = Values(values, lookup, pretend, exposed)
    read = script.script if isinstance(script, Names) else script
    outside = bool(loader and loader.outside)
    if isinstance(read, Script):
        return lower_tree(read, given, allow_outside=outside)
    return lower_source(as_source(read), given, allow_outside=outside)

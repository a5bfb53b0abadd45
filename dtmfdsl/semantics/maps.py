"""The maps of a script whose names are resolved, as values."""

from __future__ import annotations

from dtmfdsl.language import tree
from dtmfdsl.phone.map import PhoneMap
from dtmfdsl.phone.reading import read_map
from dtmfdsl.semantics.names import Definition, Names


def maps_of(names: Names) -> dict[Definition, PhoneMap]:
    """Every map of a script and of the files that it uses, in their order, each by what defines its name."""
    return {
        definition: read_map(definition.node, definition.source).map
        for definition in names.definitions
        if isinstance(definition.node, tree.Phone)
    }

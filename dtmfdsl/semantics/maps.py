"""The maps of a script whose names are resolved, as values."""

from __future__ import annotations

from collections.abc import Iterator

from dtmfdsl.language import tree
from dtmfdsl.phone.map import PhoneMap
from dtmfdsl.phone.reading import read_map
from dtmfdsl.semantics.names import Definition, Names


def maps_of(names: Names) -> tuple[PhoneMap, ...]:
    """Every map of a script and of the files that it uses."""
    return tuple(phone for definition in names.definitions for phone in _map(definition))


def map_of(names: Names, place: tree.Place) -> PhoneMap | None:
    """The map that the place of an `expect at` or `go to` belongs to; None if that is unknown."""
    definition = names.meant(place)
    return next(_map(definition), None) if definition else None


def _map(definition: Definition) -> Iterator[PhoneMap]:
    if isinstance(definition.node, tree.Phone):
        yield read_map(definition.node, definition.source).map

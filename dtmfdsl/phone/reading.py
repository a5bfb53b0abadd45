"""The tree of a map to its value. Names of places are resolved, and faults found, elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, assert_never, cast

import attrs

from dtmfdsl.diagnostics import Diagnostic, Note
from dtmfdsl.language import tree
from dtmfdsl.notation import NotationError, read_duration
from dtmfdsl.phone.map import (
    DEFAULTS,
    Assumed,
    Counted,
    Digits,
    Early,
    Entry,
    Limit,
    Menu,
    PhoneMap,
    Range,
    Silence,
    WrongKeys,
)
from dtmfdsl.program import at
from dtmfdsl.source import Source, Span

EARLY: Mapping[str, Early] = {
    "stop it": "stop",
    "wait for its end": "held",
    "are lost while it speaks": "lost",
    "stop it and are eaten": "eaten",
}
"""What keys do in a prompt, as a map says it."""

MOST_DIGITS = 1000
"""The most keys or digits of one entry."""

_TIMES = {
    "answers within": "answers",
    "keys arrive after": "keys.arrive",
    "starts after": "starts",
    "between keys": "between",
    "whole entry within": "whole",
}
"""The lines that are a time, and what they are about. `DEFAULTS` has the same names."""


@attrs.frozen
class Reading:
    """A map as far as it could be read, and what is wrong with it."""

    map: PhoneMap
    diagnostics: tuple[Diagnostic, ...]


def read_map(phone: tree.Phone, source: Source) -> Reading:
    """What a map of a script says. What is left out is assumed, and listed."""
    reader = _Reader(source)
    phone_map = reader.phone(phone)
    return Reading(phone_map, tuple(reader.diagnostics))


class _Reader:
    """Reads the lines of a map, and collects what is wrong."""

    def __init__(self, source: Source):
        self.source = source
        self.diagnostics: list[Diagnostic] = []
        self.assumed: list[Assumed] = []

    def span(self, node: tree.Node) -> Span:
        return Span(self.source, node.start, node.end)

    def error(self, code: str, message: str, node: tree.Node, help: str, *notes: Note) -> None:
        self.diagnostics.append(Diagnostic(code, message, self.span(node), notes, help))

    def phone(self, phone: tree.Phone) -> PhoneMap:
        said: dict[str, tree.Node] = {}
        times: dict[str, Range] = {}
        menus: list[Menu] = []
        ends: dict[str, Span] = {}
        for item in phone.body:
            match item:
                case tree.MapTime():
                    self.once(said, _TIMES[item.what], item)
                    times[_TIMES[item.what]] = self.range(item.time)
                case tree.Menu():
                    menus.append(self.menu(item))
                case tree.End():
                    ends[item.name.name] = self.span(item.name)
                case tree.Comment() | tree.Blank():
                    pass
                case _:
                    assert_never(item)
        if not menus:
            help = "write one, such as `menu main { on 1 -> billing }`"
            self.error("map-without-menu", f"the map `{phone.name.name}` has no menu", phone.name, help)
        return PhoneMap(
            name=phone.name.name,
            menus=tuple(menus),
            ends=tuple(ends),
            answers_ms=times.get("answers", (0, 0)),
            keys_arrive_ms=times.get("keys.arrive", (0, 0)),
            assumed=(*_left_out(("answers", "keys.arrive"), said, None), *self.assumed),
            end_spans=ends,
            span=self.span(phone.name),
        )

    def menu(self, menu: tree.Menu) -> Menu:
        said: dict[str, tree.Node] = {}
        entries: list[Entry] = []
        limits: list[Limit] = []
        read: dict[str, Any] = {}
        for item in menu.body:
            match item:
                case tree.Comment() | tree.Blank():
                    pass
                case tree.MapTime():
                    self.once(said, _TIMES[item.what], item)
                    read[f"{_TIMES[item.what]}_ms"] = self.range(item.time)
                case tree.Says():
                    self.once(said, "says", item)
                    read |= {"says_ms": self.range(item.time), "prompt": item.text, "afresh": item.afresh}
                case tree.KeysDo() if early := EARLY.get(item.what):
                    self.once(said, "early", item)
                    read["early"] = early
                case tree.KeysDo():
                    self.once(said, "ahead", item)
                    read["ahead"] = item.what == "ahead are kept"
                case tree.Entry():
                    entries.append(self.entry(item, said))
                case tree.OnSilence():
                    self.once(said, "silence", item)
                    read["silence"] = Silence(self.range(item.time), item.target.name, span=self.span(item))
                case tree.OnWrongKeys():
                    self.once(said, "wrong", item)
                    read["wrong"] = self.wrong(item)
                case tree.After():
                    self.once(said, item.of, item)
                    limits.append(self.limit(item))
                case _:
                    assert_never(item)
        named: tuple[str, ...] = ("starts", "says", "early", "ahead", "between", "silence", "wrong", "tries")
        if {"silences", "wrong keys"} <= said.keys():
            named = named[:-1]
        left_out = _left_out(named, said, menu.name.name)
        self.assumed += left_out
        if "tries" in named and "tries" not in said:
            limits += Menu(name="").limits
        return attrs.evolve(
            Menu(name=menu.name.name, span=self.span(menu.name)),
            entries=tuple(entries),
            limits=tuple(limits),
            **read,
        )

    def once(self, said: dict[str, tree.Node], what: str, item: tree.Node) -> None:
        """Reports a line that says again what an earlier one has said."""
        if before := said.get(what):
            note = Note("first here", self.span(before))
            self.error("said-twice", "a line above says this already", item, "keep one of them", note)
        said[what] = item

    def entry(self, entry: tree.Entry, said: dict[str, tree.Node]) -> Entry:
        keys: str | Digits
        hash = False
        if isinstance(entry.keys, tree.Keys):
            keys = entry.keys.keys
            if len(keys) > MOST_DIGITS:
                help = f"an entry has at most {MOST_DIGITS:,} keys"
                self.error("bad-range", f"this entry has {len(keys):,} keys", entry.keys, help)
        else:
            found = re.findall("[0-9]+", entry.keys.text)
            keys = Digits(int(found[0]), int(found[-1]))
            hash = entry.keys.text.endswith("#")
            if not 1 <= keys.least <= keys.most <= MOST_DIGITS:
                help = f"write the smaller number first, from 1 to {MOST_DIGITS:,}"
                self.error("bad-range", f"`{entry.keys.text}` is no number of digits", entry.keys, help)
        self.once(said, f"on {keys}", entry)
        within = None if entry.within is None else self.range(entry.within)
        return Entry(keys, entry.target.name, hash=hash, within_ms=within, span=self.span(entry))

    def wrong(self, wrong: tree.OnWrongKeys) -> WrongKeys:
        if wrong.says is None:
            return WrongKeys(wrong.target.name, span=self.span(wrong))
        early: Early = EARLY[wrong.keys.what] if wrong.keys else "lost"
        return WrongKeys(
            wrong.target.name,
            self.range(wrong.says.time),
            wrong.says.text,
            afresh=wrong.says.afresh,
            early=early,
            span=self.span(wrong),
        )

    def limit(self, after: tree.After) -> Limit:
        if not after.count:
            help = "write 1 or more, such as `after 3 tries -> hang up`"
            self.error("bad-range", f"no menu can be left after 0 {after.of}", after, help)
        return Limit(after.count, cast("Counted", after.of), after.target.name, span=self.span(after))

    def range(self, time: tree.Range) -> Range:
        """At least and at most, in milliseconds. The last unit holds for both where the first has none."""
        first, dots, last = time.text.rpartition("..")
        unit = re.sub(r".*[0-9 ]", "", last)
        own = first[-1:].isalpha()
        try:
            most = read_duration(last)
            least = read_duration(first if own else first + unit) if dots else most
        except NotationError as error:
            self.diagnostics.append(at(error, self.span(time)))
            return 0, 0
        if least > most:
            also = "" if own else f"; `{first}` has the unit `{unit}` too, unless it has its own"
            help = f"write the shorter time first{also}"
            self.error("bad-range", f"`{time.text}` ends before it begins", time, help)
            return most, least
        return least, most


def _left_out(names: tuple[str, ...], said: Mapping[str, object], menu: str | None) -> list[Assumed]:
    return [Assumed(menu, DEFAULTS[name]) for name in names if name not in said]

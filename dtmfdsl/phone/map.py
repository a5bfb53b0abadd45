"""What a map says, as values without syntax: the menus of a line, their times, and what they do with keys.

All times are whole milliseconds, at least and at most: `(5500, 7000)`; an exact time has both the same. Each
is one unknown constant of the call, however often it plays: a recording is as long each time. Only a prompt
that is said `afresh` has a new length each time.

`assumed` lists what the author left out: the defaults of `DEFAULTS` that stand in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import attrs

from dtmfdsl.language import verbs
from dtmfdsl.notation import counted, write_duration
from dtmfdsl.source import Span

Range: TypeAlias = tuple[int, int]
"""A time in milliseconds: at least, at most."""

Target: TypeAlias = str
"""Where a menu leads: the name of a menu or of an end, `AGAIN`, or `HANG_UP`."""

AGAIN: Target = verbs.AGAIN
"""The prompt is said again at once, without `starts after`. It counts as a try. No place has this name."""

HANG_UP: Target = verbs.HANG_UP
"""The line ends the call. No place has this name: names hold no blanks."""

Early: TypeAlias = Literal["stop", "held", "lost", "eaten"]
"""What becomes of a key in a prompt. `stop`: it stops the prompt and is the first key. `held`: it counts at
the prompt's end. `lost`: nothing happens. `eaten`: it stops the prompt and is lost."""

Counted: TypeAlias = Literal["tries", "silences", "wrong keys"]
"""What a limit counts. A try is a silence, wrong keys, or an entry that leads to `AGAIN`."""


def write_range(times: Range) -> str:
    """A time as a map has it: `5.5..7s`, `500ms..2s`, `3s`."""
    least, most = map(write_duration, times)
    if least == most:
        return most
    unit = most.lstrip("0123456789.")
    plain = " " not in unit and least.lstrip("0123456789.") == unit
    return f"{least.removesuffix(unit) if plain else least}..{most}"


@attrs.frozen(kw_only=True)
class Placed:
    """Anything that a map says. `span` is where it says it, for messages; None if there is no text."""

    span: Span | None = attrs.field(default=None, eq=False, repr=False)


@attrs.frozen
class Digits:
    """So many digits, 0 to 9: `16 digits`, `4..8 digits`. With least == most the number is exact."""

    least: int
    most: int

    def __str__(self) -> str:
        if self.least == self.most:
            return counted(self.least, "digit")
        return f"{self.least}..{self.most} digits"


@attrs.frozen
class Entry(Placed):
    """Keys that lead on: `on 12 -> billing`, `on 4..8 digits # within 2s -> balance`.

    `keys` are the very keys, such as `12`, `*` or `9#`, or any digits. With `hash`, which only digits can
    have, the key `#` ends the entry at once and is not one of its keys; at the most digits it is not needed,
    and the entry is complete without it. With `within_ms` the entry is complete only after that long without
    a key. Without either it is complete as soon as nothing longer can match, and after the menu's
    `between_ms`.
    """

    keys: str | Digits
    target: Target
    hash: bool = attrs.field(default=False, kw_only=True)
    within_ms: Range | None = attrs.field(default=None, kw_only=True)

    @property
    def written(self) -> str:
        """The keys as a map has them: `12`, `4..8 digits #`."""
        return f"{self.keys} #" if self.hash else str(self.keys)


@attrs.frozen
class Silence(Placed):
    """What happens when no first key comes for this long after the prompt: `on silence for 5s -> again`."""

    after_ms: Range = (5000, 5000)
    target: Target = AGAIN


@attrs.frozen
class WrongKeys(Placed):
    """What happens with keys that match no entry: `on wrong keys says "Not valid" for 1.5s -> again`.

    Something is said for `says_ms` first; it is as long each time unless `afresh`. What a key does in the
    meantime is `early`, which is never `held` here.
    """

    target: Target = AGAIN
    says_ms: Range = (0, 0)
    prompt: str | None = None
    afresh: bool = attrs.field(default=False, kw_only=True)
    early: Early = attrs.field(default="lost", kw_only=True)


@attrs.frozen
class Limit(Placed):
    """`after 3 tries -> operator`: the third one leads there, in place of its own target.

    A menu that is entered anew counts from 0. Where two limits are reached at once, the first written counts.
    """

    count: int
    of: Counted
    target: Target


@attrs.frozen(kw_only=True)
class Menu(Placed):
    """One menu: its times, its prompt, its entries, and what it does without one.

    It starts `starts_ms` after it is entered, and then speaks for `says_ms`. Keys before it starts are
    kept if `ahead` is true, else lost. The silence counts from the prompt's end, `between_ms` from each key
    of an entry, `whole_ms` (None: no limit) from the first key of an entry. Where two entries take the same
    keys, exact keys come before digits, and else the first written.
    """

    name: str
    entries: tuple[Entry, ...] = ()
    starts_ms: Range = (0, 0)
    says_ms: Range = (0, 0)
    prompt: str | None = None
    afresh: bool = False
    early: Early = "stop"
    ahead: bool = False
    between_ms: Range = (2000, 2000)
    whole_ms: Range | None = None
    silence: Silence = Silence()
    wrong: WrongKeys = WrongKeys()
    limits: tuple[Limit, ...] = (Limit(3, "tries", HANG_UP),)

    def targets(self) -> tuple[Target, ...]:
        """Wherever this menu can lead, in the order of its entries, silence, wrong keys and limits."""
        entries = (entry.target for entry in self.entries)
        limits = (limit.target for limit in self.limits)
        return tuple(dict.fromkeys((*entries, self.silence.target, self.wrong.target, *limits)))


@attrs.frozen
class Assumed:
    """A fact that the author left out, in the words of a map: `on silence for 5s -> again` of menu `main`.

    `menu` is None for a fact of the whole line.
    """

    menu: str | None
    fact: str

    def __str__(self) -> str:
        return f"{self.menu}: {self.fact}" if self.menu else self.fact


@attrs.frozen(kw_only=True)
class PhoneMap(Placed):
    """A line at the other end. The call enters the first menu; every target is a menu or one of `ends`.

    `answers_ms` runs from the script's start to the moment at which the first menu is entered, and
    `keys_arrive_ms` from the end of a key's tone to the moment at which the line has it.

    The names of its times, for witnesses and options: `answers`, `keys.arrive`, and of a menu `MENU.starts`,
    `MENU.says`, `MENU.silence`, `MENU.between`, `MENU.whole`, `MENU.wrong`, `MENU.within`.
    """

    name: str
    menus: tuple[Menu, ...]
    ends: tuple[str, ...] = ()
    answers_ms: Range = (0, 0)
    keys_arrive_ms: Range = (0, 0)
    assumed: tuple[Assumed, ...] = ()
    end_spans: Mapping[str, Span] = attrs.field(factory=dict, eq=False, repr=False)

    def menu(self, name: str) -> Menu | None:
        """The menu of this name; None for an end and for what is no place."""
        return next((menu for menu in self.menus if menu.name == name), None)

    @property
    def places(self) -> tuple[str, ...]:
        """The names of all menus and ends, in the order of the map."""
        return (*(menu.name for menu in self.menus), *self.ends)


DEFAULTS: Mapping[str, str] = {
    "answers": "answers within 0s",
    "keys.arrive": "keys arrive after 0ms",
    "starts": "starts after 0s",
    "says": "says nothing",
    "early": "keys stop it",
    "ahead": "keys ahead are lost",
    "between": "between keys 2s",
    "silence": "on silence for 5s -> again",
    "wrong": "on wrong keys -> again",
    "tries": "after 3 tries -> hang up",
}
"""What each thing is that a map leaves out, in a map's words: the defaults of the classes above."""

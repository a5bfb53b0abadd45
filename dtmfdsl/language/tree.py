"""The syntax tree: what the author wrote, statement by statement, with comments.

Each construct has a frozen class; children are tuples. Every node has `start` and `end`, half-open offsets
into the script's text, which comparison and `repr` ignore. The tree holds what was written (`3.5s`,
`(919) 333`); the compiler finds out what it means. The tree knows nothing of Lark.

A parsed tree is in normal form, and the formatter relies on that: no two `Keys` side by side in a `parts`,
no `Blank` first, last or beside another in a body, and only one `trailing` comment after a statement.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

from dtmfdsl.notation import read_keys, read_number
from dtmfdsl.source import Source


@attrs.frozen(kw_only=True, repr=False, eq=False, weakref_slot=False)
class Node:
    """Anything in the tree, and its place: half-open offsets into the source."""

    start: int = attrs.field(default=0, eq=False, repr=False)
    end: int = attrs.field(default=0, eq=False, repr=False)

    # One method for all nodes. From attrs, each class would compile its own, which a short run feels.

    def _compared(self) -> tuple[object, ...]:
        return tuple([getattr(self, field.name) for field in attrs.fields(type(self)) if field.eq])

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash((type(self), self._compared()))

    def __repr__(self) -> str:
        # Leaves out defaults.
        shown = (
            f"{field.name}={value!r}"
            for field in attrs.fields(type(self))
            if field.repr and (value := getattr(self, field.name)) != field.default
        )
        return f"{type(self).__name__}({', '.join(shown)})"


# Parts of statements


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Keys(Node):
    """Keys as written: `59#`, `1-800-555-0199`, `59 pound`."""

    text: str

    @property
    def keys(self) -> str:
        """The keys alone, such as `18005550199`. Raises NotationError if the text has other characters."""
        return read_keys(self.text)


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Name(Node):
    """A name, used as `$pin` or being defined; without the `$`."""

    name: str


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Spell(Node):
    """Letters to be pressed on the keypad: `spell "Smith"`, `spell $name`."""

    text: str | Name


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Duration(Node):
    """A duration as written, but with single blanks: `3.5s`, `1m 30s`."""

    text: str


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Text(Node):
    """A text as a value: `"enter your PIN"`."""

    text: str


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Number(Node):
    """A number to call as written: `+1 (800) 555-0199`."""

    text: str

    @property
    def number(self) -> str:
        """What is dialled: the digits, after a `+` if one is written."""
        return read_number(self.text)


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Place(Node):
    """A place of a map: `billing`, or with the map's name `acme.billing`."""

    name: Name
    phone: Name | None = None


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Range(Node):
    """A time of a map as written, but with single blanks: `5.5..7s`, `3s`."""

    text: str


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Digits(Node):
    """Digits that a menu takes, as written, but with single blanks: `16 digits`, `4..8 digits #`."""

    text: str


Part: TypeAlias = Keys | Name | Spell
Time: TypeAlias = Duration | Name
Value: TypeAlias = Duration | Text | Number | tuple[Part, ...]
Sentence: TypeAlias = str | Name
"""A label or a cue."""


# Statements


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Press(Node):
    """`press 121# every 1.5s for "Billing"`: one group of keys."""

    parts: tuple[Part, ...]
    every: Time | None = None
    label: Sentence | None = None


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Wait(Node):
    """`wait 3.5s`, or with a cue `wait up to 12s for "enter your PIN"`."""

    time: Time
    cue: Sentence | None = None


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Pace(Node):
    """`pace 500ms`: the `every` of later presses."""

    time: Time


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Repeat(Node):
    """`repeat 3 { … }`"""

    times: int
    body: tuple[Item, ...]


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Let(Node):
    """`let menu = 2#`, `let greeting = 4s`"""

    name: Name
    value: Value


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Param(Node):
    """`param account: 16 digits = 1234`; with `secret`, `secret pin: 4 digits`. `kind` is as written."""

    name: Name
    kind: str
    default: Value | None = None
    secret: bool = False


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Define(Node):
    """`define login(id, code) { … }`"""

    name: Name
    parameters: tuple[Name, ...]
    body: tuple[Item, ...]


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Call(Node):
    """`login($account, 1234#)`"""

    name: str
    arguments: tuple[Value, ...] = ()


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Use(Node):
    """`use "bank.dtmf"`"""

    path: str


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Raw(Node):
    """`raw "1WWW,59#" as bandwidth-v1`"""

    text: str
    dialect: str


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Dial(Node):
    """`call +1 800 555 0199`, `call $to`: the number to call."""

    number: Number | Name


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class HangUp(Node):
    """`hang up`"""


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Expect(Node):
    """`expect at acme.billing`: where the call should be."""

    place: Place


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class GoTo(Node):
    """`go to acme.balance with $card, 1234`: the way to a place of a map."""

    place: Place
    values: tuple[Value, ...] = ()


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Phone(Node):
    """`phone acme { … }`: a map of the menus of a line."""

    name: Name
    body: tuple[PhoneItem, ...]


# Lines of a map. A target is a Name too: of a menu or an end, or the words `again` and `hang up`.


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class MapTime(Node):
    """`answers within 1..3s`, `between keys 3s`: what it is, and how long."""

    what: str
    time: Range


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class End(Node):
    """`end balance`: a place that is no menu."""

    name: Name


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Menu(Node):
    """`menu main { … }`"""

    name: Name
    body: tuple[MenuItem, ...]


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Says(Node):
    """`says "Welcome to Acme" afresh for 5.5..7s`"""

    text: str
    time: Range
    afresh: bool = False


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class KeysDo(Node):
    """`keys stop it`, `keys ahead are kept`: what keys do, without the word `keys`."""

    what: str


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Entry(Node):
    """`on 12 -> billing`, `on 4..8 digits # within 2s -> balance`"""

    keys: Keys | Digits
    target: Name
    within: Range | None = None


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class OnSilence(Node):
    """`on silence for 5s -> again`"""

    time: Range
    target: Name


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class OnWrongKeys(Node):
    """`on wrong keys says "That is not valid" for 1.5s, keys stop it -> again`"""

    target: Name
    says: Says | None = None
    keys: KeysDo | None = None


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class After(Node):
    """`after 3 tries -> operator`. `of` is `tries`, `silences` or `wrong keys`."""

    count: int
    of: str
    target: Name


# Between statements


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Comment(Node):
    """A comment, without its `//`. A `trailing` one follows something on its own line."""

    text: str
    trailing: bool = False


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Blank(Node):
    """One or more empty lines."""


Statement: TypeAlias = (
    Press
    | Wait
    | Pace
    | Repeat
    | Let
    | Param
    | Define
    | Call
    | Use
    | Raw
    | Dial
    | HangUp
    | Expect
    | GoTo
    | Phone
)
Item: TypeAlias = Statement | Comment | Blank
PhoneItem: TypeAlias = MapTime | End | Menu | Comment | Blank
MenuItem: TypeAlias = MapTime | Says | KeysDo | Entry | OnSilence | OnWrongKeys | After | Comment | Blank


@attrs.frozen(repr=False, eq=False, weakref_slot=False)
class Script(Node):
    """A whole script. `source` is the text that its offsets point into."""

    body: tuple[Item, ...] = ()
    source: Source = attrs.field(default=Source("<script>", ""), eq=False, repr=False, kw_only=True)

"""What a script means by its keys: which menu is to take each, in the run without time."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.phone.call import match
from dtmfdsl.phone.map import AGAIN, HANG_UP, Menu, PhoneMap, Target
from dtmfdsl.phone.presses import Press
from dtmfdsl.source import Span


@attrs.frozen
class Expected:
    """`expect at PLACE`: where the call is to be after so many keys."""

    keys: int
    place: Target
    span: Span | None = attrs.field(default=None, repr=False, eq=False)


@attrs.frozen
class Meant:
    """What is to happen: the menu that takes each key, the key's index in its entry, and the last place."""

    takers: tuple[tuple[str, int], ...]
    place: Target


def meaning(phone: PhoneMap, keys: Sequence[Press], expected: Sequence[Expected] = ()) -> Meant:
    """Follows the keys through the menus, each of which listens for them.

    An entry that may grow ends where the script waits at least as long as the menu does between keys. A menu
    is left by silence only for an `expect at`. Raises DtmfError for a key that matches nothing or comes after
    an end, and for an expected place that the keys do not lead to.
    """
    return _Walk(phone, keys, expected).walk()


class _Walk:
    def __init__(self, phone: PhoneMap, keys: Sequence[Press], expected: Sequence[Expected]):
        self.phone = phone
        self.keys = keys
        self.expected = expected
        self.place: Target = phone.menus[0].name
        self.entry = ""
        """The keys of the entry that is not complete yet, or may grow."""
        self.again = 0
        """How often an entry has led back to the prompt since the menu was entered. Each is a try."""

    def walk(self) -> Meant:
        takers = []
        for index, key in enumerate(self.keys):
            menu = self.phone.menu(self.place)
            if menu and self.entry and key.after_ms >= _growing(menu, self.entry):
                self.close(menu, self.keys[index - 1])
            self.expect(index)
            menu = self.phone.menu(self.place)
            if menu is None:
                message = f"{_named(key)} comes after the end of the call: {_at(self.place)}"
                raise DtmfError.of(
                    "key-after-end", message, key.span, help="leave it out, or press less before it"
                )
            takers.append((menu.name, len(self.entry)))
            self.entry += key.key
            found = match(menu, self.entry)
            if not (found.entry or found.longer):
                raise _unmatched(menu, key, len(self.entry))
            if found.over:
                self.close(menu, key)
        menu = self.phone.menu(self.place)
        if menu and self.entry:
            self.close(menu, self.keys[-1])
        self.expect(len(self.keys))
        return Meant(tuple(takers), self.place)

    def close(self, menu: Menu, last: Press) -> None:
        """Ends the entry."""
        found = match(menu, self.entry).entry
        if found is None:
            raise _unmatched(menu, last, len(self.entry))
        self.entry = ""
        if found.target != AGAIN:
            self.enter(found.target)
            return
        self.again += 1
        for limit in menu.limits:
            if limit.of == "tries" and self.again >= limit.count:
                self.enter(limit.target)
                return

    def enter(self, place: Target) -> None:
        self.place, self.again = place, 0

    def expect(self, keys: int) -> None:
        """Goes to the place that is expected after so many keys: it is there, or silence leads there."""
        for each in self.expected:
            if each.keys != keys:
                continue
            menu = self.phone.menu(self.place)
            found = match(menu, self.entry).entry if menu and self.entry else None
            if menu and found and found.target == each.place:
                self.close(menu, self.keys[keys - 1])
            came, seen = self.place, set[Target]()
            while (
                keys < len(self.keys)
                and self.place != each.place
                and self.place not in seen
                and not self.entry
            ):
                seen.add(self.place)
                self.enter(_by_silence(self.phone.menu(self.place)) or self.place)
            if self.place != each.place:
                message = f"the keys before this do not lead to `{each.place}`, after the map"
                raise DtmfError.of(
                    "not-there",
                    message,
                    each.span,
                    help=f"they lead to `{came}`",
                )


def _by_silence(menu: Menu | None) -> Target | None:
    """Where a menu leads in the end if no key comes."""
    if menu is None:
        return None
    if menu.silence.target != AGAIN:
        return menu.silence.target
    limits = [limit for limit in menu.limits if limit.of in ("tries", "silences")]
    return min(limits, key=lambda limit: limit.count).target if limits else None


def _growing(menu: Menu, entry: str) -> int:
    """The longest silence after which a menu still takes a key to an entry, in milliseconds."""
    found = match(menu, entry).entry
    return (found.within_ms if found and found.within_ms else menu.between_ms)[1]


def _named(key: Press) -> str:
    return f"the key `{key.shown}`"


def _at(place: Target) -> str:
    return "the line has hung up" if place == HANG_UP else f"it is at `{place}`"


def _unmatched(menu: Menu, key: Press, count: int) -> DtmfError:
    ways = [
        each.keys if isinstance(each.keys, str) else f"{each.keys.least}..{each.keys.most} digits"
        for each in menu.entries
    ]
    what = _named(key) if count == 1 else f"the entry of {count} keys that ends here"
    message = f"{what} matches nothing in the menu `{menu.name}`"
    help = f"it takes {', '.join(f'`{way}`' for way in ways)}" if ways else "it takes no keys"
    return DtmfError.of("no-such-entry", message, key.span, help=help)

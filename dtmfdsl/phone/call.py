"""What a line does with the keys of one call, after its map: the only file that knows it.

It asks one question of time: is this before that? So the same steps run with numbers, which is a simulation,
and with sums of unknown lengths, which is a proof; the `World` answers. Where two moments fall together, it
may answer either way.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Generic, Literal, Protocol, TypeAlias, TypeVar

import attrs

from dtmfdsl.phone.map import AGAIN, Counted, Digits, Entry, Menu, PhoneMap, Range, Target

T = TypeVar("T", bound="Time")


class Time(Protocol):
    """A moment or a length: a number, or a sum of unknown lengths."""

    def __add__(self: T, other: T, /) -> T: ...


class World(Protocol[T]):
    """Where a call happens: how long each thing takes there, and which moment comes first."""

    def length(self, name: str, limits: Range) -> T:
        """How long the thing of this name takes, which is between these limits, in milliseconds."""

    def before(self, first: T, second: T) -> bool:
        """Whether the first moment is before the second; either answer if both fall together."""

    def either(self, name: str) -> bool:
        """Something of which nothing is known but that it is the same for the whole call."""


@attrs.frozen
class Match:
    """What the keys of an entry are so far: `entry` is complete with them, and `longer` ones may match too.

    `over`: nothing is waited for, neither a key nor a silence.
    """

    entry: Entry | None
    longer: bool
    over: bool


def match(menu: Menu, keys: str) -> Match:
    """What these keys are in a menu. Written keys go before any digits of the same form."""
    complete: list[Entry] = []
    longer = ended = False
    for entry in sorted(menu.entries, key=lambda entry: isinstance(entry.keys, Digits)):
        if isinstance(entry.keys, str):
            fits, more = keys == entry.keys, entry.keys.startswith(keys) and keys != entry.keys
        else:
            least, most = entry.keys.least, entry.keys.most
            hash = entry.hash and keys.endswith("#")
            digits = keys[:-1] if hash else keys
            plain = digits.isdecimal() or not digits
            fits = plain and least <= len(digits) <= most
            more = plain and not hash and len(digits) < most
            ended = ended or (fits and hash and not complete)
        if fits:
            complete.append(entry)
        longer = longer or more
    found = complete[0] if complete else None
    waits = bool(found and found.within_ms and not ended)
    return Match(found, longer, ended or not (longer or waits))


Why: TypeAlias = Literal["ahead", "speaking", "eaten", "wrong", "over"]
"""Why a key is lost: it comes before its menu starts; while the menu speaks and loses keys; it stops the
prompt and is eaten; it comes while something is said about wrong keys; or after the end."""


@attrs.frozen
class Entered(Generic[T]):
    """The call comes to a place."""

    place: Target
    at: T


@attrs.frozen
class Said(Generic[T]):
    """A prompt was said, to its end unless a key of that menu stops it. `wrong`: it is about wrong keys."""

    menu: str
    start: T
    end: T
    wrong: bool = False


@attrs.frozen
class Heard(Generic[T]):
    """A menu listened for its first key, from a moment to another; not at all if a key stopped the prompt."""

    menu: str
    start: T
    end: T


@attrs.frozen
class Took(Generic[T]):
    """A menu took a key, as the one of this index in its entry. `key` is its index in the call."""

    key: int
    menu: str
    index: int
    at: T


@attrs.frozen
class Lost(Generic[T]):
    """A key was lost at a place. `until` is when it would not have been, by this cause alone; None: never."""

    key: int
    menu: str
    why: Why
    until: T | None


Step: TypeAlias = Entered[T] | Said[T] | Heard[T] | Took[T] | Lost[T]


class Endless(Exception):
    """A map lets a call go round without end."""


_MOST_PROMPTS = 10_000


def call(phone: PhoneMap, keys: str, arrivals: Sequence[T], world: World[T]) -> Iterator[Step[T]]:
    """What happens in a call in which these keys come to the line at these moments, in order.

    It ends with the last key: when it is lost, or where the entry leads that it belongs to, which is the last
    `Entered`. Raises Endless.
    """
    return _Line(phone, keys, arrivals, world).steps()


class _Line(Generic[T]):
    def __init__(self, phone: PhoneMap, keys: str, arrivals: Sequence[T], world: World[T]):
        self.phone = phone
        self.keys = keys
        self.arrivals = arrivals
        self.world = world
        self.next = 0
        """The first key that has not come yet."""
        self.kept: list[int] = []
        """Keys that have come and wait for a menu."""
        self.prompts = 0
        self.place: Target = phone.menus[0].name
        self.now = world.length("answers", phone.answers_ms)

    def steps(self) -> Iterator[Step[T]]:
        first = True
        yield Entered(self.place, self.now)
        while self.kept or self.next < len(self.arrivals):
            menu = self.phone.menu(self.place)
            if menu is None:
                self.kept += range(self.next, len(self.arrivals))
                yield from [Lost(key, self.place, "over", None) for key in self.kept]
                return
            if not first:  # `answers` runs to the first prompt
                self.now = self.now + self.world.length(f"{menu.name}.starts", menu.starts_ms)
            first = False
            self.kept += self.until(self.now)
            yield from self.visit(menu)

    def until(self, moment: T) -> list[int]:
        """The keys that come before a moment."""
        found = []
        while self.comes(moment):
            found.append(self.next)
            self.next += 1
        return found

    def comes(self, before: T) -> bool:
        """Whether another key comes before a moment."""
        return self.next < len(self.arrivals) and self.world.before(self.arrivals[self.next], before)

    def visit(self, menu: Menu) -> Iterator[Step[T]]:
        """Is in a menu until it leads elsewhere, which is then the place, or no key is left."""
        counts: dict[Counted, int] = {"tries": 0, "silences": 0, "wrong keys": 0}
        target: Target = AGAIN
        while target == AGAIN:
            yield from self.speak(menu)
            if not self.kept and self.next == len(self.arrivals):
                return
            if not self.kept:
                begins = self.now
                over = begins + self.world.length(f"{menu.name}.silence", menu.silence.after_ms)
                come = self.comes(over)
                self.now = self.arrivals[self.next] if come else over
                yield Heard(menu.name, begins, self.now)
                if come:
                    self.kept.append(self.next)
                    self.next += 1
            if self.kept:
                entry = yield from self.collect(menu)
                failed: Counted | None = None if entry else "wrong keys"
                target = entry.target if entry else menu.wrong.target
            else:
                failed, target = "silences", menu.silence.target
            if failed:
                counts[failed] += 1
            if failed or target == AGAIN:
                counts["tries"] += 1
                reached = (limit for limit in menu.limits if counts[limit.of] >= limit.count)
                target = next((limit.target for limit in reached), target)
            if failed == "wrong keys":
                yield from self.complain(menu)
        self.place = target
        yield Entered(target, self.now)

    def prompt(self, menu: Menu, part: Literal["says", "wrong"]) -> T:
        """The end of a prompt that begins now."""
        self.prompts += 1
        if self.prompts > _MOST_PROMPTS:
            raise Endless
        what, afresh = (menu, menu.afresh) if part == "says" else (menu.wrong, menu.wrong.afresh)
        name = f"{menu.name}.{part}" + (f".{self.prompts}" if afresh else "")
        return self.now + self.world.length(name, what.says_ms)

    def speak(self, menu: Menu) -> Iterator[Step[T]]:
        """Says the prompt. After it, the keys that are kept are taken at once."""
        begins = self.now
        if not menu.ahead or menu.early in ("lost", "eaten"):
            yield from [Lost(key, menu.name, "ahead", begins) for key in self.kept]
            self.kept.clear()
        end = self.prompt(menu, "says")
        match menu.early:
            case "stop":
                # A key in the prompt and one in the silence after it are taken alike, so that nobody needs to
                # ask which it is: that would double the histories at each menu.
                self.now = self.now if self.kept else end
            case "eaten":
                if self.comes(end):
                    end = self.arrivals[self.next]
                    yield Lost(self.next, menu.name, "eaten", None)
                    self.next += 1
                self.now = end
            case "held":
                self.kept += self.until(end)
                self.now = end
            case "lost":
                yield from [Lost(key, menu.name, "speaking", end) for key in self.until(end)]
                self.now = end
        yield Said(menu.name, begins, self.now)

    def collect(self, menu: Menu) -> Generator[Step[T], None, Entry | None]:
        """Takes the keys of one entry, and returns it; None if they match nothing."""
        begun = self.now
        keys = ""
        while True:
            key = self.kept.pop(0)
            yield Took(key, menu.name, len(keys), self.now)
            keys += self.keys[key]
            found = match(menu, keys)
            if found.over:
                return found.entry
            if self.kept:
                continue
            if found.entry and found.entry.within_ms:
                silence = self.world.length(f"{menu.name}.within", found.entry.within_ms)
            else:
                silence = self.world.length(f"{menu.name}.between", menu.between_ms)
            over = self.now + silence
            if menu.whole_ms:
                whole = begun + self.world.length(f"{menu.name}.whole", menu.whole_ms)
                over = whole if self.world.before(whole, over) else over
            if not self.comes(over):
                self.now = over
                return found.entry
            self.now = self.arrivals[self.next]
            self.kept.append(self.next)
            self.next += 1

    def complain(self, menu: Menu) -> Iterator[Step[T]]:
        """Says what is said about wrong keys."""
        if menu.wrong.says_ms == (0, 0):
            return
        begins = self.now
        end = self.prompt(menu, "wrong")
        if menu.wrong.early == "lost":
            yield from [Lost(key, menu.name, "wrong", end) for key in self.until(end)]
        elif self.comes(end):
            end = self.arrivals[self.next]
            if menu.wrong.early == "eaten":
                yield Lost(self.next, menu.name, "eaten", None)
                self.next += 1
        self.now = end
        yield Said(menu.name, begins, end, wrong=True)

"""A line with menus, once more: a queue of events and a state, in whole milliseconds.

It shares no code with the product's interpreter but the values of a map, so that each can be held against the
other. It follows docs/maps.md and nothing else.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from itertools import count

from dtmfdsl.phone.map import AGAIN, Digits, Entry, Menu, PhoneMap

KEY, TIMER = "key", "timer"


class Line:
    """One call. `fates` says of each key which menu took it and as which of its entry; None if it was lost."""

    def __init__(self, phone: PhoneMap, keys: str, arrivals: Sequence[int], lengths: Mapping[str, int]):
        self.menus = {menu.name: menu for menu in phone.menus}
        self.keys = keys
        self.lengths = lengths
        self.fates: list[tuple[str, int] | None] = [None] * len(keys)
        self.decided = [False] * len(keys)
        self.queue: list[tuple[int, int, str, int]] = []
        self.numbers = count()
        self.timer = -1
        self.now = 0
        self.ahead: list[int] = []
        self.entry = ""
        self.last = -1
        self.deadline = 0
        self.state = "ringing"
        self.where = phone.menus[0].name
        for key, at in enumerate(arrivals):
            heapq.heappush(self.queue, (at, next(self.numbers), KEY, key))
        self.tries = self.silences = self.wrongs = 0
        self.start_timer(lengths.get("answers", 0), phone.answers_ms)

    # The clock.

    def start_timer(self, length: int, _: object = None, *, since: int | None = None) -> None:
        self.timer = next(self.numbers)
        at = (self.now if since is None else since) + length
        heapq.heappush(self.queue, (at, self.timer, TIMER, self.timer))

    def length(self, part: str) -> int:
        return self.lengths[f"{self.where}.{part}"]

    def run(self) -> Line:
        while self.queue and not (all(self.decided) and self.state != "collecting"):
            self.now, _, kind, which = heapq.heappop(self.queue)
            if kind == KEY:
                getattr(self, f"key_{self.state}")(which)
            elif which == self.timer:
                getattr(self, f"timer_{self.state}")()
        return self

    @property
    def menu(self) -> Menu:
        return self.menus[self.where]

    def lose(self, key: int) -> None:
        self.decided[key] = True

    # Before a prompt.

    def key_ringing(self, key: int) -> None:
        self.ahead.append(key)

    key_starting = key_ringing

    def timer_ringing(self) -> None:
        self.prompt()

    timer_starting = timer_ringing

    def enter(self, place: str) -> None:
        self.where = place
        self.tries = self.silences = self.wrongs = 0
        if place not in self.menus:
            self.state = "over"
            self.timer = -1
            for key in self.ahead:
                self.lose(key)
            return
        self.state = "starting"
        self.start_timer(self.length("starts"))

    # The prompt.

    def prompt(self) -> None:
        self.entry = ""
        if not (self.menu.ahead and self.menu.early in ("stop", "held")):
            for key in self.ahead:
                self.lose(key)
            self.ahead = []
        self.state = "speaking"
        self.start_timer(self.length("says"))
        if self.ahead and self.menu.early == "stop":
            self.timer_speaking()

    def key_speaking(self, key: int) -> None:
        match self.menu.early:
            case "stop":
                self.ahead.append(key)
                self.timer_speaking()
            case "held":
                self.ahead.append(key)
            case "lost":
                self.lose(key)
            case "eaten":
                self.lose(key)
                self.timer_speaking()

    def timer_speaking(self) -> None:
        self.state = "listening"
        self.start_timer(self.length("silence"))
        self.drain()

    # Listening and collecting.

    def drain(self) -> None:
        while self.ahead and self.state in ("listening", "collecting"):
            self.take(self.ahead.pop(0))

    def key_listening(self, key: int) -> None:
        self.ahead.append(key)
        self.drain()

    key_collecting = key_listening

    def timer_listening(self) -> None:
        self.silences += 1
        self.tries += 1
        self.follow(self.limited(self.menu.silence.target))

    def take(self, key: int) -> None:
        if self.state == "listening":
            self.deadline = self.now + self.lengths.get(f"{self.where}.whole", 10**9)
        self.state = "collecting"
        self.fates[key] = (self.where, len(self.entry))
        self.decided[key] = True
        self.entry += self.keys[key]
        ended = [each for each in self.menu.entries if by_hash(each, self.entry)]
        complete = self.complete()
        more = any(prefix(each, self.entry) for each in self.menu.entries)
        if ended and not any(each.keys == self.entry for each in self.menu.entries):
            self.finish(ended[0])
        elif complete and complete.within_ms:
            self.start_timer(min(self.length("within"), self.deadline - self.now))
        elif more:
            self.start_timer(min(self.length("between"), self.deadline - self.now))
        else:
            self.finish(complete)

    def complete(self) -> Entry | None:
        literal = [each for each in self.menu.entries if each.keys == self.entry]
        digits = [
            each for each in self.menu.entries if not isinstance(each.keys, str) and full(each, self.entry)
        ]
        return next(iter(literal + digits), None)

    def timer_collecting(self) -> None:
        self.finish(self.complete())

    def finish(self, entry: Entry | None) -> None:
        self.entry = ""
        if entry and entry.target != AGAIN:
            self.enter(entry.target)
            return
        self.tries += 1
        if entry:
            self.follow(self.limited(AGAIN))
            return
        self.wrongs += 1
        self.after_wrong = self.limited(self.menu.wrong.target)
        if self.menu.wrong.says_ms == (0, 0):
            self.follow(self.after_wrong)
        else:
            self.state = "complaining"
            self.start_timer(self.length("wrong"))

    def limited(self, target: str) -> str:
        reached = {"tries": self.tries, "silences": self.silences, "wrong keys": self.wrongs}
        for limit in self.menu.limits:
            if reached[limit.of] >= limit.count:
                return limit.target
        return target

    def follow(self, target: str) -> None:
        if target == AGAIN:
            self.prompt()
        else:
            self.enter(target)

    # Something is said about wrong keys.

    def key_complaining(self, key: int) -> None:
        match self.menu.wrong.early:
            case "lost":
                self.lose(key)
            case "eaten":
                self.lose(key)
                self.follow(self.after_wrong)
            case _:
                self.follow(self.after_wrong)
                getattr(self, f"key_{self.state}")(key)

    def timer_complaining(self) -> None:
        self.follow(self.after_wrong)

    # The end.

    def key_over(self, key: int) -> None:
        self.lose(key)


def full(entry: Entry, keys: str) -> bool:
    form = entry.keys
    if isinstance(form, str):
        return keys == form
    return set(keys) <= set("0123456789") and form.least <= len(keys) <= form.most


def by_hash(entry: Entry, keys: str) -> bool:
    return entry.hash and keys[-1] == "#" and isinstance(entry.keys, Digits) and full(entry, keys[:-1])


def prefix(entry: Entry, keys: str) -> bool:
    form = entry.keys
    if isinstance(form, str):
        return len(keys) < len(form) and form[: len(keys)] == keys
    return set(keys) <= set("0123456789") and len(keys) < form.most

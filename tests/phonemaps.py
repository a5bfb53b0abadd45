"""Random maps of phone menus, and scripts that call them."""

from __future__ import annotations

import random

from dtmfdsl import press, wait
from dtmfdsl.phone.map import (
    AGAIN,
    HANG_UP,
    Digits,
    Entry,
    Limit,
    Menu,
    PhoneMap,
    Range,
    Silence,
    WrongKeys,
)
from dtmfdsl.program import Program


def span(chance: random.Random, least: int, most: int, wide: int) -> Range:
    low = chance.randrange(least, most, 10)
    return low, low + chance.choice([0, chance.randrange(10, wide, 10), wide])


def random_menu(chance: random.Random, name: str, on: list[str]) -> Menu:
    early = chance.choice(["stop", "stop", "held", "lost", "lost", "eaten"])
    entries = []
    targets = [*on, *on, *on, AGAIN]
    kind = chance.random()
    if kind < 0.3:
        least = chance.randint(2, 4)
        most = least + chance.choice([0, 0, 2])
        within = span(chance, 300, 2000, 500) if chance.random() < 0.3 else None
        entries.append(
            Entry(Digits(least, most), chance.choice(on), hash=chance.random() < 0.5, within_ms=within)
        )
    else:
        keys = chance.sample(["1", "2", "3", "0", "*", "12", "#", "23"], chance.randint(2, 5))
        entries += [Entry(each, chance.choice(targets)) for each in keys]
        if entries[0].target == AGAIN:
            entries[0] = Entry(keys[0], chance.choice(on))
    wrong = WrongKeys(
        chance.choice([AGAIN, AGAIN, chance.choice(on)]),
        chance.choice([(0, 0), span(chance, 500, 1500, 300)]),
        early=chance.choice(["lost", "stop", "eaten"]),
    )
    return Menu(
        name=name,
        entries=tuple(entries),
        starts_ms=span(chance, 50, 900, 800),
        says_ms=span(chance, 1000, 7000, 2500),
        early=early,
        ahead=chance.random() < 0.4,
        between_ms=span(chance, 800, 3000, 400),
        whole_ms=span(chance, 3000, 8000, 500) if chance.random() < 0.2 else None,
        silence=Silence(span(chance, 3000, 6000, 300), chance.choice([AGAIN, AGAIN, chance.choice(on)])),
        wrong=wrong,
        limits=(
            Limit(
                chance.randint(2, 3),
                chance.choice(["tries", "silences", "wrong keys"]),
                chance.choice([*on, HANG_UP]),
            ),
        ),
    )


def random_case(chance: random.Random) -> tuple[PhoneMap, Program, Range]:
    """A map, a script that may be meant for it, and how long a key takes."""
    levels = chance.randint(1, 4)
    names = [f"m{number}" for number in range(levels)]
    menus = []
    for number, name in enumerate(names):
        on = [names[number + 1] if number + 1 < levels else "done", "away"]
        if number and chance.random() < 0.3:
            on.append(chance.choice(names[:number]))
        menus.append(random_menu(chance, name, on))
    phone = PhoneMap(
        name="line",
        menus=tuple(menus),
        ends=("done", "away"),
        answers_ms=span(chance, 500, 3000, 2000),
        keys_arrive_ms=span(chance, 0, 100, 350),
    )
    key_ms = chance.choice([(93, 600), (93, 300), (100, 100), (700, 2500)])
    return phone, random_script(chance, phone), key_ms


def random_script(chance: random.Random, phone: PhoneMap) -> Program:
    """Presses that lead on, each after a wait that is about long enough."""
    menu: Menu | None = phone.menus[0]
    program = Program()
    before = phone.answers_ms[1]
    for _ in range(chance.randint(1, 5)):
        if menu is None:
            break
        entry = chance.choice(menu.entries)
        if isinstance(entry.keys, Digits):
            keys = "".join(chance.choices("0123456789", k=chance.randint(entry.keys.least, entry.keys.most)))
            if entry.hash and len(keys) < entry.keys.most:
                keys += "#"
        else:
            keys = entry.keys
        speaks = menu.says_ms[1] if menu.early in ("lost", "eaten") else chance.choice([0, menu.says_ms[0]])
        slack = chance.choice([0, 200, 1000, 2000, -1500])
        program += wait(f"{max(before + speaks + slack, 0)}ms")
        program += press(keys)
        before = menu.starts_ms[1] + (menu.between_ms[1] if chance.random() < 0.7 else 0)
        if entry.target != AGAIN:
            menu = phone.menu(entry.target)
    return program

"""What it costs to cut a long string into chunks, and whether the cuts are as good as can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from time import process_time

from measure import Finding, Row, pairs, seconds
from plain_pack import plain_pack, total_cost

from dtmfdsl.dialects.chunks import Code, pack

LIMIT = 92
USUAL = 10_000
TARGET = 0.45


def keys(random: Random, longest: int) -> Code:
    return Code("".join(random.choices("0123456789*#", k=random.randint(1, longest))))


def pause(random: Random, longest: int) -> Code:
    """A pause of at most `longest` characters: whole seconds, and perhaps a half."""
    halves = random.randint(1, 2 * longest)
    text = "W" * (halves // 2) + "," * (halves % 2)
    return Code(text, pause_ms=halves * 500, whole=False)


def mixed(random: Random, size: int) -> list[Code]:
    """What calls are made of: short groups of keys, and nearly as many pauses."""
    return [pause(random, 4) if random.random() < 0.45 else keys(random, 16) for _ in range(size)]


def bulky(random: Random, size: int) -> list[Code]:
    """Groups so long that few of them fit into a chunk, and some that must be cut themselves."""
    codes = []
    for _ in range(size):
        match random.random():
            case draw if draw < 0.3:
                codes.append(pause(random, 30))
            case draw if draw < 0.9:
                codes.append(keys(random, LIMIT))
            case _:
                codes.append(Code("7" * random.randint(LIMIT + 1, 3 * LIMIT), whole=False))
    return codes


def differs(codes: list[Code], limit: int) -> bool:
    """Whether the product's packing is worse, or better, than the plain one, or not a packing."""
    found = [chunk.text for chunk in pack(codes, limit)]
    plain = plain_pack(codes, limit)
    if len(found) != len(plain) or max(map(len, found)) > limit:
        return True
    if "".join(found) != "".join(code.text for code in codes):
        return True
    try:
        return total_cost(codes, found) != total_cost(codes, plain)
    except KeyError:
        return True


def differences(lists: int) -> int:
    """How many of that many random lists are packed differently well."""
    random = Random(7)
    kinds: list[tuple[Callable[[Random, int], list[Code]], list[int]]] = [
        (mixed, [16, 40, LIMIT]),
        (bulky, [LIMIT]),
    ]
    count = 0
    for number in range(lists):
        make, limits = kinds[number % len(kinds)]
        codes = make(random, random.randint(1, 120))
        count += differs(codes, random.choice(limits))
    return count


def rows(rounds: int, lists: int) -> Iterator[Row]:
    codes = mixed(Random(1), USUAL)

    def find() -> Finding:
        plain = partial(seconds, partial(plain_pack, codes, LIMIT), process_time)
        ours = partial(seconds, partial(pack, codes, LIMIT), process_time)
        found = pairs(plain, ours, rounds)
        wrong = differences(lists) + differs(codes, LIMIT)
        return Finding(
            f"{found.ratio:.3f}x, {wrong} differences",
            found.ratio <= TARGET and not wrong,
            f"Packing was compared with the plain search on {lists + 1:,} lists of codes.",
        )

    yield Row(f"pack {USUAL:,} codes, to a plain search", f"≤ {TARGET:g}x, 0 differences", find)

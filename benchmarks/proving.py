"""What it costs to prove scripts after maps: random ones, and rows of menus that lose early keys."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import process_time

from measure import Finding, Row

from dtmfdsl import DtmfError, compile
from dtmfdsl.phone.map import Entry, Menu, PhoneMap
from dtmfdsl.phone.margins import least_waits
from dtmfdsl.phone.presses import Lengths, Played
from dtmfdsl.phone.prover import Question, prove

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from phonemaps import random_case

MAPS = 40


def in_a_row(menus: int) -> Question:
    """So many menus, and a script that presses a key in each, which can be lost in each."""
    names = [*(f"m{number}" for number in range(menus)), "done"]
    phone = PhoneMap(
        name="line",
        menus=tuple(
            Menu(
                name=name,
                starts_ms=(100, 900),
                says_ms=(3000, 4000),
                early="lost",
                entries=(Entry("1", after),),
            )
            for name, after in pairwise(names)
        ),
        ends=("done",),
        answers_ms=(500, 1000),
        keys_arrive_ms=(50, 100),
    )
    compiled = compile("; ".join(["wait 4800ms; press 1"] * menus), dialect="exact")
    played = Played(compiled.program, compiled.dialect, compiled.chunks)
    return Question(played, phone, Lengths(compiled.dialect, (93, 600)))


def random_questions() -> Iterator[Question]:
    """Scripts and maps that allow them."""
    for seed in range(10**6):
        phone, program, key_ms = random_case(random.Random(seed))
        compiled = compile(program, dialect="exact")
        played = Played(program, compiled.dialect, compiled.chunks)
        question = Question(played, phone, Lengths(compiled.dialect, key_ms))
        try:
            _ = question.meant
        except DtmfError:
            continue
        yield question


def _ms(question: Question) -> float:
    start = process_time()
    prove(question)
    return (process_time() - start) * 1000


def rows() -> Iterator[Row]:
    def find_random() -> Finding:
        found = [_ms(question) for question, _ in zip(random_questions(), range(MAPS), strict=False)]
        return Finding(
            f"median {median(found):.1f} ms, worst {max(found):.0f} ms",
            median(found) <= 10 and max(found) <= 500,
        )

    def find_row() -> Finding:
        times = {menus: min(_ms(in_a_row(menus)) for _ in range(3)) for menus in (24, 48)}
        return Finding(
            f"{times[24]:.0f} ms, twice as many: {times[48] / times[24]:.1f}x",
            times[24] <= 100 and times[48] <= 4.4 * times[24],
        )

    def find_waits() -> Finding:
        question = in_a_row(12)
        start = process_time()
        least_waits(question)
        took = process_time() - start
        return Finding(f"{took * 1000:.0f} ms", took <= 1)

    yield Row(f"prove {MAPS} random maps", "median ≤ 10 ms, worst ≤ 500 ms", find_random)
    yield Row("prove 24 menus in a row", "≤ 100 ms, twice as many ≤ 4x", find_row)
    yield Row("least waits for 12 menus", "≤ 1 s", find_waits)

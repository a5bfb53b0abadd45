"""The prover of maps, held against an independent line, a grid, and figures that were worked out by hand."""

from __future__ import annotations

import os
import random
from fractions import Fraction

from phonemaps import random_case
from phonesim import Line

from dtmfdsl import DtmfError, compile
from dtmfdsl.phone.presses import Lengths, Played, arrivals
from dtmfdsl.phone.prover import Question
from dtmfdsl.phone.worlds import Numbers

MAPS = int(os.environ.get("DTMFDSL_MAPS", "40"))
CALLS = int(os.environ.get("DTMFDSL_MAP_CALLS", "500"))


def random_question(seed: int) -> Question:
    """A script and a map that allows it."""
    chance = random.Random(seed)
    while True:
        phone, program, key_ms = random_case(chance)
        compiled = compile(program, dialect="exact")
        played = Played(program, compiled.dialect, tuple(compiled.chunks))
        question = Question(played, phone, Lengths(compiled.dialect, key_ms), limit_s=1e9)
        try:
            place = question.meant.place
        except DtmfError:
            continue
        if question.presses:
            to = place if chance.random() < 0.5 else None
            return Question(played, phone, question.lengths, to, limit_s=1e9)


def fails(question: Question, lengths: dict[str, Fraction | int]) -> int | None:
    """The first key that the independent line does not take as it is meant; None if all goes well."""
    world = Numbers(lengths, random.Random(0))
    times = arrivals(question.played, question.phone, question.lengths, world, {})
    keys = "".join(press.key for press in question.presses)
    line = Line(question.phone, keys, times, lengths).run()
    for key, (fate, taker) in enumerate(zip(line.fates, question.meant.takers, strict=True)):
        if fate != taker:
            return key
    return None if question.to in (None, line.where) else len(keys) - 1

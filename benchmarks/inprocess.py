"""What the product costs inside one process: parsing, compiling, the memory that a tree keeps."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from time import process_time

from lark import Lark
from measure import Finding, Row, kept_bytes, pairs, ratio_row, seconds
from scripts import script

import dtmfdsl
from dtmfdsl.compiler import encode, to_program

YARDSTICK = Path(__file__).with_name("yardstick.lark")
USUAL, SHORT, LONG = 10_000, 1_000, 100_000
SHORT_ONES = 20
RUNS = count(1)

Work = Callable[[str], object]
"""Something to do with the text of a script."""

CONTESTANTS: list[tuple[str, Work, float]] = [
    ("parse", dtmfdsl.parse, 0.86),
    ("compile", dtmfdsl.compile, 1.12),
]


def compile_for_all(text: str) -> None:
    """What `port` does: the script is read once, and written in every dialect that can say it."""
    lowered = to_program(text)
    for dialect in dtmfdsl.DIALECTS.values():
        with suppress(dtmfdsl.DtmfError):
            encode(lowered, dialect)


def unseen(text: str) -> str:
    """The script with one more comment, so that no result kept from an earlier run fits it."""
    return f"{text}// {next(RUNS)}\n"


def per_statement(work: Work, texts: list[str], statements: int) -> float:
    """The processor time of the work on each text, for one statement."""
    taken = sum(seconds(partial(work, unseen(text)), process_time) for text in texts)
    return taken / len(texts) / statements


def rows(rounds: int, long_rounds: int) -> Iterator[Row]:
    lark = Lark(YARDSTICK.read_text(encoding="utf-8"), parser="lalr")
    text = script(USUAL)
    short, long = [script(SHORT, seed) for seed in range(SHORT_ONES)], script(LONG)
    yardstick = partial(per_statement, lark.parse, [text], USUAL)
    lark.parse(text)

    def speed(name: str, work: Work, target: float) -> Finding:
        work(text)
        gc.collect()
        gc.freeze()
        found = pairs(yardstick, partial(per_statement, work, [text], USUAL), rounds)
        return Finding(
            f"{found.ratio:.3f}x",
            found.ratio <= target,
            f"Best time of {name}: {found.contestant * 1e6:.1f} µs a statement;"
            f" of its yardstick: {found.yardstick * 1e6:.1f} µs.",
        )

    def memory() -> float:
        return kept_bytes(partial(dtmfdsl.parse, text)) / kept_bytes(partial(lark.parse, text))

    def every_dialect() -> float:
        short = script(50)
        one = partial(per_statement, dtmfdsl.compile, [short] * 50, 50)
        return pairs(one, partial(per_statement, compile_for_all, [short] * 50, 50), rounds).ratio

    def timeline() -> float:
        """The times of 10,000 keys, to compiling the same from text."""
        keys = "".join(f"press {at % 10_000:04}\nwait {1 + at % 7}s\n" for at in range(USUAL // 4))
        compiled = dtmfdsl.compile(keys)
        one = partial(per_statement, dtmfdsl.compile, [keys], 1)
        return pairs(one, partial(seconds, compiled.timeline, process_time), rounds).ratio

    def linearity(work: Work) -> float:
        one = partial(per_statement, work, short, SHORT)
        many = partial(per_statement, work, [long], LONG)
        return pairs(one, many, long_rounds).ratio

    for name, work, target in CONTESTANTS:
        title = f"{name} {USUAL:,} statements, to a bare Lark parse"
        yield Row(title, f"≤ {target:g}x", partial(speed, name, work, target))
    yield ratio_row(f"memory kept by parse of {USUAL:,}, to Lark's tree", 0.37, memory)
    title = f"compile 50 statements for {len(dtmfdsl.DIALECTS)} dialects, to compiling them for one"
    yield ratio_row(title, 3, every_dialect)
    yield ratio_row(f"timeline of {USUAL:,} keys, to compiling the same from text", 1.5, timeline)
    for name, work, _ in CONTESTANTS:
        title = f"{name}, cost of a statement among {LONG:,}, to one among {SHORT:,}"
        yield ratio_row(title, 1.4, partial(linearity, work))

"""What it costs to plan a script for many calls, each with values of its own."""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time

from measure import Finding, Row, pairs, seconds

from dtmfdsl.compiler import prepare
from dtmfdsl.sending import plan_call, plan_calls

SCRIPT = """\
param card: 16 digits
secret pin: 4 digits
press 1 for "English"
wait up to 6s for "enter your card"
press $card #
wait 3.5s
press $pin #
wait 8s
press 2 for "balance"
wait 5s
"""
CALLS = 20_000
FEW = 1_000
TARGET_US = 100
TARGET_RATIO = 0.3


def rows(rounds: int) -> Iterator[Row]:
    values = [
        {"card": f"{5077081100000000 + number}", "pin": f"{number % 10_000:04}"} for number in range(CALLS)
    ]
    calls = [{"call_id": f"c-{number}", **row} for number, row in enumerate(values)]
    names = prepare(SCRIPT)

    def together() -> object:
        return plan_calls(calls, script=names)

    def one_by_one() -> object:
        return [plan_call(names, values=row) for row in values[:FEW]]

    def find() -> Finding:
        found = pairs(
            lambda: seconds(one_by_one, process_time) / FEW,
            lambda: seconds(together, process_time) / CALLS,
            rounds,
        )
        cost = found.contestant * 1e6
        return Finding(
            f"{cost:.0f} µs a row, {found.ratio:.3f}x",
            cost <= TARGET_US and found.ratio <= TARGET_RATIO,
            f"Best time of one plan at a time: {found.yardstick * 1e6:.0f} µs a row.",
        )

    yield Row(f"plan {CALLS:,} rows, to one at a time", f"≤ {TARGET_US} µs a row, ≤ {TARGET_RATIO:g}x", find)

"""Measure the product against its targets: `python benchmarks/bench.py [--quick]`.

Every figure is a ratio, both sides of it measured in this run. It is a report and no gate: it
exits with 0 whatever it finds, and a missed target is marked `no`. A quick run has fewer rounds.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import traceback
from datetime import date
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # `python -P` does not do it

import calling
import delivering
import inprocess
import packing
import phoning
import planning
import processes
import proving
import sounding
from delivering import CALLS
from measure import Finding, Row


def find(row: Row) -> Finding:
    """What the row finds; a row that breaks is a missed target, and the report goes on."""
    try:
        return row.find()
    except Exception:
        traceback.print_exc()
        return Finding("failed", False)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure dtmfdsl against its targets.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, rougher figures")
    quick: bool = parser.parse_args().quick
    rounds = 5 if quick else 15

    print(f"{date.today()}, Python {platform.python_version()}, {platform.machine()},", end=" ")
    print(f"{os.cpu_count()} processors{', quick run' if quick else ''}\n")
    print("| what | measured | target | met |\n| --- | --- | --- | --- |", flush=True)
    notes = []
    for row in chain(
        inprocess.rows(rounds, long_rounds=1 if quick else 5),
        packing.rows(rounds, lists=400 if quick else 2_000),
        planning.rows(rounds),
        proving.rows(),
        sounding.rows(rounds),
        processes.rows(rounds=11 if quick else 25),
        delivering.rows(rounds=3 if quick else 9, paced=1_000 if quick else CALLS),
        calling.rows(),
        phoning.rows(),
    ):
        text, met, note = find(row)
        print(f"| {row.name} | {text} | {row.target} | {'yes' if met else 'no'} |", flush=True)
        if note:
            notes.append(note)
    print("\n" + "\n".join(notes))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

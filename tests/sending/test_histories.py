"""No sequence of faults, kills and resumes presses a key twice, places a call twice, or makes a report untrue."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from histories import check, play

COUNT = int(os.environ.get("DTMFDSL_HISTORIES", "2000"))
AT_ONCE = 250


@pytest.mark.parametrize("first", range(0, COUNT, AT_ONCE))
def test_a_history_does_nothing_twice_and_reports_what_is_so(first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        with tempfile.TemporaryDirectory() as folder:
            end = play(seed, Path(folder))
            try:
                check(end)
            except AssertionError as error:
                told = f"{end.report.status}: {end.report.summary:.200}" if end.report else end.code
                error.add_note(f"history {seed}, {end.world.carrier}: {told}")
                raise

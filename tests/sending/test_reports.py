"""A report in words."""

from __future__ import annotations

import attrs
import pytest
from lines import PLAN

from dtmfdsl.sending import Report, Status

DONE = Report("c", Status.COMPLETE, plan=PLAN, accepted=3)


@pytest.mark.parametrize(
    ("report", "summary"),
    [
        (DONE, "all 3 accepted"),
        (attrs.evolve(DONE, accepted=2, skipped=(0,)), "2 of 3 accepted, string 1 left out"),
        (
            attrs.evolve(DONE, status=Status.INTERRUPTED, reason="interrupted, when all was accepted"),
            "interrupted: all 3 accepted, the last may still be playing",
        ),
        (
            Report("c", Status.INTERRUPTED, "interrupted", PLAN, accepted=1),
            f"interrupted: 1 of 3 accepted, string 2 of 3, {PLAN.steps[1].shown}, was not sent",
        ),
        (Report("c", Status.UNKNOWN, "no answer", PLAN), "string 1 of 3, 12*: no answer"),
        (Report("c", Status.INCOMPLETE, "no", PLAN), "string 1 of 3, 12*: no; 0 of 3 accepted"),
        (Report("c", Status.UNDER_WAY, "", PLAN, 2), "2 of 3 accepted, string 3 of 3, 78 comes next"),
        (Report("c", Status.NOT_SENT, "this row has no call id"), "this row has no call id"),
    ],
)
def test_each_status_has_its_words(report: Report, summary: str) -> None:
    assert report.summary == summary

"""The CSV of how many calls ended."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from dtmfdsl.cli.reporting import unrecorded
from dtmfdsl.cli.streams import Refusal, data_for, drop, tell
from dtmfdsl.sending import Report


@contextmanager
def results_file(path: str | None) -> Iterator[TextIO]:
    """Where the outcomes go: standard output, or a new file. No file is overwritten.

    Raises Refusal if it cannot be created. It is created before anything is sent, and removed if it is empty.
    """
    if path is None:
        yield sys.stdout
        return
    special = os.path.exists(path) and not os.path.isfile(path)
    try:
        file = open(path, "w" if special else "x", encoding="utf-8", newline="")  # noqa: SIM115
    except FileExistsError:
        raise Refusal(f"{path} exists already: name another file for --results") from None
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}") from None
    try:
        yield file
    finally:
        with suppress(OSError):  # a failed write was reported before
            file.close()
        with suppress(OSError):
            if not special and not os.path.getsize(path):
                os.unlink(path)


def write_results(target: TextIO, reports: Iterable[Report], lines: Iterable[int]) -> None:
    """Writes the outcomes as CSV, each with its row's line in the table of calls.

    If that fails, they go to standard error, so that they are not lost.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("call_id", "outcome", "accepted", "strings", "reason", "line"))
    for report, line in zip(reports, lines, strict=True):
        outcome = report.status.value, report.accepted, report.strings
        writer.writerow((report.call_id, *outcome, _reason(report), line))
    try:
        target.write(data_for(target, text.getvalue()))
        target.flush()
    except OSError as error:
        if target is sys.stdout:
            drop(target)
        tell(f"the outcomes cannot be written: {error.strerror}; here they are")
        tell(*text.getvalue().splitlines())


def _reason(report: Report) -> str:
    """Why no more strings were accepted, and what a resumed delivery must be given."""
    reason = report.reason or (report.count if report.skipped else "")
    if report.undecided:
        reason += ": use --repeat or --skip"
    if way := unrecorded(report):
        reason = f"{reason or 'all accepted'}; if it is resumed:{way}"
    return reason

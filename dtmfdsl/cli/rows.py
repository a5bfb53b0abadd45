"""The CSV files of many calls: the calls, and how each ended."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import zip_longest
from typing import TextIO

from dtmfdsl.cli.reporting import unrecorded
from dtmfdsl.cli.streams import Refusal, data_for, drop, tell
from dtmfdsl.diagnostics import clean
from dtmfdsl.sending import Report
from dtmfdsl.sending.many import Row


def read_calls(path: str) -> tuple[list[str], list[Row]]:
    """The names of a CSV's columns but call_id, and its rows that are not blank.

    A row that is too short has no value for its last names, and one that is too long has one without a name.
    Raises Refusal if it cannot be read, or its first line does not name columns with call_id among them.
    """
    try:
        if path == "-":
            content = sys.stdin.buffer.read() if sys.stdin else b""
        else:
            with open(path, "rb") as file:
                content = file.read()
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        entries = [entry for entry in reader if any(field.strip() for field in entry)]
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refusal(f"{path}:{line}: this is not UTF-8") from None
    except csv.Error:
        raise Refusal(f"{path}:{reader.line_num}: this is not CSV: check its quotes") from None
    columns = [name.strip() for name in entries.pop(0)] if entries else []
    if "call_id" not in columns:
        raise Refusal(f"{path} needs a first line of names, with call_id among them")
    if twice := next((name for name in columns if columns.count(name) > 1), None):
        raise Refusal(f"{path} has two columns `{clean(twice)}`")
    if not entries:
        raise Refusal(f"{path} names no call")
    rows: list[Row] = [dict(zip_longest(columns, entry)) for entry in entries]
    return [name for name in columns if name != "call_id"], rows


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


def write_results(target: TextIO, reports: Iterable[Report]) -> None:
    """Writes the outcomes as CSV. If that fails, they go to standard error, so that they are not lost."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("call_id", "outcome", "accepted", "strings", "reason"))
    for report in reports:
        writer.writerow(
            (report.call_id, report.status.value, report.accepted, report.strings, _reason(report))
        )
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

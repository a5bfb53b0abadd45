"""The CSV files of many calls: the calls, and how each ended."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TextIO

import attrs

from dtmfdsl.cli.reporting import accepted
from dtmfdsl.cli.streams import Refusal, drop, tell
from dtmfdsl.diagnostics import clean
from dtmfdsl.sending.delivery import Delivery
from dtmfdsl.sending.plan import Plan


@attrs.define
class Row:
    """A call, its plan and delivery if there could be any, and how it stands and why if not."""

    call_id: str
    plan: Plan | None = None
    delivery: Delivery | None = None
    skipped: tuple[int, ...] = ()
    accepted: int = 0
    untold: str = ""
    status: str = "not sent"
    reason: str = ""

    def result(self) -> tuple[str, str, int, int, str]:
        """The call, how it ended, how many strings of how many were accepted, and why no more."""
        strings = len(self.plan.steps) if self.plan else 0
        if self.delivery is None:
            return self.call_id, self.status, self.accepted, strings, self.reason
        status, reason = self.delivery.status, self.delivery.reason
        if self.skipped and not reason:
            reason = accepted(self.delivery, self.skipped)
        if self.untold:
            reason = f"{reason or 'all accepted'}; if it is resumed:{self.untold}"
        return self.call_id, status.value, self.delivery.index - len(self.skipped), strings, reason


def read_calls(path: str) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """The names of a CSV's columns but call_id, and for each row its call id and its other values.

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
        raise Refusal(f"{path}:{reader.line_num}: this is not CSV: see to its quotes") from None
    columns = [name.strip() for name in entries.pop(0)] if entries else []
    if "call_id" not in columns:
        raise Refusal(f"{path} needs a first line of names, with call_id among them")
    if twice := next((name for name in columns if columns.count(name) > 1), None):
        raise Refusal(f"{path} has two columns `{clean(twice)}`")
    place = columns.index("call_id")
    del columns[place]
    rows = [
        # In a row that is too short, another value must not be taken for the id, and shown.
        (entry[place].strip() if len(entry) > place else "", entry[:place] + entry[place + 1 :])
        for entry in entries
    ]
    if not rows:
        raise Refusal(f"{path} names no call")
    return columns, rows


@contextmanager
def results_file(path: str | None) -> Iterator[TextIO]:
    """Where the outcomes go: standard output, or a new file. Nothing that stands there is written over.

    Raises Refusal if it cannot be had. It is made before anything is sent, and is gone if nothing was.
    """
    if path is None:
        yield sys.stdout
        return
    special = os.path.exists(path) and not os.path.isfile(path)
    try:
        file = open(path, "w" if special else "x", encoding="utf-8", newline="")  # noqa: SIM115
    except FileExistsError:
        raise Refusal(f"{path} is there already: name another file for --results") from None
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}") from None
    try:
        yield file
    finally:
        with suppress(OSError):  # of what could not be written, which was said before
            file.close()
        with suppress(OSError):
            if not special and not os.path.getsize(path):
                os.unlink(path)


def write_results(target: TextIO, rows: Sequence[Row]) -> None:
    """The outcomes as CSV. What cannot be written where it should goes to standard error: it is not lost."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("call_id", "outcome", "accepted", "strings", "reason"))
    writer.writerows(row.result() for row in rows)
    try:
        target.write(text.getvalue())
        target.flush()
    except OSError as error:
        if target is sys.stdout:
            drop(target)
        tell(f"the outcomes cannot be written where they should: {error.strerror}; here they are")
        tell(text.getvalue())

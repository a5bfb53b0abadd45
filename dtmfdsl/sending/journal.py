"""What was tried and how it ended, a line before and a line after each request, on disk before the next step.

A journal holds no key and nothing a key could be guessed from: step numbers, times, outcomes, and the plan's
shape. After a crash it tells which steps were certainly played, and whether one is in doubt.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from typing import IO, Any

import attrs

from dtmfdsl.diagnostics import Diagnostic, DtmfError
from dtmfdsl.sending.outcomes import Kind, Outcome
from dtmfdsl.sending.plan import Plan

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


@attrs.frozen
class Progress:
    """Where a journal stops: the next step, and whether the request of that step is in doubt."""

    next_step: int
    in_doubt: bool


class Journal:
    """A file of one delivery. Only one sender at a time may hold it."""

    def __init__(self, path: str, plan: Plan, call_id: str, *, resume: bool):
        """Opens the file: a new one, or with `resume` the one of a delivery of this plan to this call.

        Raises DtmfError if it exists and is not resumed, does not exist and is, belongs to another script or
        call, is held by another sender, or cannot be read or written.
        """
        self.path = path
        self.plan = plan
        self.call_id = call_id
        self.torn = False
        try:
            self.file: IO[bytes] = open(path, "rb+" if resume else "xb+")  # noqa: SIM115 - held while sending
        except FileExistsError:
            raise self._error(
                "journal-exists", "this journal is there already", "go on with --resume, or name another"
            ) from None
        except FileNotFoundError as error:
            help = "begin one with --journal" if resume else "check its folder"
            raise self._error("no-such-file", f"there is no file or folder {error.filename}", help) from None
        except OSError as error:
            raise self._error(
                "unreadable-file", f"the journal cannot be opened: {error.strerror}", None
            ) from None
        try:
            self._lock()
            lines = self._lines()
            if resume:
                self.progress = self._read(lines)
            else:
                self.progress = Progress(0, False)
                self._write(
                    {"event": "plan", "plan": plan.fingerprint, "call": call_id, "steps": len(plan.steps)}
                )
        except BaseException:
            self.file.close()
            raise

    def sending(self, step: int, attempt: int) -> None:
        """Says that a request is about to be made. It is on disk when this returns."""
        self._write({"event": "sending", "step": step, "attempt": attempt})

    def ended(self, step: int, outcome: Outcome) -> None:
        """Says how the request ended."""
        self._write({"event": "ended", "step": step, "outcome": outcome.kind.value})

    def decided(self, step: int, repeat: bool) -> None:
        """Says that a person decided to repeat, or to skip, a step that was in doubt."""
        self._write({"event": "decided", "step": step, "repeat": repeat})

    def close(self) -> None:
        self.file.close()

    def _write(self, entry: dict[str, Any]) -> None:
        line = json.dumps({**entry, "at": datetime.now(UTC).isoformat(timespec="milliseconds")})
        try:
            self.file.seek(0, os.SEEK_END)
            self.file.write((b"\n" if self.torn else b"") + line.encode() + b"\n")
            self.torn = False
            self.file.flush()
            os.fsync(self.file.fileno())
        except OSError as error:
            message = f"the journal cannot be written: {error.strerror}"
            raise self._error("unwritable-journal", message, "make room, then resume") from None

    def _lock(self) -> None:
        try:
            if sys.platform == "win32":
                msvcrt.locking(self.file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            help = "wait until it has finished, or use another journal"
            raise self._error("journal-in-use", "another sender is using this journal", help) from None

    def _lines(self) -> list[bytes]:
        self.file.seek(0)
        content = self.file.read()
        self.torn = bool(content) and not content.endswith(b"\n")
        return content.splitlines()

    def _read(self, lines: list[bytes]) -> Progress:
        """Follows the lines to where the delivery stopped."""
        following, doubt = 0, False
        for number, line in enumerate(lines):
            entry = self._entry(line)
            if entry is None:
                if number and number == len(lines) - 1:
                    # Torn off while it was written: of what it would have said, only a request matters.
                    return Progress(following, True)
                if number and b'"decided"' in lines[number + 1]:
                    doubt = True  # torn off once, and settled since
                    continue
                raise self._error(
                    "broken-journal",
                    f"line {number + 1} is not a journal's",
                    "it was changed by something else",
                )
            if number == 0:
                self._same(entry)
                continue
            step = entry.get("step")
            match entry.get("event"), entry.get("outcome"):
                case "sending", None if step == following:
                    doubt = True
                case "ended", Kind.ACCEPTED if step == following:
                    following, doubt = following + 1, False
                case "ended", Kind.NOT_EXECUTED | Kind.REFUSED if step == following:
                    doubt = False
                case "ended", Kind.UNKNOWN if step == following:
                    doubt = True
                case "decided", None if step == following:
                    following, doubt = following + (not entry.get("repeat")), False
                case _:
                    raise self._error(
                        "broken-journal",
                        f"line {number + 1} does not follow the one before",
                        "it was changed by something else",
                    )
        if not lines:
            raise self._error("broken-journal", "this journal is empty", "begin a new one with --journal")
        return Progress(following, doubt)

    def _entry(self, line: bytes) -> dict[str, Any] | None:
        try:
            entry = json.loads(line)
        except ValueError:
            return None
        return entry if isinstance(entry, dict) else None

    def _same(self, entry: dict[str, Any]) -> None:
        """Raises DtmfError unless a first line is this plan's and this call's."""
        if entry.get("event") != "plan":
            raise self._error("broken-journal", "this file is not a journal", "name the file of --journal")
        if entry.get("plan") != self.plan.fingerprint:
            help = "resume with the script, options and values it was begun with"
            raise self._error("other-journal", "this journal is of another script", help)
        if entry.get("call") != self.call_id:
            raise self._error(
                "other-journal", "this journal is of another call", "give the call id it was begun with"
            )

    def _error(self, code: str, message: str, help: str | None) -> DtmfError:
        return DtmfError(Diagnostic(code, f"{self.path}: {message}", help=help))

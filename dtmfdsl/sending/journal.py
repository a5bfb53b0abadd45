"""A record of each request: a line before it and a line after it, on disk before the next step.

A journal holds no key and nothing from which a key could be guessed: call ids, step numbers, times, outcomes,
and the shapes of the plans. After a crash it shows for each call which steps were certainly played, and
whether one is in doubt.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO, Any, Self

import attrs

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.notation import without_keys
from dtmfdsl.sending.carriers.ids import is_id
from dtmfdsl.sending.delivery import Start
from dtmfdsl.sending.outcomes import Created, Kind, Outcome, Status
from dtmfdsl.sending.placing import Ask, Create, HangUp, Look
from dtmfdsl.sending.plan import Plan

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


@attrs.define
class Progress:
    """What a journal records of one call.

    A call that is `called` is placed first, and has a name of ours. Its carrier's id is `placed`, once it is
    known; if `placing`, a creation was begun whose outcome is not known, and the call may exist. When it was
    hung up, `over` is how that left its delivery.

    `plan` is the fingerprint of its plan, which has this many `steps`. The delivery goes on at `start`. If
    that step is `in_doubt`, the outcome of its last request is not known, and a person must decide first; it
    is `awaited` while the line of the outcome may still come. `left_out` are the steps that a person decided
    to skip. A request in doubt may be repeated with its id, if that is `repeatable`. If an earlier one was
    `doubted`, only an acceptance settles it.
    """

    plan: str
    steps: int
    start: Start = attrs.field(factory=Start)
    in_doubt: bool = False
    awaited: bool = False
    left_out: tuple[int, ...] = ()
    repeatable: str = ""
    doubted: bool = False
    called: bool = False
    placing: bool = False
    placed: str = ""
    over: Status | None = None

    def follow(self, entry: Mapping[str, Any]) -> bool:
        """Takes in a line of the journal. False if it cannot follow the lines before."""
        step = self.start.step
        match entry:
            case {"event": "placing"} if self.called and not (self.placing or self.placed):
                self.placing = True
                return True
            case {"event": "placed", "outcome": str(outcome)} if self.placing:
                self.placed = str(entry.get("id", ""))
                self.placing = outcome == Kind.UNKNOWN or (outcome == Kind.ACCEPTED and not self.placed)
                return True
            case {"event": "over", "status": str(status)} if self.placed and status in list(Status):
                self.over = Status(status)
                return True
            case {"event": "torn"} if self.called:  # each request has a whole line before it
                return True
        awaited, self.awaited = self.awaited, False
        repeatable, self.repeatable = self.repeatable, ""
        id = entry.get("id", "")
        if entry.get("event") == "torn":
            self.in_doubt = step < self.steps
            return True
        if entry.get("step") != step or step == self.steps or not is_id(id):
            return False
        match entry.get("event"), entry.get("outcome"), entry.get("repeat"):
            case "sending", None, None if not self.in_doubt or (id and id == repeatable):
                self.start = attrs.evolve(self.start, tried=True, id=id)
                self.doubted, self.in_doubt, self.awaited = self.in_doubt, True, True
            case "ended", Kind.UNKNOWN, None if awaited:
                self.in_doubt, self.repeatable = True, self.start.id
            case "ended", Kind.NOT_EXECUTED | Kind.REFUSED, None if awaited:
                self.in_doubt = self.doubted
                self.repeatable = self.start.id if self.doubted else ""
            case "ended", Kind.ACCEPTED, None if awaited:
                self.start, self.in_doubt = Start(step + 1), False
            case "decided", None, True if self.in_doubt:
                self.start, self.in_doubt = attrs.evolve(self.start, may_play=True), False
            case "decided", None, False if self.in_doubt:
                self.start, self.in_doubt = Start(step + 1), False
                self.left_out += (step,)
            case _:
                return False
        return True


class Journal:
    """A file of what was sent on one call, or on many. One process at a time may hold it.

    with Journal(path, resume=False) as journal:
        journal.begin({call_id: plan})
        outcome = journal.around(call_id, action, post)

    `torn` is the call whose line was torn off at the end, if one was. `unrecorded`: outcomes, by
    call, that could not be written to the file.
    """

    def __init__(self, path: str, *, resume: bool):
        """Creates a file, or with `resume` opens one.

        Raises DtmfError if it must not exist and does, or must and does not; if it is no journal, is in use
        by another sender, or cannot be read or written.
        """
        self.path = path
        self.resumed = resume
        self.torn: str | None = None
        self.unrecorded: dict[str, Kind] = {}
        self._calls: dict[str, Progress] = {}
        self._end = 0
        self._cut = False
        self._failure: DtmfError | None = None
        self._lock = threading.Lock()
        try:
            self.file: IO[bytes] = open(path, "rb+" if resume else "xb+")  # noqa: SIM115 - held while sending
        except FileExistsError:
            raise self._error(
                "journal-exists", "this journal exists already", "go on with --resume, or name another"
            ) from None
        except FileNotFoundError as error:
            help = "begin one with --journal" if resume else "check its folder"
            raise self._error(
                "no-such-file", f"there is no file or folder {without_keys(error.filename)}", help
            ) from None
        except OSError as error:
            reason = error.strerror or "it is no file"
            raise self._error("unreadable-file", f"the journal cannot be opened: {reason}", None) from None
        try:
            if not stat.S_ISREG(os.fstat(self.file.fileno()).st_mode):
                raise self._error("not-a-file", "a journal must be an ordinary file", "name another")
            self._hold()
            if resume:
                self._read()
            else:
                self._settle_folder()
        except BaseException:
            self.file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        with suppress(OSError):  # a failed write was reported before
            self.file.close()

    def begin(self, plans: Mapping[str, Plan], *, called: bool = False) -> None:
        """Records what will be sent on which calls, unless that is recorded already.

        If they are `called`, they are placed first, and are known by names of ours.
        Raises DtmfError if the journal is of another script, or of other calls only.
        """
        for call_id, plan in plans.items():
            self.check(call_id, plan)
        if self.resumed and not any(call_id in self._calls for call_id in plans):
            raise self._error(
                "other-journal", "this journal is of another call", "give the call id it was begun with"
            )
        lines = []
        for call_id, plan in plans.items():
            if call_id not in self._calls:
                known = self._calls[call_id] = Progress(plan.fingerprint, len(plan.steps), called=called)
                line = {"call": call_id, "event": "plan", "plan": known.plan, "steps": known.steps}
                lines.append(line | ({"called": True} if called else {}))
        if lines:
            self._write(*lines)

    def check(self, call_id: str, plan: Plan) -> None:
        """Raises DtmfError if this call was begun with another plan."""
        known = self._calls.get(call_id)
        if known and (known.plan, known.steps) != (plan.fingerprint, len(plan.steps)):
            help = "resume with the script, options and values it was begun with"
            raise self._error("other-journal", "this journal is of another script", help)

    def progress(self, call_id: str) -> Progress:
        """What is recorded of a call. Raises DtmfError if the call was not begun."""
        if call_id not in self._calls:
            raise self._error("other-journal", "this journal is of another call", "begin this call in it")
        return self._calls[call_id]

    def take_up(self, call_id: str, plan: Plan, doubt: str | None) -> Start:
        """Where the delivery of a plan that was begun goes on.

        A string in doubt is settled if `doubt` is "repeat" or "skip", which is recorded. Else the start has
        the doubt, and nothing can be sent.
        """
        progress = self.progress(call_id)
        step = progress.start.step
        if progress.in_doubt and doubt not in ("repeat", "skip"):
            torn = "the journal's last line is torn off: " if self.torn == call_id else ""
            at = f"string {step + 1} of {len(plan.steps)}, {plan.steps[step].shown}"
            return attrs.evolve(progress.start, doubt=f"{torn}{at}, may or may not have been played")
        if progress.in_doubt:
            self.decided(call_id, step, doubt == "repeat")
        return progress.start

    def around(self, call_id: str, action: Ask, post: Callable[[], Outcome]) -> Outcome:
        """Makes a request, with a line before it and a line after it, and returns how it ended.

        If the line before cannot be written, nothing is sent. If the line after cannot be written, the
        outcome is kept in `unrecorded`, and no further string is sent. A look at a call and a hang-up can be
        repeated, and have no line before them.
        """
        if isinstance(action, Look):
            return post()
        if isinstance(action, HangUp):
            outcome = post()
            if outcome.kind is Kind.ACCEPTED:
                with suppress(DtmfError):
                    self._record(call_id, {"event": "over", "status": action.status.value})
            return outcome
        try:
            if isinstance(action, Create):
                self._record(call_id, {"event": "placing", "attempt": action.attempt})
            else:
                self.sending(call_id, action.index, action.attempt, action.id)
        except DtmfError as error:
            return Outcome(Kind.REFUSED, error.diagnostics[0].message)
        outcome = Outcome(Kind.UNKNOWN, "the sender failed")
        try:
            outcome = post()
        finally:
            with suppress(DtmfError):
                if isinstance(action, Create):
                    self.placed(call_id, outcome)
                else:
                    self.ended(call_id, action.index, outcome)
        return outcome

    def sending(self, call_id: str, step: int, attempt: int, id: str = "") -> None:
        """Records that a request is about to be made. It is on disk when this returns."""
        known = {"id": id} if id else {}
        self._record(call_id, {"event": "sending", "step": step, "attempt": attempt, **known})

    def ended(self, call_id: str, step: int, outcome: Outcome) -> None:
        """Records how the request ended."""
        self.unrecorded[call_id] = outcome.kind
        self._record(call_id, {"event": "ended", "step": step, "outcome": outcome.kind.value})
        del self.unrecorded[call_id]

    def placed(self, call_id: str, outcome: Outcome) -> None:
        """Records how the creation of a call ended, and the carrier's id of the call."""
        known = {"id": outcome.call_id} if isinstance(outcome, Created) else {}
        self._record(call_id, {"event": "placed", "outcome": outcome.kind.value, **known})

    def decided(self, call_id: str, step: int, repeat: bool) -> None:
        """Records that a person decided to repeat, or to skip, a step that was in doubt."""
        self._record(call_id, {"event": "decided", "step": step, "repeat": repeat})

    def _record(self, call_id: str, entry: Mapping[str, Any]) -> None:
        progress = self.progress(call_id)
        if self._failure:
            raise self._failure
        if not attrs.evolve(progress).follow(entry):
            message = "this journal goes on with another step, or has an unsettled doubt"
            raise self._error("other-journal", message, "begin the delivery at the `start` of its progress")
        self._write({"call": call_id, **entry})
        progress.follow(entry)

    def _write(self, *entries: Mapping[str, Any]) -> None:
        """Appends lines, in the place of a torn one. After a failure, every further call fails too."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._lock:
            if self._failure:
                raise self._failure
            if self._cut and self.torn:
                entries = ({"call": self.torn, "event": "torn"}, *entries)
            lines = "".join(json.dumps({**entry, "at": at}) + "\n" for entry in entries).encode()
            try:
                if self._cut:
                    self.file.truncate(self._end)
                self.file.seek(0, os.SEEK_END)
                self.file.write(lines)
                self.file.flush()
                os.fsync(self.file.fileno())
            except OSError as error:
                message = f"the journal cannot be written: {error.strerror}"
                self._failure = self._error("unwritable-journal", message, "make room, then resume")
                raise self._failure from None
            self._cut = False

    def _settle_folder(self) -> None:
        """Puts the file's name on disk too, where the system can do that for a folder."""
        if sys.platform == "win32":
            return
        folder = os.open(os.path.dirname(os.path.abspath(self.path)), os.O_RDONLY)
        try:
            with suppress(OSError):  # some file systems cannot
                os.fsync(folder)
        finally:
            os.close(folder)

    def _hold(self) -> None:
        try:
            if sys.platform == "win32":
                msvcrt.locking(self.file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            help = "wait until it has finished, or use another journal"
            raise self._error("journal-in-use", "another sender is using this journal", help) from None

    def _read(self) -> None:
        """Reads where each delivery stopped. A last line without its end is torn.

        A person must decide about the call that it names: it may be the outcome of a request.
        """
        *lines, rest = self.file.read().split(b"\n")
        for number, line in enumerate(lines, 1):
            self._end += len(line) + 1
            self._follow(number, line)
        if not lines:
            help = "nothing was sent: remove it, and begin a new one with --journal"
            raise self._error("broken-journal", "this journal has no whole line", help)
        if rest:
            self._cut = True
            named = re.match(rb'\{"call": ("(?:[^"\\]|\\.)*")', rest)
            call_id = _parsed(named[1]) if named else next(iter(self._calls))
            # A line too short to name its call hides no request: each has a whole line before it.
            if call_id in self._calls and (named or len(self._calls) == 1):
                self.torn = call_id
                self._calls[call_id].follow({"event": "torn"})

    def _follow(self, number: int, line: bytes) -> None:
        entry = _parsed(line)
        match entry:
            case {"call": str(call_id), "event": "plan", "plan": str(plan), "steps": int(steps)}:
                follows = call_id not in self._calls
                self._calls[call_id] = Progress(plan, steps, called=entry.get("called") is True)
            case {"call": str(call_id)} if call_id in self._calls:
                follows = self._calls[call_id].follow(entry)
            case _ if number == 1:
                raise self._error(
                    "broken-journal", "this file is not a journal", "name the file of --journal"
                )
            case _:
                follows = False
        if not follows:
            message = f"line {number} does not follow the ones before"
            raise self._error("broken-journal", message, "it was changed by another program")

    def _error(self, code: str, message: str, help: str | None) -> DtmfError:
        return DtmfError.of(code, f"{self.path}: {message}", help=help)


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None

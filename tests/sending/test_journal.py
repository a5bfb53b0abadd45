"""The journal: its lines are enough to go on, and give no key away."""

from __future__ import annotations

import errno
import itertools
import json
import os
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import pytest

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.sending.delivery import Send, Start
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.outcomes import Kind, Outcome
from dtmfdsl.sending.plan import Plan, make_plan

PLAN = make_plan(
    dtmfdsl.compile(
        "secret pin: 4 digits; press $pin; wait 100s; press 5; wait 100s; press 6", values={"pin": "7391"}
    ).program,
    dtmfdsl.get_dialect("bandwidth-v1"),
)
OUTCOMES = {kind: Outcome(kind, "…") for kind in Kind}


def codes(caught: pytest.ExceptionInfo[DtmfError]) -> list[str]:
    return [found.code for found in caught.value.diagnostics]


def new(path: Path, plan: Plan = PLAN, call: str = "c-1") -> Journal:
    journal = Journal(str(path), resume=False)
    journal.begin({call: plan})
    return journal


def begun(path: Path, *steps: tuple[int, Kind | None], plan: Plan = PLAN) -> None:
    with new(path, plan) as journal:
        for step, kind in steps:
            journal.sending("c-1", step, 1)
            if kind:
                journal.ended("c-1", step, OUTCOMES[kind])


def resumed(path: Path, plan: Plan = PLAN, call: str = "c-1") -> tuple[int, bool]:
    """The next step, and whether it is in doubt."""
    with Journal(str(path), resume=True) as journal:
        journal.begin({call: plan})
        progress = journal.progress(call)
    return progress.start.step, progress.in_doubt


@pytest.mark.parametrize(
    ("steps", "progress"),
    [
        ([], (0, False)),
        ([(0, Kind.ACCEPTED)], (1, False)),
        ([(0, Kind.NOT_EXECUTED)], (0, False)),
        ([(0, Kind.NOT_EXECUTED), (0, Kind.ACCEPTED), (1, Kind.REFUSED)], (1, False)),
        ([(0, Kind.UNKNOWN)], (0, True)),
        ([(0, Kind.ACCEPTED), (1, None)], (1, True)),
        ([(0, Kind.ACCEPTED), (1, Kind.ACCEPTED), (2, Kind.ACCEPTED)], (3, False)),
    ],
)
def test_it_goes_on_after_the_last_accepted_step(
    tmp_path: Path, steps: list[tuple[int, Kind | None]], progress: tuple[int, bool]
) -> None:
    begun(tmp_path / "j", *steps)
    assert resumed(tmp_path / "j") == progress


@pytest.mark.parametrize(("repeat", "following"), [(True, 1), (False, 2)])
def test_a_decision_settles_a_doubt(tmp_path: Path, repeat: bool, following: int) -> None:
    begun(tmp_path / "j", (0, Kind.ACCEPTED), (1, Kind.UNKNOWN))
    with Journal(str(tmp_path / "j"), resume=True) as journal:
        journal.decided("c-1", 1, repeat)
    assert resumed(tmp_path / "j") == (following, False)


def test_it_remembers_what_was_tried_and_what_may_still_play(tmp_path: Path) -> None:
    path = tmp_path / "j"
    begun(path, (0, Kind.ACCEPTED))
    with Journal(str(path), resume=True) as journal:
        progress = journal.progress("c-1")
        assert progress.start == Start(1)
        journal.sending("c-1", 1, 1)
        journal.ended("c-1", 1, OUTCOMES[Kind.UNKNOWN])
        journal.decided("c-1", 1, repeat=True)
        assert progress.start == Start(1, tried=True, may_play=True)
        journal.sending("c-1", 1, 2)
        journal.ended("c-1", 1, OUTCOMES[Kind.NOT_EXECUTED])
        assert progress.start == Start(1, tried=True, may_play=True)  # its first request may play
        assert not progress.in_doubt
    with Journal(str(path), resume=True) as journal:
        assert journal.progress("c-1") == progress
        journal.sending("c-1", 1, 1)
        journal.ended("c-1", 1, OUTCOMES[Kind.ACCEPTED])
        assert journal.progress("c-1").start == Start(2)


A, B = "018bcfe5-6800-7a3d-89be-26499cd56bc1", "018bcfe5-6800-7bff-9a77-5a931517026a"


def test_a_request_in_doubt_may_be_repeated_with_its_id_alone(tmp_path: Path) -> None:
    path = tmp_path / "j"
    begun(path)
    with Journal(str(path), resume=True) as journal:
        journal.sending("c-1", 0, 1, A)
        journal.ended("c-1", 0, OUTCOMES[Kind.UNKNOWN])
        for other in (B, ""):
            with pytest.raises(DtmfError, match="an unsettled doubt"):
                journal.sending("c-1", 0, 2, other)
        for kind in (Kind.UNKNOWN, Kind.NOT_EXECUTED, Kind.REFUSED):
            journal.sending("c-1", 0, 2, A)
            journal.ended("c-1", 0, OUTCOMES[kind])
            assert journal.progress("c-1").in_doubt  # the first request may have been executed
    with Journal(str(path), resume=True) as journal:
        progress = journal.progress("c-1")
        assert (progress.in_doubt, progress.start.id) == (True, A)
        journal.sending("c-1", 0, 2, A)
        with pytest.raises(DtmfError, match="an unsettled doubt"):
            journal.sending("c-1", 0, 2, A)  # two at once
        journal.ended("c-1", 0, OUTCOMES[Kind.ACCEPTED])
        assert progress.start == Start(1)
        assert not progress.in_doubt
        journal.sending("c-1", 1, 1, B)
        journal.ended("c-1", 1, OUTCOMES[Kind.NOT_EXECUTED])
        assert not progress.in_doubt  # the doubt was of another step
    with Journal(str(path), resume=True) as journal:
        assert journal.progress("c-1").start.id == B


def test_a_decision_to_repeat_keeps_the_id(tmp_path: Path) -> None:
    path = tmp_path / "j"
    begun(path)
    with Journal(str(path), resume=True) as journal:
        journal.sending("c-1", 0, 1, A)
        journal.ended("c-1", 0, OUTCOMES[Kind.UNKNOWN])
        assert journal.take_up("c-1", PLAN, "repeat") == Start(0, tried=True, may_play=True, id=A)
        journal.sending("c-1", 0, 1, B)  # when the carrier has forgotten the first
        journal.ended("c-1", 0, OUTCOMES[Kind.NOT_EXECUTED])
        assert not journal.progress("c-1").in_doubt


@pytest.mark.parametrize("id", ['"x"', "7", "null", f'"{A[:-1]}"', "[]"])
def test_an_id_that_is_none_is_not_taken_up(tmp_path: Path, id: str) -> None:
    path = tmp_path / "j"
    begun(path)
    with path.open("a") as file:
        file.write(f'{{"call": "c-1", "event": "sending", "step": 0, "attempt": 1, "id": {id}}}\n')
    with pytest.raises(DtmfError, match="line 2 does not follow"):
        Journal(str(path), resume=True)


def test_a_line_cut_anywhere_leaves_a_doubt_and_never_a_loss(tmp_path: Path) -> None:
    begun(tmp_path / "j", (0, Kind.ACCEPTED), (1, Kind.ACCEPTED))
    content = (tmp_path / "j").read_bytes()
    first = content.index(b"\n") + 1
    for length in range(first, len(content)):
        (tmp_path / "cut").write_bytes(content[:length])
        next_step, in_doubt = resumed(tmp_path / "cut")
        assert next_step == content[:length].count(b'"accepted", "at"') - (
            b'"accepted", "at"' in content[:length].rpartition(b"\n")[2]
        )
        # Whatever has been sent is either known to have played or in doubt.
        assert content[:length].count(b'"sending"') <= next_step + in_doubt
        assert (tmp_path / "cut").read_bytes() == content[:length]


def test_a_torn_line_gives_way_to_the_next_and_its_doubt_stays(tmp_path: Path) -> None:
    begun(tmp_path / "j", (0, Kind.ACCEPTED))
    content = (tmp_path / "j").read_bytes()
    (tmp_path / "j").write_bytes(content + b'{"call": "c-1", "event": "send')
    for _ in range(2):
        with Journal(str(tmp_path / "j"), resume=True) as journal:
            assert journal.torn
            journal.begin({"c-1": PLAN})
            assert journal.progress("c-1").in_doubt
        journal = Journal(str(tmp_path / "j"), resume=True)
        journal.begin({"c-1": PLAN, "c-2": PLAN})  # a first line after it, of another call
        journal.close()
        assert resumed(tmp_path / "j") == (1, True)
        with (tmp_path / "j").open("ab") as file:
            file.write(b'{"call": "c-1", "ev')  # and torn once more
    with Journal(str(tmp_path / "j"), resume=True) as journal:
        journal.decided("c-1", 1, repeat=False)
    assert resumed(tmp_path / "j") == (2, False)
    assert all(json.loads(line) for line in (tmp_path / "j").read_text().splitlines())


def test_a_torn_line_is_of_the_call_that_it_names(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with Journal(str(path), resume=False) as journal:
        journal.begin({"a": PLAN, "b": PLAN})
    whole = path.read_bytes()
    for rest, torn in ((b'{"call": "b", "ev', "b"), (b'{"ca', None)):
        path.write_bytes(whole + rest)
        with Journal(str(path), resume=True) as journal:
            assert journal.torn == torn
            assert [journal.progress(call).in_doubt for call in "ab"] == [False, torn == "b"]
    begun(tmp_path / "one", (0, Kind.ACCEPTED))
    with (tmp_path / "one").open("ab") as file:
        file.write(b'{"ca')  # there is only one that it can be of
    assert resumed(tmp_path / "one") == (1, True)


def test_a_torn_line_after_the_last_step_leaves_no_doubt(tmp_path: Path) -> None:
    begun(tmp_path / "j", *((step, Kind.ACCEPTED) for step in range(3)))
    with (tmp_path / "j").open("ab") as file:
        file.write(b'{"call": "c-1", "ev')
    assert resumed(tmp_path / "j") == (3, False)


def test_many_calls_share_one_and_none_is_taken_for_another(tmp_path: Path) -> None:
    other = make_plan(dtmfdsl.press("12"), PLAN.dialect)
    with Journal(str(tmp_path / "j"), resume=False) as journal:
        journal.begin({"a": PLAN, "b": PLAN, 'c \u2028"': other})
        for call, step, kind in (("a", 0, Kind.ACCEPTED), ("b", 0, Kind.UNKNOWN), ("a", 1, None)):
            journal.sending(call, step, 1)
            if kind:
                journal.ended(call, step, OUTCOMES[kind])
    with Journal(str(tmp_path / "j"), resume=True) as journal:
        journal.begin({"a": PLAN, "b": PLAN, 'c \u2028"': other, "new": PLAN})
        found = {call: journal.progress(call) for call in ("a", "b", 'c \u2028"', "new")}
        assert [(each.start.step, each.in_doubt) for each in found.values()] == [
            (1, True), (0, True), (0, False), (0, False),
        ]  # fmt: skip
        with pytest.raises(DtmfError):
            journal.check("a", other)


class Careful:
    """A file that is slow to write, so that two threads in it at once would be seen."""

    def __init__(self, file: IO[bytes]):
        self.file = file
        self.busy = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def write(self, content: bytes) -> int:
        assert self.busy.acquire(blocking=False)
        written = sum(self.file.write(content[at : at + 1]) for at in range(len(content)))
        self.busy.release()
        return written


def test_threads_may_write_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    interval = sys.getswitchinterval()
    request.addfinalizer(lambda: sys.setswitchinterval(interval))
    monkeypatch.setattr(os, "fsync", lambda file: None)
    calls = [f"c-{number}" for number in range(16)]
    with Journal(str(tmp_path / "j"), resume=False) as journal:
        journal.begin(dict.fromkeys(calls, PLAN))
        journal.file = Careful(journal.file)  # type: ignore[assignment]
        sys.setswitchinterval(1e-6)
        with ThreadPoolExecutor(8) as pool:
            for step in range(3):
                send = Send(step, PLAN.steps[step], 1)
                answers = [
                    pool.submit(journal.around, call, send, lambda: OUTCOMES[Kind.ACCEPTED]) for call in calls
                ]
                assert {answer.result() for answer in answers} == {OUTCOMES[Kind.ACCEPTED]}
    with Journal(str(tmp_path / "j"), resume=True) as journal:
        assert all(journal.progress(call).start.step == 3 for call in calls)


def test_a_delivery_can_begin_only_where_it_stops(tmp_path: Path) -> None:
    made: list[int] = []

    def post(step: int) -> Outcome:
        made.append(step)
        return OUTCOMES[Kind.UNKNOWN if step else Kind.ACCEPTED]

    def ask(step: int, call: str = "c-1") -> Outcome:
        return journal.around(call, Send(step, PLAN.steps[step], 1), lambda: post(step))

    with new(tmp_path / "j") as journal:
        assert [ask(0).kind, ask(1).kind] == [Kind.ACCEPTED, Kind.UNKNOWN]
    content = (tmp_path / "j").read_bytes()
    with Journal(str(tmp_path / "j"), resume=True) as journal:
        for step, call in ((0, "c-1"), (1, "c-1"), (2, "c-1"), (0, "c-2")):
            assert ask(step, call).kind is Kind.REFUSED
        with pytest.raises(DtmfError, match="another call"):
            journal.progress("c-2")
    assert made == [0, 1]
    assert (tmp_path / "j").read_bytes() == content


# What cannot be written


class Full:
    """A file on a disk that is full after this many writes, in the middle of one."""

    def __init__(self, file: IO[bytes], writes: int):
        self.file = file
        self.left = writes

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def write(self, content: bytes) -> int:
        self.left -= 1
        if self.left < 0:
            self.file.write(content[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.file.write(content)


@pytest.mark.parametrize("writes", range(7))
@pytest.mark.parametrize("kind", Kind)
def test_a_full_disk_stops_before_the_next_request_and_what_is_unrecorded_is_kept(
    tmp_path: Path, writes: int, kind: Kind
) -> None:
    journal = new(tmp_path / "j")
    journal.file = Full(journal.file, writes)  # type: ignore[assignment]
    made: list[int] = []

    def post(step: int) -> Outcome:
        made.append(step)
        return OUTCOMES[kind] if step == 2 else OUTCOMES[Kind.ACCEPTED]

    outcomes = [
        journal.around("c-1", Send(step, PLAN.steps[step], 1), lambda step=step: post(step))
        for step in range(3)
    ]
    journal.close()
    # Two lines a request: one that could not be announced was not made, nor any after it.
    assert made == list(range((writes + 1) // 2))
    for step, outcome in enumerate(outcomes):
        assert (outcome.kind is Kind.REFUSED and "cannot be written" in outcome.reason) == (step not in made)
    half = bool(writes % 2)
    assert journal.unrecorded == ({"c-1": post(made[-1]).kind} if half else {})
    next_step, in_doubt = resumed(tmp_path / "j")
    told = made[: writes // 2]
    assert next_step == sum(post(step).kind is Kind.ACCEPTED for step in told)
    # A torn line is a doubt; so is a request whose end is not there.
    assert in_doubt == (next_step < 3 and (writes < 6 or kind is Kind.UNKNOWN))


def test_it_holds_no_key_and_no_hash_of_one(tmp_path: Path) -> None:
    begun(tmp_path / "j", (0, Kind.ACCEPTED), (1, Kind.UNKNOWN))
    text = (tmp_path / "j").read_text()
    assert "7391" not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert {key for line in lines for key in line} == {
        "event",
        "plan",
        "call",
        "steps",
        "at",
        "step",
        "attempt",
        "outcome",
    }
    # The one thing made of the script is the same for every PIN.
    script = "secret pin: 4 digits; press $pin; wait 100s; press 5; wait 100s; press 6"
    others = {
        make_plan(dtmfdsl.compile(script, values={"pin": pin}).program, PLAN.dialect).fingerprint
        for pin in ("0000", "1234", "9999")
    }
    assert others == {lines[0]["plan"]}
    assert re.fullmatch("[0-9a-f]{16}", lines[0]["plan"])


def test_what_cannot_be_resumed_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "j"
    begun(path, (0, Kind.ACCEPTED))
    path.with_name("torn").write_bytes(b'{"call": "c-1", "event": "pl')
    other = make_plan(dtmfdsl.press("12"), PLAN.dialect)
    for attempt, code in [
        (lambda: resumed(path, plan=other), "other-journal"),
        (lambda: resumed(path, call="c-2"), "other-journal"),
        (lambda: begun(path), "journal-exists"),
        (lambda: resumed(tmp_path / "none"), "no-such-file"),
        (lambda: begun(tmp_path / "no" / "folder"), "no-such-file"),
        (lambda: begun(tmp_path), "journal-exists"),
        (lambda: resumed(tmp_path), "unreadable-file"),
        (lambda: resumed(tmp_path / "torn"), "broken-journal"),
    ]:
        with pytest.raises(DtmfError) as caught:
            attempt()
        assert codes(caught) == [code]


@pytest.mark.parametrize(
    "content", [b"", b"press 1\n", b"[]\n", b"\xff\xfe\n", b'{"event": "ended"}\n', b"null\nnull\n"]
)
def test_what_is_no_journal_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "j").write_bytes(content)
    with pytest.raises(DtmfError) as caught:
        resumed(tmp_path / "j")
    assert codes(caught)[0] in ("broken-journal", "other-journal")
    assert (tmp_path / "j").read_bytes() == content


def test_lines_that_do_not_follow_are_refused(tmp_path: Path) -> None:
    begun(tmp_path / "j", (0, Kind.ACCEPTED), (1, Kind.ACCEPTED))
    first, *lines = (tmp_path / "j").read_bytes().splitlines(keepends=True)
    for wrong in itertools.permutations(lines):
        if list(wrong) == lines:
            continue
        (tmp_path / "wrong").write_bytes(first + b"".join(wrong))
        with pytest.raises(DtmfError) as caught:
            resumed(tmp_path / "wrong")
        assert codes(caught) == ["broken-journal"]
    for missing in range(4):
        (tmp_path / "wrong").write_bytes(first + b"".join(lines[:missing] + lines[missing + 1 :]))
        if missing == 3:  # the last `ended` is a doubt
            assert resumed(tmp_path / "wrong") == (1, True)
            continue
        with pytest.raises(DtmfError):
            resumed(tmp_path / "wrong")
    for wrong in (
        [first, first],
        [first, b"\n"],
        [first, *lines, *lines],
        [first, lines[0].replace(b"c-1", b"c-2")],
    ):
        (tmp_path / "wrong").write_bytes(b"".join(wrong))
        with pytest.raises(DtmfError) as caught:
            resumed(tmp_path / "wrong")
        assert codes(caught) == ["broken-journal"]


def test_only_one_sender_may_hold_it(tmp_path: Path) -> None:
    held = new(tmp_path / "j")
    with pytest.raises(DtmfError) as caught:
        resumed(tmp_path / "j")
    assert codes(caught) == ["journal-in-use"]
    held.close()
    assert resumed(tmp_path / "j") == (0, False)

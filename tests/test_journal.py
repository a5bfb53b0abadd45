"""The journal: what it says is enough to go on, and gives nothing away."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.sending.journal import Journal, Progress
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


def begun(path: Path, *steps: tuple[int, Kind | None], plan: Plan = PLAN) -> None:
    journal = Journal(str(path), plan, "c-1", resume=False)
    for step, kind in steps:
        journal.sending(step, 1)
        if kind:
            journal.ended(step, OUTCOMES[kind])
    journal.close()


def resumed(path: Path, plan: Plan = PLAN, call: str = "c-1") -> Progress:
    journal = Journal(str(path), plan, call, resume=True)
    journal.close()
    return journal.progress


@pytest.mark.parametrize(
    ("steps", "progress"),
    [
        ([], Progress(0, False)),
        ([(0, Kind.ACCEPTED)], Progress(1, False)),
        ([(0, Kind.NOT_EXECUTED)], Progress(0, False)),
        ([(0, Kind.NOT_EXECUTED), (0, Kind.ACCEPTED), (1, Kind.REFUSED)], Progress(1, False)),
        ([(0, Kind.UNKNOWN)], Progress(0, True)),
        ([(0, Kind.ACCEPTED), (1, None)], Progress(1, True)),
        ([(0, Kind.ACCEPTED), (1, Kind.ACCEPTED), (2, Kind.ACCEPTED)], Progress(3, False)),
    ],
)
def test_it_goes_on_after_the_last_accepted_step(
    tmp_path: Path, steps: list[tuple[int, Kind | None]], progress: Progress
) -> None:
    begun(tmp_path / "j", *steps)
    assert resumed(tmp_path / "j") == progress


@pytest.mark.parametrize(("repeat", "following"), [(True, 1), (False, 2)])
def test_a_decision_settles_a_doubt(tmp_path: Path, repeat: bool, following: int) -> None:
    begun(tmp_path / "j", (0, Kind.ACCEPTED), (1, Kind.UNKNOWN))
    journal = Journal(str(tmp_path / "j"), PLAN, "c-1", resume=True)
    journal.decided(1, repeat)
    journal.close()
    assert resumed(tmp_path / "j") == Progress(following, False)


def test_a_line_cut_anywhere_leaves_a_doubt_and_never_a_loss(tmp_path: Path) -> None:
    begun(tmp_path / "j", (0, Kind.ACCEPTED), (1, Kind.ACCEPTED))
    content = (tmp_path / "j").read_bytes()
    first = content.index(b"\n") + 1
    for length in range(first, len(content)):
        (tmp_path / "cut").write_bytes(content[:length])
        progress = resumed(tmp_path / "cut")
        played = content[:length].count(b'"accepted"')
        sending = content[:length].count(b'"sending"')
        assert progress.next_step <= played
        # Whatever has been sent is either known to have played or in doubt.
        assert sending <= progress.next_step + progress.in_doubt


def test_after_a_torn_line_it_can_be_written_on(tmp_path: Path) -> None:
    begun(tmp_path / "j", (0, Kind.ACCEPTED))
    content = (tmp_path / "j").read_bytes()
    (tmp_path / "j").write_bytes(content + b'{"event": "send')
    journal = Journal(str(tmp_path / "j"), PLAN, "c-1", resume=True)
    assert journal.progress == Progress(1, True)
    journal.decided(1, repeat=False)
    journal.close()
    assert resumed(tmp_path / "j") == Progress(2, False)


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


def test_what_cannot_be_resumed_is_said(tmp_path: Path) -> None:
    path = tmp_path / "j"
    begun(path, (0, Kind.ACCEPTED))
    other = make_plan(dtmfdsl.press("12"), PLAN.dialect)
    for attempt, code in [
        (lambda: resumed(path, plan=other), "other-journal"),
        (lambda: resumed(path, call="c-2"), "other-journal"),
        (lambda: begun(path), "journal-exists"),
        (lambda: resumed(tmp_path / "none"), "no-such-file"),
        (lambda: begun(tmp_path / "no" / "folder"), "no-such-file"),
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
        try:
            progress = resumed(tmp_path / "wrong")
        except DtmfError:
            continue
        assert progress.in_doubt  # `sending` twice in a row: the end of one is missing


def test_only_one_sender_may_hold_it(tmp_path: Path) -> None:
    held = Journal(str(tmp_path / "j"), PLAN, "c-1", resume=False)
    with pytest.raises(DtmfError) as caught:
        resumed(tmp_path / "j")
    assert codes(caught) == ["journal-in-use"]
    held.close()
    assert resumed(tmp_path / "j") == Progress(0, False)

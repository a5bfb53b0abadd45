"""The command `dtmfdsl call`: what it prints, its exit status, and that a call is placed at most once."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from expectations import EXPECTED, EXPECTED_CALLS

from dtmfdsl.cli import call as cli_call
from dtmfdsl.cli import line as cli_line
from dtmfdsl.cli import main
from dtmfdsl.cli.display import Lines
from dtmfdsl.sending import CARRIERS, Caller, CallState, RealClock
from dtmfdsl.testline import STAND_INS, Callee, Operation, TestLine

EACH = pytest.mark.parametrize("name", EXPECTED_CALLS)
CANARY = "7391"
SPEED = "50"
SCRIPT = "secret pin: 4 digits\ncall +1 555 0100\npress 12#\nwait 3s\npress $pin\n"
TEST = ["--test-line", "--speed", SPEED]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DTMF_PIN", CANARY)
    for carrier in CARRIERS.values():
        more = carrier.calling if isinstance(carrier, Caller) else ()
        for variable in (*carrier.variables, *more, *sum(carrier.alternatives, ()), carrier.address_variable):
            monkeypatch.delenv(variable or "NOTHING", raising=False)
    path = tmp_path / "call.dtmf"
    path.write_text(SCRIPT)
    return str(path)


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestLine]:
    """A line of Infobip's, and a sender whose clock keeps step with it."""
    monkeypatch.setattr(cli_line, "RealClock", lambda: RealClock(float(SPEED)))
    with TestLine(stand_in=STAND_INS["infobip"], speed=float(SPEED)) as line:
        for name, value in line.credentials.items():
            monkeypatch.setenv(name, value)
        yield line


def to(line: TestLine, *more: str) -> list[str]:
    return ["--carrier", "infobip", "--base-url", line.base_url, "--from", "+15550199", *more]


@EACH
def test_a_script_is_called_on_the_test_line_of_each(
    name: str, script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["call", script, *TEST, "--carrier", name]) == 0
    shown = "".join(capsys.readouterr())
    assert CANARY not in shown
    assert "call placed:1 heard 7 keys" in shown
    assert "answered" in shown
    assert "the call was hung up" in shown
    assert f"accepted means: {CARRIERS[name].promises}" in shown


@pytest.mark.parametrize(
    ("callee", "status", "words"),
    [
        ("answers@5s", 0, "all 2 accepted"),
        ("busy", 10, "the line was busy; nothing was pressed"),
        ("unanswered", 11, "nobody answered; nothing was pressed"),
        ("rejects@1s", 12, "the call was rejected; nothing was pressed"),
        ("fails", 13, "the call failed; nothing was pressed"),
        ("machine", 14, "a machine answered; nothing was pressed"),
        ("drops@2s", 15, "the call was over before it was certain that all had played"),
    ],
)
def test_each_end_of_a_call_has_an_exit_status(
    callee: str, status: int, words: str, script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["call", script, *TEST, "--carrier", "infobip", "--callee", callee, "--detect-machine"]
    assert main(asked) == status
    assert words in capsys.readouterr().err


def test_the_statuses_are_in_the_help_and_in_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parent.parent / "docs" / "calling.md").read_text(encoding="utf-8")
    assert main(["call", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    words = {
        "10": "busy",
        "11": "no answer",
        "12": "rejected",
        "13": "failed",
        "14": "a machine",
        "15": "the call was over",
    }
    for number, word in words.items():
        assert f"{number} {word}" in shown
        assert re.search(rf"^\| {number} \| .*{word}", page, re.MULTILINE), number


def test_the_limit_of_ringing_is_kept(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["call", script, *TEST, "--carrier", "telnyx", "--callee", "unanswered", "--answer-within", "7s"]
    assert main(asked) == 11
    assert "nobody answered within 7s; nothing was pressed" in capsys.readouterr().err


def test_a_call_is_placed_and_its_journal_has_no_number(
    script: str, line: TestLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = tmp_path / "j"
    assert main(["call", script, *to(line), "--journal", str(journal)]) == 0
    ((call_id, order),) = line.placed
    assert (order.to, order.caller) == ("+15550100", "+15550199")
    assert line.keys(call_id) == f"12#{CANARY}"
    text = journal.read_text()
    assert "5550100" not in text + capsys.readouterr().err
    assert [json.loads(each)["event"] for each in text.splitlines()] == [
        *("plan", "placing", "placed", "sending", "ended", "sending", "ended", "over")
    ]
    assert main(["call", script, *to(line), "--resume", str(journal)]) == 0
    assert len(line.placed) == 1
    assert line.keys(call_id) == f"12#{CANARY}"


def test_to_goes_before_the_number_of_the_script(script: str, line: TestLine) -> None:
    assert main(["call", script, *to(line, "--to", "+1 (555) 0111")]) == 0
    assert line.placed[0][1].to == "+15550111"


def test_an_unknown_creation_stops_and_is_not_made_again(
    script: str, line: TestLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line.misbehave("500-after", on="create")
    journal = str(tmp_path / "j")
    assert main(["call", script, *to(line), "--journal", journal]) == 4
    assert "it is unknown whether the call was placed: the carrier failed" in capsys.readouterr().err
    for decision in ([], ["--repeat"], ["--skip"]):
        assert main(["call", script, *to(line), "--resume", journal, *decision]) == 2
        assert "begin another journal" in capsys.readouterr().err
    assert len([each for each in line.requests if each.operation is Operation.CREATE]) == 1


def test_many_numbers_are_called(
    script: str, line: TestLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "calls.csv"
    table.write_text("To,call_id\n+15550101,first\n+15550102,\nnobody,\n+15550104,last\n")
    line.callees["+15550102"] = Callee(CallState.BUSY)
    journal = str(tmp_path / "j")
    plain = tmp_path / "plain.dtmf"
    plain.write_text("press 12")
    assert main(["call", str(plain), *to(line, "--calls", str(table), "--journal", journal)]) == 3
    shown = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(shown.out)))
    assert [(row["call_id"], row["outcome"]) for row in rows] == [
        ("first", "all accepted"),
        ("call 2", "busy"),
        ("call 3", "not sent"),
        ("last", "all accepted"),
    ]
    assert "not a number to call" in rows[2]["reason"]
    heard = {order.to: line.keys(call_id) for call_id, order in line.placed}
    assert heard == {"+15550101": "12", "+15550102": "", "+15550104": "12"}
    assert main(["call", str(plain), *to(line, "--calls", str(table), "--resume", journal)]) == 3
    assert len(line.placed) == 3


def test_the_test_line_calls_no_row_without_a_number(
    script: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, plain = tmp_path / "calls.csv", tmp_path / "plain.dtmf"
    table.write_text("to,call_id\n+15550101,first\n,second\n")
    plain.write_text("press 12")
    assert main(["call", str(plain), *TEST, "--carrier", "telnyx", "--calls", str(table)]) == 3
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["outcome"] for row in rows] == ["all accepted", "not sent"]
    assert rows[1]["reason"] == "there is no number to call"


@EACH
def test_a_dry_run_shows_the_request_that_would_call(
    name: str, script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = ["--answer-url", "https://a.invalid/x"]
    assert main(["call", script, "--dry-run", "--carrier", name, "--from", "+15550199", *url]) == 0
    shown = capsys.readouterr().out
    assert CANARY not in shown
    commands = [shlex.split(line) for line in shown.splitlines() if line.strip().startswith("curl ")]
    assert commands[0][:3] == ["curl", "-X", "POST"]
    assert "5550100" in commands[0][commands[0].index("--data") + 1]
    holds = isinstance(carrier := CARRIERS[name], Caller) and carrier.takes_script
    assert (len(commands) == 1) == holds
    assert f"accepted means: {CARRIERS[name].promises}" in shown


@EACH
def test_what_placing_needs_is_asked_for_before_anything_is_sent(
    name: str, script: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["call", script, "--carrier", name, "--from", "+15550199", "--base-url", "http://127.0.0.1:1"]
    asked += ["--answer-url", "https://a.invalid/x", "--tries", "1"]
    for variable, value in EXPECTED[name].account.items():
        monkeypatch.setenv(variable, value)
    for variable, value in EXPECTED_CALLS[name].account.items():
        assert main(asked) == 2
        assert variable in capsys.readouterr().err
        monkeypatch.setenv(variable, value)
    assert main(asked) == 3  # nobody listens there
    assert "the call was not placed: no connection to the carrier" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--carrier", "asterisk", "--from", "1"], "WebSocket"),
        (["--carrier", "infobip"], "--from"),
        (["--carrier", "infobip", "--from", "x", *TEST], "not a number to call"),
        (["--carrier", "infobip", "--callee", "busy", "--from", "1"], "--callee goes with --test-line"),
        (["--carrier", "infobip", "--callee", "bussy", *TEST], "did you mean `busy`"),
        (["--carrier", "infobip", "--to", "", *TEST], "--to is empty"),
        (["--carrier", "infobip", "--calls", "x.csv", "--to", "1", *TEST], "leave out --to"),
        (["--carrier", "infobip", "--answer-within", "11m", *TEST], "at most 10m"),
        (["--carrier", "telnyx", "--to", "5550100", *TEST], "country code"),
        (["--carrier", "telnyx", "--detect-machine", *TEST], "whether a machine answered"),
    ],
)
def test_what_makes_no_sense_is_refused(
    options: list[str], words: str, script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["call", script, *options]) in (1, 2)
    assert words in capsys.readouterr().err


def test_ctrl_c_hangs_up(script: str) -> None:
    """The call would last an hour."""
    command = [sys.executable, "-m", "dtmfdsl", "call", "-e", "press 1; wait 60m; press 2", "--test-line"]
    outside = Path(script).parent
    asked = [*command, "--carrier", "infobip", "--callee", "answers@1ms"]
    with subprocess.Popen(asked, stderr=subprocess.PIPE, text=True, cwd=outside) as running:
        assert running.stderr
        shown = ""
        while "waiting" not in shown:
            shown += running.stderr.readline()
        running.send_signal(signal.SIGINT)
        rest = running.stderr.read()
        assert running.wait() == 130
    assert "interrupted: 1 of 2 accepted" in rest
    assert "the call was hung up" in rest


def test_a_kept_call_that_is_interrupted_shows_the_way_on(
    script: str, line: TestLine, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    waits = []

    def waiting(self: Lines, until_ms: float, now_ms: float) -> None:
        waits.append(now_ms)
        if len(waits) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(Lines, "waiting", waiting)
    journal = str(tmp_path / "j")
    assert main(["call", script, *to(line, "--keep-call", "--journal", journal)]) == 130
    assert "interrupted before the call was seen to be answered" in (shown := capsys.readouterr().err)
    assert f"to go on: --resume {journal}" in shown
    assert "may still stand" in shown
    assert main(["call", script, *to(line, "--resume", journal)]) == 0
    assert (line.keys("placed:1"), len(line.placed)) == (f"12#{CANARY}", 1)


def test_a_local_engine_can_place_calls_too(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cli_call.ENGINES, "here", "settings")
    monkeypatch.setattr("dtmfdsl.cli.settings.run", lambda options: 77, raising=False)
    assert main(["call", script, "--carrier", "here", "--to", "sip:a@b"]) == 77

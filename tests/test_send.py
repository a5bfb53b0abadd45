"""The command `dtmfdsl send`: what it prints, its exit status, and that it can be taken up again."""

from __future__ import annotations

import csv
import io
import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dtmfdsl.cli import main
from dtmfdsl.sending.testline import TestLine

CANARY = "7391"
SCRIPT = 'secret pin: 4 digits\npress 1 for "English"\nwait 5m\npress $pin #\nwait 5m\npress 9\n'
KEYS = f"1{CANARY}#9"
SPEED = 3_000


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTMF_PIN", CANARY)
    for name, value in zip(
        ("USER_ID", "API_TOKEN", "API_SECRET"), ("u-test", "t-test", "s-test"), strict=True
    ):
        monkeypatch.setenv(f"BANDWIDTH_{name}", value)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "call.dtmf"
    path.write_text(SCRIPT)
    return path


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestLine]:
    """A test line, and a sender whose clock keeps step with it."""
    from dtmfdsl.cli import line as cli_line

    monkeypatch.setattr(cli_line, "RealClock", lambda: cli_line.FastClock(SPEED))
    with TestLine(speed=SPEED) as line:
        yield line


def test_it_sends_to_a_call(script: Path, line: TestLine, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["send", str(script), "--call-id", "c-1", "--base-url", line.base_url]) == 0
    assert line.keys("c-1") == KEYS
    said = capsys.readouterr()
    assert said.out == ""
    assert "3/3 sending 9" in said.err
    assert "all 3 accepted" in said.err
    assert CANARY not in said.err
    assert "t-test" not in said.err
    assert "s-test" not in said.err


def test_the_test_line_needs_no_account(
    script: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BANDWIDTH_USER_ID")
    assert main(["send", str(script), "--test-line", "--speed", str(SPEED)]) == 0
    said = capsys.readouterr().err
    assert "heard 7 keys" in said
    assert CANARY not in said
    assert main(["send", str(script), "--call-id", "c-1"]) == 2
    assert "BANDWIDTH_USER_ID" in capsys.readouterr().err


def test_an_env_file_stands_in_for_the_environment(
    script: Path,
    line: TestLine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("BANDWIDTH_USER_ID", "BANDWIDTH_API_TOKEN", "BANDWIDTH_API_SECRET", "DTMF_PIN"):
        monkeypatch.delenv(name)
    env = tmp_path / ".env"
    env.write_text(
        f'# mine\nexport BANDWIDTH_USER_ID=u-test\nBANDWIDTH_API_TOKEN="t-test"\nBANDWIDTH_API_SECRET=s-test\nDTMF_PIN={CANARY}\n'
    )
    assert (
        main(["send", str(script), "--call-id", "c-1", "--base-url", line.base_url, "--env-file", str(env)])
        == 0
    )
    assert line.keys("c-1") == KEYS
    assert main(["send", str(script), "--call-id", "c-1", "--env-file", "nowhere"]) == 2


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        ("reset-after", 4, "may or may not have been pressed"),
        ("500-before", 4, "does not say"),
        ("503-echo", 4, "does not say"),
        ("echo", 3, "does not take this value"),
        ("409", 3, "changing this call"),
        ("429", 0, "all 3 accepted"),
    ],
)
def test_how_it_ends_is_its_exit_status(
    script: Path, line: TestLine, capsys: pytest.CaptureFixture[str], fault: str, status: int, said: str
) -> None:
    line.misbehave(fault, at=2)
    assert main(["send", str(script), "--call-id", "c-1", "--base-url", line.base_url]) == status
    shown = capsys.readouterr().err
    assert said in shown
    assert CANARY not in shown


def test_wrong_credentials_and_no_such_call(
    script: Path, line: TestLine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["send", str(script), "--call-id", "c-1", "--base-url", line.base_url]
    line.calls["c-1"] = "completed"
    assert main(arguments) == 3
    assert "the call is not active" in capsys.readouterr().err
    monkeypatch.setenv("BANDWIDTH_API_SECRET", "wrong")
    assert main(arguments) == 3
    assert "wrong credentials" in capsys.readouterr().err


def test_a_journal_takes_it_up_again(
    script: Path, line: TestLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = str(tmp_path / "journal")
    arguments = ["send", str(script), "--call-id", "c-1", "--base-url", line.base_url]
    line.misbehave("close-after", at=2)
    assert main([*arguments, "--journal", journal]) == 4
    assert f"--resume {journal} with --repeat" in capsys.readouterr().err
    assert CANARY not in Path(journal).read_text()
    assert main([*arguments, "--journal", journal]) == 1
    assert "journal-exists" in capsys.readouterr().err
    assert main([*arguments, "--resume", journal]) == 2
    said = capsys.readouterr().err
    assert "string 2 of 3, ••••#, may or may not have been played" in said
    assert line.keys("c-1") == f"1{CANARY}#"
    assert main([*arguments, "--resume", journal, "--skip"]) == 0
    assert line.keys("c-1") == KEYS
    assert main([*arguments, "--resume", journal]) == 0
    assert line.keys("c-1") == KEYS
    assert "all was sent before" in capsys.readouterr().err


def test_repeat_presses_what_was_in_doubt(script: Path, line: TestLine, tmp_path: Path) -> None:
    journal = str(tmp_path / "journal")
    arguments = ["send", str(script), "--call-id", "c-1", "--base-url", line.base_url]
    line.misbehave("close-before", at=2)
    assert main([*arguments, "--journal", journal]) == 4
    assert main([*arguments, "--resume", journal, "--repeat"]) == 0
    assert line.keys("c-1") == KEYS


def test_a_dry_run_sends_nothing_and_shows_no_secret(
    script: Path, line: TestLine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["send", str(script), "--call-id", "c 1/2", "--base-url", line.base_url, "--dry-run"]) == 0
    said = capsys.readouterr()
    assert not line.requests
    for shown in (
        "3 requests to bandwidth-v1",
        "   2  at 5m 600ms: ••••#",
        "wait 5m, by the sender's clock",
        'curl -u "$BANDWIDTH_API_TOKEN:$BANDWIDTH_API_SECRET" -H "Content-Type: application/json"',
        "/v1/users/$BANDWIDTH_USER_ID/calls/c%201%2F2/dtmf",
        '--data \'{"dtmfOut": "••••#"}\'',
    ):
        assert shown in said.out, said.out
    for secret in (CANARY, "t-test", "s-test", "u-test"):
        assert secret not in said.out + said.err


def test_the_times_of_a_dry_run_are_those_of_a_run(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["send", "-e", "press 1; wait 5m; press 2", "--dry-run"])
    # One key, at most 600 ms, but no two requests within a second; then five minutes from the first key's end.
    times = re.findall(r"at ([\dms. ]+):", capsys.readouterr().out)
    assert times == ["0s", "5m 600ms"]


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["--call-id", "c", "--calls", "x"], ["--call-id", "c", "--repeat"], ["--call-id", "c", "--speed", "2"],
        ["--call-id", "c", "--journal", "a", "--resume", "b"], ["--call-id", "c", "--resume", "b", "--repeat", "--skip"],
        ["--call-id", "c", "--tries", "0"], ["--call-id", "c", "--timeout", "x"], ["--calls", "c.csv", "--attended"],
        ["--call-id", "c", "--base-url", "http://["], ["--call-id", "c", "--base-url", "nonsense"],
    ],
)  # fmt: skip
def test_options_that_make_no_sense(
    script: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["send", str(script), *arguments]) == 2
    assert CANARY not in capsys.readouterr().err


def test_a_wrong_script_sends_nothing(line: TestLine, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--call-id", "c-1", "--base-url", line.base_url]
    for script, code in (("press a", "unknown-key"), ("// nothing", "empty-program")):
        assert main(["send", "-e", script, *arguments]) == 1
        assert code in capsys.readouterr().err
    assert main(["send", "-e", "press 1", "--call-id", "..", "--base-url", line.base_url]) == 1
    assert "bad-id" in capsys.readouterr().err
    assert not line.requests


# Many calls


def test_many_calls_have_an_outcome_each(
    script: Path, line: TestLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = tmp_path / "calls.csv"
    calls.write_text("call_id,pin\na,1234\nb,12\nc,\na,9999\n..,1111\nd,5555,6\ne,4321\n")
    line.misbehave("close-after", call_id="e", at=2)
    results = tmp_path / "results.csv"
    arguments = [
        "send",
        str(script),
        "--calls",
        str(calls),
        "--base-url",
        line.base_url,
        "--results",
        str(results),
    ]
    assert main(arguments) == 4
    rows = list(csv.reader(io.StringIO(results.read_text())))
    assert rows[0] == ["call_id", "outcome", "accepted", "strings", "reason"]
    assert [(row[0], row[1], row[2]) for row in rows[1:]] == [
        ("a", "all accepted", "3"), ("b", "not sent", "0"), ("c", "all accepted", "3"), ("a", "not sent", "0"),
        ("..", "not sent", "0"), ("d", "not sent", "0"), ("e", "unknown", "1"),
    ]  # fmt: skip
    assert (line.keys("a"), line.keys("c"), line.keys("e")) == ("11234#9", KEYS, "14321#")
    said = capsys.readouterr()
    assert "2 all accepted" in said.err
    for secret in (CANARY, "1234", "4321", "9999", "t-test"):
        assert secret not in said.out + said.err + results.read_text()


@pytest.mark.parametrize("content", ["", "id,pin\na,1\n", '"call_id\n', "call_id\n\0\n"])
def test_what_is_no_csv_of_calls_is_refused(
    script: Path, tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "calls.csv").write_text(content)
    assert main(["send", str(script), "--calls", str(tmp_path / "calls.csv"), "--test-line"]) in (2, 3)
    assert "Traceback" not in capsys.readouterr().err


# As a process


COMMAND = [sys.executable, "-P", "-m", "dtmfdsl"]


def read_until(descriptor: int, pattern: str, text: str = "") -> str:
    while not re.search(pattern, text):
        ready, _, _ = select.select([descriptor], [], [], 60)
        assert ready, text
        try:
            text += os.read(descriptor, 4096).decode(errors="replace")
        except OSError as error:
            raise AssertionError(text) from error
    return text


def test_an_interrupt_says_what_was_sent_and_how_to_go_on(script: Path, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    process = subprocess.Popen(
        [*COMMAND, "send", str(script), "--test-line", "--journal", str(journal)],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    for said in process.stderr:
        if said.startswith("waiting"):
            break
    process.send_signal(signal.SIGINT)
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 130
    assert "interrupted: 1 of 3 accepted" in rest
    assert f"to go on: --resume {journal}" in rest
    assert "Traceback" not in rest


def test_a_cue_on_a_terminal_ends_with_enter_and_keys_light_up(tmp_path: Path) -> None:
    script = tmp_path / "cue.dtmf"
    script.write_text('press 1\nwait up to 50m for "enter your PIN"\npress 23\n')
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "send", str(script), "--test-line", "--attended", "--speed", "50"],
        stdin=slave, stdout=slave, stderr=slave, env={**os.environ, "TERM": "xterm", "NO_COLOR": ""},
    )  # fmt: skip
    os.close(slave)
    text = read_until(master, "when you hear “enter your PIN”")
    os.write(master, b"\n")
    text = read_until(master, "heard 3 keys", text)
    assert process.wait() == 0
    assert "2/2" in text
    os.close(master)


def test_the_testline_command_serves_until_it_is_interrupted(script: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "testline", "--speed", str(SPEED)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stderr
    printed = read_until(process.stdout.fileno(), r"http://127\.0\.0\.1:\d+")
    found = re.search(r"http://127\.0\.0\.1:\d+", printed)
    assert found
    assert main(["send", "-e", "press 12", "--call-id", "c-1", "--base-url", found[0]]) == 0
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in err
    assert "c-1" in out + err

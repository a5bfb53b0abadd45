"""The command `dtmfdsl send`: what it prints, its exit status, and that it can be taken up again."""

from __future__ import annotations

import csv
import errno
import io
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from lines import FakeClock
from terminals import read_until

from dtmfdsl.cli import line as cli_line
from dtmfdsl.cli import main
from dtmfdsl.sending import Delivery, Fleet, RealClock, many
from dtmfdsl.testline import TestLine

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
    monkeypatch.setattr(cli_line, "RealClock", lambda: RealClock(SPEED))
    with TestLine(speed=SPEED) as line:
        yield line


@pytest.fixture
def full_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes the disk full after this many writes."""
    synced = os.fsync
    left = sys.maxsize

    def fsync(file: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        synced(file)

    def fill(writes: int) -> None:
        nonlocal left
        left = writes

    monkeypatch.setattr(os, "fsync", fsync)
    return fill


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


def test_a_fault_that_did_not_strike_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    faults = ["--fault", "429", "--fault", "503-after@3"]
    assert main(["send", "-e", "press 1", "--test-line", "--speed", str(SPEED), *faults]) == 0
    said = capsys.readouterr().err
    assert "the fault 503-after@3 did not strike" in said
    assert "429 did not" not in said


def test_the_test_line_can_misbehave(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["send", str(script), "--test-line", "--speed", str(SPEED), "--fault", "503-after@2"]) == 4
    said = capsys.readouterr().err
    assert "string 2 of 3, ••••#: the carrier failed (status 503)" in said
    assert "its keys may or may not have been pressed" in said
    assert "heard 6 keys" in said


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
    send = ["send", str(script), "--call-id", "c-1", "--env-file"]
    for content, said in (
        (None, "cannot be read: No such file"), (b"\xff=1\n", "is not UTF-8"), (b"A=1\n\nB C=2\n", ":3: this is not NAME=VALUE"),
        (b"BANDWIDTH_USER_ID=u\nBANDWIDTH_API_TOKEN=t\nDTMF_PIN=1234\nBANDWIDTH_API_SECRET=\"s\x07\"", "BANDWIDTH_API_SECRET holds"),
    ):  # fmt: skip
        env.unlink() if content is None else env.write_bytes(content)
        assert main([*send, str(env)]) == 2
        assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        ("reset-after", 4, "may or may not have been pressed"),
        ("500-before", 4, "unknown whether the keys were played"),
        ("503-echo", 4, "unknown whether the keys were played"),
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
    assert "2 of 3 accepted, string 2 left out" in capsys.readouterr().err
    assert line.keys("c-1") == KEYS
    # There is nothing left to go on with, whatever the options are and even if the last line is torn off.
    for torn, option in ("", []), ("", ["--repeat"]), ('{"call": "c-1", "e', []), ("", ["--skip"]):
        with Path(journal).open("a") as file:
            file.write(torn)
        assert main([*arguments, "--resume", journal, *option]) == 0
        assert line.keys("c-1") == KEYS
        assert "nothing is left to send" in capsys.readouterr().err


def test_a_torn_journal_is_reported_and_needs_a_decision(
    script: Path, line: TestLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = tmp_path / "journal"
    arguments = ["send", str(script), "--call-id", "c-1", "--base-url", line.base_url]
    line.misbehave("409", at=2)
    assert main([*arguments, "--journal", str(journal)]) == 3
    whole = journal.read_text()
    journal.write_text(whole + '{"call": "c-1", "event": "send')
    capsys.readouterr()
    assert main([*arguments, "--resume", str(journal)]) == 2
    assert "last line is torn off: string 2 of 3, ••••#, may or may not" in capsys.readouterr().err
    assert main([*arguments, "--resume", str(journal), "--repeat"]) == 0
    assert line.keys("c-1") == KEYS


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
        "   1  at 0s: 1 (English)",
        "   2  at 5m 600ms: ••••#",
        "wait 5m, by the sender's clock",
        "curl -X POST -u \"$BANDWIDTH_API_TOKEN:$BANDWIDTH_API_SECRET\" -H 'Content-Type: application/json'",
        '/v1/users/"$BANDWIDTH_USER_ID"/calls/c%201%2F2/dtmf',
        '--data \'{"dtmfOut": "••••#"}\'',
    ):
        assert shown in said.out, said.out
    for secret in (CANARY, "t-test", "s-test", "u-test"):
        assert secret not in said.out + said.err


def test_the_times_of_a_dry_run_are_those_of_a_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Clock(FakeClock):
        def seconds(self, ms: float) -> float:
            return ms / 1000

    clock = Clock()
    monkeypatch.setattr(cli_line, "RealClock", lambda speed=1.0: clock)
    monkeypatch.setattr(cli_line, "TestLine", partial(TestLine, clock=clock))
    script = "press 1; wait 5m; press 2; wait 1m; press " + "3" * 80
    main(["send", "-e", script, "--dry-run"])
    # One key, at most 600 ms, but no two requests within a second; then five minutes from the first key's end.
    times = re.findall(r"at ([\dms. ]+):", capsys.readouterr().out)
    assert times == ["0s", "5m 600ms", "6m 1.2s"]
    assert main(["send", "-e", script, "--test-line"]) == 0
    began = re.findall(r"request \d: [123]+ at ([\dms. ]+)$", capsys.readouterr().err, re.MULTILINE)
    assert began == times


# Options take effect


def test_tries_deadline_and_timeout_take_effect(line: TestLine, capsys: pytest.CaptureFixture[str]) -> None:
    send = ["send", "-e", "press 12", "--base-url", line.base_url, "--call-id"]
    line.misbehave("429", call_id="a", times=5)
    assert main([*send, "a", "--tries", "2"]) == 3
    assert "too many requests, 2 times" in capsys.readouterr().err
    line.misbehave("429", call_id="b", times=2)
    assert main([*send, "b", "--deadline", "1ms"]) == 3
    assert "no time is left" in capsys.readouterr().err
    assert main([*send, "b", "--deadline", "5000s"]) == 0
    line.misbehave("no-answer-before", call_id="c")
    assert main([*send, "c", "--timeout", "200ms"]) == 4
    assert "no answer in time" in capsys.readouterr().err


def test_a_rate_takes_effect(calls: Path, line: TestLine, monkeypatch: pytest.MonkeyPatch) -> None:
    spacings: list[float] = []

    class Noting(Fleet):
        def __init__(self, deliveries: Sequence[Delivery], spacing_ms: float, *others: float):
            spacings.append(spacing_ms)
            super().__init__(deliveries, spacing_ms, *others)

    monkeypatch.setattr(many, "Fleet", Noting)
    script = "secret pin: 4 digits; press $pin"
    arguments = ["--calls", str(calls), "--base-url", line.base_url, "--rate", "0.25"]
    assert main(["send", "-e", script, *arguments]) == 0
    assert spacings == [4_000]


def test_tries_and_deadline_take_effect_for_many(calls: Path, line: TestLine) -> None:
    script = "secret pin: 4 digits; press $pin"
    line.misbehave("429", call_id="a", times=9)
    arguments = ["--calls", str(calls), "--base-url", line.base_url]
    assert main(["send", "-e", script, *arguments, "--tries", "2"]) == 3
    assert len([request for request in line.requests if request.call_id == "a"]) == 2
    assert line.keys("b") == "5678"


def test_the_environments_proxy_is_not_asked_for_what_stays_on_this_machine(
    script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert main(["send", str(script), "--test-line", "--speed", str(SPEED)]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["--call-id", "c", "--calls", "x"], ["--call-id", "c", "--repeat"], ["--call-id", "c", "--speed", "2"],
        ["--call-id", "c", "--journal", "a", "--resume", "b"], ["--call-id", "c", "--resume", "b", "--repeat", "--skip"],
        ["--call-id", "c", "--base-url", "http://h/\nx"], ["--call-id", "c", "--timeout", "4294968s"],
        ["--call-id", "c", "--tries", "0"], ["--call-id", "c", "--timeout", "x"], ["--calls", "c.csv", "--attended"],
        ["--call-id", "c", "--base-url", "http://["], ["--call-id", "c", "--base-url", "nonsense"],
        ["--call-id", "c", "--base-url", "http://:pw@h"], ["--call-id", "c", "--base-url", "http://h/?a=b"],
        ["--call-id", "c", "--base-url", "http://example.org"], ["--calls", "c.csv", "--base-url", "http://example.org"],
        ["--call-id", "c", "--base-url", "http://h/#a"], ["--test-line", "--base-url", "http://h"],
        ["--call-id", "c", "--journal", ""], ["--call-id", "c", "--resume", ""], ["--call-id", "c", "--base-url", ""],
        ["--calls", ""], ["--call-id", "c", "--results", "r"], ["--call-id", "c", "--env-file", ""],
        ["--dry-run", "--resume", "j"], ["--call-id", "c", "--fault", "429"], ["--test-line", "--fault", "430"],
    ],
)  # fmt: skip
def test_options_that_make_no_sense(
    script: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["send", str(script), *arguments]) == 2
    said = capsys.readouterr().err
    assert CANARY not in said
    assert "pw" not in said


def test_http_to_another_machine_can_be_allowed(line: TestLine) -> None:
    """An address that is this machine, but not in its usual form, stands for another."""
    url = line.base_url.replace("127.0.0.1", "127.1")
    arguments = ["send", "-e", "press 12", "--call-id", "c-1", "--base-url", url]
    assert main(arguments) == 2
    assert main([*arguments, "--insecure-http"]) == 0
    assert line.keys("c-1") == "12"


@pytest.mark.parametrize("option", ["--deadline", "--timeout"])
def test_a_time_on_the_command_line_needs_its_unit(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    send = ["send", "-e", "press 1", "--dry-run", option]
    assert main([*send, "120"]) == 2
    assert "a time needs its unit: write it like 90s, 2m or 500ms" in capsys.readouterr().err
    assert main([*send, "2m"]) == 0
    assert main([*send, "0s"]) == 2


@pytest.mark.parametrize(
    ("fault", "syncs", "said"),
    [
        (None, 3, "--resume {} --skip, as the string before it was accepted"), (None, 2, "to go on: --resume {}"),
        ("409", 3, "--resume {} --repeat, as it was not played"), ("503-after", 3, "with --repeat to press them again"),
        (None, 7, "does not record that the last string was accepted"),
    ],
)  # fmt: skip
def test_a_journal_that_cannot_be_written_is_reported_with_what_it_lacks(
    script: Path, line: TestLine, tmp_path: Path, full_after: Callable[[int], None],
    capsys: pytest.CaptureFixture[str], fault: str | None, syncs: int, said: str,
) -> None:  # fmt: skip
    if fault:
        line.misbehave(fault)
    full_after(syncs)
    journal = str(tmp_path / "journal")
    arguments = ["--call-id", "c", "--base-url", line.base_url, "--journal", journal]
    status = main(["send", str(script), *arguments])
    assert status == (0 if syncs == 7 else 4 if fault == "503-after" else 3)
    shown = capsys.readouterr().err
    assert said.format(journal) in shown
    assert fault or syncs == 7 or "cannot be written: No space left" in shown
    assert line.keys("c") == (KEYS if syncs == 7 else "" if fault == "409" or syncs == 2 else "1")


def test_of_many_calls_too_what_the_journal_lacks_is_reported(
    calls: Path, line: TestLine, full_after: Callable[[int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    # The folder, the plans, two lines for each of two calls, and the first of the third.
    full_after(7)
    send = [
        "send",
        "-e",
        "secret pin: 4 digits; press $pin",
        "--calls",
        str(calls),
        "--base-url",
        line.base_url,
    ]
    assert main([*send, "--journal", str(calls.with_name("j")), "--workers", "1"]) == 0
    said = capsys.readouterr()
    assert "the journal lacks the outcome of the last request of 1" in said.err
    reasons = [row[4] for row in rows_of(said.out)]
    assert reasons[:2] == ["", ""]
    assert "all accepted; if it is resumed: --skip" in reasons[2]


def test_a_wrong_script_sends_nothing(
    line: TestLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--call-id", "c-1", "--base-url", line.base_url]
    for script, code in (("press a", "unknown-key"), ("// nothing", "empty-program")):
        assert main(["send", "-e", script, *arguments]) == 1
        assert code in capsys.readouterr().err
    journal = ["--journal", str(tmp_path / "j")]
    assert main(["send", "-e", "press 1", "--call-id", "..", "--base-url", line.base_url, *journal]) == 1
    assert "bad-id" in capsys.readouterr().err
    assert not (tmp_path / "j").exists()
    assert not line.requests


# Many calls


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    path = tmp_path / "calls.csv"
    path.write_text("call_id,pin\na,1234\nb,5678\nc,4321\n")
    return path


def rows_of(text: str) -> list[tuple[str, ...]]:
    header, *rows = csv.reader(io.StringIO(text))
    assert header == ["call_id", "outcome", "accepted", "strings", "reason", "line"]
    assert all(int(line) > 1 for *_, line in rows)
    return [tuple(row[:-1]) for row in rows]


def test_many_calls_have_an_outcome_each(
    script: Path, line: TestLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = tmp_path / "calls.csv"
    calls.write_text("call_id, pin\na,1234\nb,12\nc,\n\na,9999\n..,1111\nd,5555,6\ne,4321\n")
    line.misbehave("close-after", call_id="e", at=2)
    results = tmp_path / "results.csv"
    arguments = ["--calls", str(calls), "--base-url", line.base_url, "--results", str(results)]
    assert main(["send", str(script), *arguments]) == 4
    rows = rows_of(results.read_text())
    assert [row[:3] for row in rows] == [
        ("a", "all accepted", "3"), ("b", "not sent", "0"), ("c", "not sent", "0"), ("a", "not sent", "0"),
        ("..", "not sent", "0"), ("d", "not sent", "0"), ("e", "unknown", "1"),
    ]  # fmt: skip
    assert (line.keys("a"), line.keys("c"), line.keys("e")) == ("11234#9", "", "14321#")
    # A blank is no value: the environment does not fill it.
    assert "`$pin` has no value" in rows[2][4]
    said = capsys.readouterr()
    assert "1 all accepted, 5 not sent, 1 unknown" in said.err
    for secret in (CANARY, "1234", "4321", "9999", "t-test"):
        assert secret not in said.out + said.err + results.read_text()
    before = results.read_text()
    assert main(["send", str(script), *arguments]) == 2
    assert "exists already" in capsys.readouterr().err
    assert results.read_text() == before
    assert len(line.heard("a")) == 7


def test_a_value_is_never_taken_for_a_call_id(
    script: Path, calls: Path, line: TestLine, capsys: pytest.CaptureFixture[str]
) -> None:
    calls.write_text("pin,call_id\n1234\n5678,b\n")
    assert main(["send", str(script), "--calls", str(calls), "--base-url", line.base_url]) == 3
    said = capsys.readouterr()
    assert [row[:2] for row in rows_of(said.out)] == [("", "not sent"), ("b", "all accepted")]
    assert "1234" not in said.out + said.err


def test_secrets_of_all_calls_come_from_the_environment(
    script: Path, line: TestLine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"call_id\na\nb\n")))
    assert main(["send", str(script), "--calls", "-", "--base-url", line.base_url]) == 0
    assert (line.keys("a"), line.keys("b")) == (KEYS, KEYS)
    assert [row[:2] for row in rows_of(capsys.readouterr().out)] == [
        ("a", "all accepted"),
        ("b", "all accepted"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "first line of names"), (b"id,pin\na,1\n", "with call_id among them"), (b'call_id\na\n"b"x\n', "csv:3: this is not CSV"),
        (b"call_id,pin,pin\na,1,2\n", "two columns `pin`"), (b"call_id,pni\na,1\n", "did you mean `pin`?"),
        (b"call_id,pin\n", "names no call"), (b"call_id\n\xff\n", "csv:2: this is not UTF-8"), (None, "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_no_csv_of_calls_is_refused(
    script: Path, calls: Path, content: bytes | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    calls.unlink() if content is None else calls.write_bytes(content)
    journal, results = calls.with_name("j"), calls.with_name("r")
    arguments = ["--calls", str(calls), "--test-line", "--journal", str(journal), "--results", str(results)]
    assert main(["send", str(script), *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not journal.exists()
    assert not results.exists()


def test_a_wrong_script_is_reported_once_and_sends_nothing(
    calls: Path, line: TestLine, capsys: pytest.CaptureFixture[str]
) -> None:
    script = "secret pin: 4 digits; press $pin; pres 1"
    results = calls.with_name("r")
    arguments = ["--calls", str(calls), "--base-url", line.base_url, "--results", str(results)]
    assert main(["send", "-e", script, *arguments]) == 1
    said = capsys.readouterr().err
    assert said.count("unknown-statement") == 1
    assert "<-e>:1:" in said
    assert not line.requests
    assert not results.exists()
    rounded = "secret pin: 4 digits; wait 1.2s; press $pin"
    assert main(["send", "-e", rounded, *arguments]) == 0
    assert capsys.readouterr().err.count("rounded") == 1


def test_a_dry_run_of_many_shows_which_calls_would_be_sent(
    script: Path, calls: Path, line: TestLine, capsys: pytest.CaptureFixture[str]
) -> None:
    calls.write_text("call_id,pin\na,1234\nb,1\n")
    assert main(["send", str(script), "--calls", str(calls), "--base-url", line.base_url, "--dry-run"]) == 3
    said = capsys.readouterr()
    assert "call a\n3 requests to bandwidth-v1\n" in said.out
    assert "call b: `$pin` must be 4 digits" in said.out
    assert "1 not sent, 1 would be sent" in said.err
    assert "/calls/a/dtmf" in said.out
    assert "1234" not in said.out
    assert not line.requests


def test_many_calls_are_taken_up_again_each_where_it_stopped(
    script: Path, calls: Path, line: TestLine, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = calls.with_name("journal")
    arguments = ["send", str(script), "--calls", str(calls), "--base-url", line.base_url]
    line.misbehave("close-after", call_id="a", at=2)
    line.misbehave("409", call_id="b", at=3)
    assert main([*arguments, "--journal", str(journal)]) == 4
    assert (line.keys("a"), line.keys("b"), line.keys("c")) == ("11234#", "15678#", "14321#9")
    for secret in ("1234", "5678", "4321", CANARY):
        assert secret not in journal.read_text()
    capsys.readouterr()
    calls.write_text(calls.read_text() + "d,1111\n")
    assert main([*arguments, "--resume", str(journal)]) == 4
    assert rows_of(capsys.readouterr().out) == [
        ("a", "unknown", "1", "3", "string 2 of 3, ••••#, may or may not have been played: use --repeat or --skip"),
        ("b", "all accepted", "3", "3", ""),
        ("c", "all accepted", "3", "3", ""),
        ("d", "all accepted", "3", "3", ""),
    ]  # fmt: skip
    assert main([*arguments, "--resume", str(journal), "--skip"]) == 0
    said = capsys.readouterr()
    assert "a: 2 of 3 accepted, string 2 left out" in said.err
    assert rows_of(said.out)[0] == (
        "a", "all accepted", "2", "3", "2 of 3 accepted, string 2 left out",
    )  # fmt: skip
    keys = [line.keys(call) for call in "abcd"]
    assert keys == ["11234#9", "15678#9", "14321#9", "11111#9"]
    assert not any(line.collisions(call) for call in "abcd")
    other = ["send", "-e", "secret pin: 4 digits; press $pin", *arguments[2:]]
    assert main([*other, "--resume", str(journal)]) == 3
    assert all("is of another script" in row[4] for row in rows_of(capsys.readouterr().out))


# As a process


START = """
import runpy, signal
for number in signal.SIGTERM, signal.SIGHUP:
    signal.signal(number, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("dtmfdsl", run_name="__main__", alter_sys=True)
"""
COMMAND = [sys.executable, "-P", "-c", START]
"""The command with signals as a shell has them: under nohup or in the background, some are ignored."""


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_reports_what_was_sent_and_how_to_go_on(
    script: Path, tmp_path: Path, end: signal.Signals
) -> None:
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
    process.send_signal(end)
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 130
    assert "interrupted: 1 of 3 accepted" in rest
    assert f"to go on: --resume {journal}" in rest
    assert "Traceback" not in rest


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_many_that_are_interrupted_have_their_outcomes_all_the_same(
    script: Path, calls: Path, end: signal.Signals
) -> None:
    results = calls.with_name("results.csv")
    with TestLine() as line:
        for call in "abc":
            line.misbehave("409", call_id=call, at=2)
        process = subprocess.Popen(
            [*COMMAND, "send", str(script), "--calls", str(calls), "--base-url", line.base_url,
             "--results", str(results), "--rate", "0.001"],
            stderr=subprocess.PIPE,
        )  # fmt: skip
        while not line.keys("a"):
            pass
        process.send_signal(end)
        _, said = process.communicate()
    assert process.returncode == 130
    assert b"3 interrupted" in said
    assert rows_of(results.read_text()) == [
        ("a", "interrupted", "1", "3", "interrupted"),
        ("b", "interrupted", "0", "3", "interrupted"),
        ("c", "interrupted", "0", "3", "interrupted"),
    ]


def test_a_broken_stderr_does_not_stop_a_delivery(script: Path, calls: Path, tmp_path: Path) -> None:
    results = tmp_path / "results.csv"
    for arguments in (["--call-id", "x"], ["--calls", str(calls), "--results", str(results)]):
        with TestLine(speed=SPEED) as line:
            reader, writer = os.pipe()
            os.close(reader)
            short = [
                "send",
                "-e",
                "secret pin: 4 digits; press $pin",
                *arguments,
                "--base-url",
                line.base_url,
            ]
            process = subprocess.run([*COMMAND, *short], stderr=writer, stdout=subprocess.PIPE)
            os.close(writer)
            assert process.returncode == 0
            assert [line.keys(call) for call in ("x", "a")] in ([CANARY, ""], ["", "1234"])
    assert [row[1] for row in rows_of(results.read_text())] == ["all accepted"] * 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
@pytest.mark.parametrize("where", ["results", "output"])
def test_outcomes_that_cannot_be_written_are_shown_and_count_as_they_are(
    calls: Path, line: TestLine, where: str
) -> None:
    line.misbehave("503-after", call_id="b")
    send = [
        "send",
        "-e",
        "secret pin: 4 digits; press $pin",
        "--calls",
        str(calls),
        "--base-url",
        line.base_url,
    ]
    send += ["--results", "/dev/full"] if where == "results" else []
    with open("/dev/full", "w") as full:
        out = full if where == "output" else subprocess.DEVNULL
        process = subprocess.run([*COMMAND, *send], stdout=out, stderr=subprocess.PIPE, text=True)
    assert process.returncode == 4
    assert "No space left" in process.stderr
    assert "b,unknown,0,1," in process.stderr
    assert "2 all accepted, 1 unknown" in process.stderr


def test_blank_rows_and_cells_are_none_and_what_is_set_is_no_column(
    calls: Path, line: TestLine, capsys: pytest.CaptureFixture[str]
) -> None:
    script = "param acc: 1..8 digits = 12; press $acc"
    calls.write_text("call_id,acc\n\n  , \n,5\na,  \nb,7\n")
    send = ["send", "-e", script, "--calls", str(calls), "--base-url", line.base_url]
    assert main([*send, "--set", "acc=9999"]) == 2
    assert "`acc` is given by --set and by a column" in capsys.readouterr().err
    assert main(send) == 3
    assert [(row[0], row[4]) for row in rows_of(capsys.readouterr().out)] == [
        ("", "this row has no call id"), ("a", ""), ("b", ""),
    ]  # fmt: skip
    assert (line.keys("a"), line.keys("b")) == ("12", "7")


def test_rows_that_are_all_wrong_leave_no_journal(script: Path, calls: Path, line: TestLine) -> None:
    calls.write_text("call_id,pin\na,1\n")
    journal = calls.with_name("j")
    arguments = ["--calls", str(calls), "--base-url", line.base_url, "--journal", str(journal)]
    assert main(["send", str(script), *arguments]) == 3
    assert not journal.exists()


@pytest.mark.parametrize("many", [False, True])
def test_a_third_interrupt_changes_nothing_any_more(script: Path, calls: Path, many: bool) -> None:
    """It comes during the report: the status and the report stay what they are."""
    with TestLine() as line:
        for call in "abc":
            line.misbehave("no-answer-after", call_id=call)
        target = ["--calls", str(calls)] if many else ["--call-id", "a"]
        process = subprocess.Popen(
            [*COMMAND, "send", str(script), *target, "--base-url", line.base_url],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        while not line.keys("a"):
            pass
        said = ""
        for _ in range(200):
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.01)
        _, said = process.communicate()
    assert process.returncode == 4
    assert ("unknown" if many else "may or may not have been pressed") in said
    assert "Traceback" not in said
    assert "ignored" not in said


@pytest.mark.parametrize("package", ["requests", "rich", "dotenv"])
@pytest.mark.parametrize("command", ["send", "testline"])
def test_without_the_packages_of_the_extra_the_command_names_it(command: str, package: str) -> None:
    code = f"import sys; sys.modules[{package!r}] = None; from dtmfdsl.cli import run; run()"
    ended = subprocess.run(
        [sys.executable, "-P", "-c", code, command, "--help"], capture_output=True, text=True
    )
    if command == "testline" and package != "requests":  # which it does not need
        assert ended.returncode == 0
    else:
        assert ended.returncode == 2
        assert ended.stderr.startswith(f"dtmfdsl: `{command}` needs {package}, which is not installed")
        assert ended.stderr.endswith(": pip install 'dtmfdsl[send]'\n")


class Terminal:
    """A `send` to a test line, attended, or to a line elsewhere, on a terminal of its own."""

    def __init__(self, script: str, *arguments: str, line: bool = True, **environment: str):
        self.master, slave = pty.openpty()
        self.text = ""
        self.process = subprocess.Popen(
            [*COMMAND, "send", *(["--test-line", "--attended"] if line else []), "-e", script, *arguments],
            stdin=slave, stdout=slave, stderr=slave,
            env={**os.environ, "TERM": "xterm", "NO_COLOR": "", **environment},
        )  # fmt: skip
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *exception: object) -> None:
        os.close(self.master)
        self.process.wait()

    def read(self, pattern: str) -> str:
        """What was shown, once it holds the pattern."""
        self.text = read_until(self.master, pattern, self.text)
        return self.text

    def type(self, keys: bytes) -> None:
        os.write(self.master, keys)


def test_a_cue_on_a_terminal_ends_with_enter_and_keys_light_up() -> None:
    script = 'secret pin: 4 digits; press 1; wait up to 50m for "enter your PIN"; press $pin for "Code"'
    with Terminal(script, "--speed", "2") as terminal:
        terminal.read("when you hear “enter your PIN”")
        terminal.type(b"\n")
        shown = terminal.read("heard 5 keys")
        assert terminal.process.wait() == 0
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert "2/2" in shown
    assert "••••" in shown
    assert "Code" in shown
    assert CANARY not in shown
    assert "too many requests" not in shown  # an Enter at once keeps to the carrier's limit


def test_an_enter_before_the_cue_is_no_answer_to_it() -> None:
    script = 'press 1; wait 60s; wait up to 40s for "PIN"; press 2'
    with Terminal(script, "--speed", "30") as terminal:
        terminal.read("next in")
        terminal.type(b"\n")
        at = re.search(r"request 2: . at (\d+)m (?:([0-9.]+)s)?", terminal.read(r"request 2: .*\n"))
    assert at
    assert 60 * int(at[1]) + float(at[2] or 0) >= 100


def test_an_enter_after_ctrl_d_is_still_heard() -> None:
    with Terminal('press 1; wait up to 50m for "PIN"; press 2', "--speed", "20") as terminal:
        terminal.read("when you hear “PIN”")
        terminal.type(b"\x04")
        terminal.type(b"\n")
        terminal.read("heard 2 keys")


def test_a_terminal_that_goes_away_does_not_stop_a_delivery(tmp_path: Path) -> None:
    with TestLine() as line:
        terminal = Terminal("press 1", "--base-url", line.base_url, "--call-id", "c", line=False)
        terminal.read("sending|over in")
        os.close(terminal.master)
        assert terminal.process.wait() == 0
        assert line.keys("c") == "1"


@pytest.mark.parametrize("name", ["dumb", "xterm"])
def test_a_cue_is_shown_on_any_terminal_and_its_limit_ends_it(name: str) -> None:
    with Terminal('press 1; wait up to 9s for "PIN"; press 2', "--speed", "10", TERM=name) as terminal:
        terminal.read("when you hear “PIN”")
        terminal.type(b"\x04")  # Ctrl-D: the end of the input
        terminal.read("heard 2 keys")
        assert terminal.process.wait() == 0


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_testline_command_serves_until_it_is_interrupted(end: signal.Signals) -> None:
    process = subprocess.Popen(
        # Its second is long, so that the limit is met for certain.
        [*COMMAND, "testline", "--speed", "0.01", "--shared-limit"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stderr
    printed = read_until(process.stdout.fileno(), r"http://127\.0\.0\.1:\d+")
    found = re.search(r"http://127\.0\.0\.1:\d+", printed)
    assert found
    for call, status in ("c-1", 0), ("c-2", 3):
        send = ["send", "-e", "press 12", "--call-id", call, "--tries", "1", "--base-url", found[0]]
        assert main(send) == status
    process.send_signal(end)
    out, err = process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in err
    assert "c-1" in out + err

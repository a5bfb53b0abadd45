"""`dtmfdsl check --fix`: what it writes where."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from commands import feed

from dtmfdsl import limits
from dtmfdsl.cli import main

WRONG, RIGHT = (
    "press a; wait 3  // as it is\npress $x\nlet x = 1 2\n",
    "press A; wait 3s  // as it is\npress $x\nlet x = 1 2\n",
)


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "wrong.dtmf"
    path.write_text(WRONG)
    return path


def test_fix_writes_the_file(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong.write_text("press a; wait 3  // as it is\n")
    assert main(["check", str(wrong), "--fix"]) == 0
    assert wrong.read_text() == "press A; wait 3s  // as it is\n"
    assert capsys.readouterr() == ("", f"fixed {wrong}\n1 file, no errors, 2 fixed\n")
    assert main(["check", str(wrong), "--fix"]) == 0
    assert capsys.readouterr() == ("", "")


def test_fix_shows_what_is_left(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong.write_text(f"{WRONG}if 1\n")
    assert main(["check", str(wrong), "--fix"]) == 1
    assert wrong.read_text() == f"{RIGHT}if 1\n"
    err = capsys.readouterr().err
    assert ":4:1: error:" in err
    assert "unknown-key" not in err
    assert err.endswith(", 2 fixed\n")


def test_fix_keeps_mode_mark_and_line_ends(wrong: Path) -> None:
    wrong.write_bytes('\ufeffpress a\r\nwait 3\rpress 1 for "é"'.encode())
    wrong.chmod(0o640)
    assert main(["check", str(wrong), "--fix", "--quiet"]) == 0
    assert wrong.read_bytes() == '\ufeffpress A\r\nwait 3s\rpress 1 for "é"'.encode()
    assert wrong.stat().st_mode & 0o777 == 0o640
    assert [entry.name for entry in wrong.parent.iterdir()] == [wrong.name]


def test_a_file_without_fixes_is_not_written(wrong: Path) -> None:
    wrong.write_text("if 1\npress 1\n")
    before = wrong.stat()
    assert main(["check", str(wrong), "--fix"]) == 1
    after = wrong.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_diff_shows_and_writes_nothing(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong.write_text("press 1\npress a\n")
    for arguments in (["--diff"], ["--fix", "--diff"]):
        assert main(["check", str(wrong), *arguments]) == 1
        out, err = capsys.readouterr()
        assert out == (
            f"--- {wrong} (as it is)\n+++ {wrong} (fixed)\n@@ -1,2 +1,2 @@\n press 1\n-press a\n+press A\n"
        )
        assert err == "1 file, no errors, 1 would be fixed\n"
        assert wrong.read_text() == "press 1\npress a\n"


def test_standard_input_and_a_text_go_to_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    feed(monkeypatch, "press a\r\n")
    assert main(["check", "--fix", "-", "-q"]) == 0
    assert capsys.readouterr() == ("press A\r\n", "")
    assert main(["check", "--fix", "-e", "press 1 // as it is"]) == 0
    assert capsys.readouterr() == ("press 1 // as it is", "")
    assert main(["check", "--fix", "-e", "if 1"]) == 1
    assert capsys.readouterr().out == "if 1", "an editor puts it in the place of its text"
    assert main(["check", "--fix", "-e", "press a", "--json"]) == 2


def test_a_used_file_is_not_fixed_by_the_way(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    user = wrong.parent / "user.dtmf"
    user.write_text('use "wrong.dtmf"\npress b\n')
    assert main(["check", "--fix", str(user)]) == 1
    assert wrong.read_text() == WRONG
    assert user.read_text() == 'use "wrong.dtmf"\npress B\n'
    assert "wrong.dtmf:1:7: error:" in capsys.readouterr().err


def test_fix_that_cannot_write_leaves_the_script_as_it_is(wrong: Path) -> None:
    command = [sys.executable, "-P", "-m", "dtmfdsl", "check", "--fix", str(wrong)]
    limit = f"ulimit -f 0; exec {shlex.join(command)}"  # no file may grow
    process = subprocess.run(["sh", "-c", limit], capture_output=True, text=True)
    assert process.returncode == 1
    assert process.stderr.startswith(f"dtmfdsl: {wrong} cannot be written: File too large\n")
    assert process.stderr.endswith("\n1 file, 3 errors, 2 fixable\n")
    assert wrong.read_text() == WRONG
    assert list(wrong.parent.iterdir()) == [wrong]


@pytest.mark.parametrize("command", [["check", "--fix"], ["format"]])
def test_a_file_that_somebody_locked_stays_as_it_is(
    wrong: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    """Also for root, who may write everything."""
    wrong.write_text("Press   1;press a\n" if command == ["check", "--fix"] else "Press   1\n")
    wrong.chmod(0o444)
    before = wrong.read_text()
    assert main([*command, str(wrong)]) == 1
    assert f"{wrong} cannot be written: it is read-only" in capsys.readouterr().err
    assert (wrong.read_text(), wrong.stat().st_mode & 0o777) == (before, 0o444)


def test_diff_shows_no_secret(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong.write_text("press a\nsercet pin: 4 digits = 0471\n")
    assert main(["check", "--diff", str(wrong)]) == 1
    printed = capsys.readouterr()
    assert "+press A" in printed.out
    assert "0471" not in printed.out + printed.err


def test_fixable_counts_what_fix_would_fix(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong.write_text("press a; press $pni; let pin = 1; wait 3; if 1\n")
    assert main(["check", str(wrong)]) == 1
    assert capsys.readouterr().err.endswith("errors, 2 fixable\n")


def test_fix_says_that_another_would_fix_more(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong.write_text("wait 3\n" * (limits.SOURCE_BYTES // 10))
    assert main(["check", "--fix", str(wrong)]) == 1
    shown = capsys.readouterr().err.splitlines()
    assert shown[1] == f"dtmfdsl: {wrong} has more to fix: run `check --fix` again"
    assert shown[-1] == "1 file, 101 errors, 100 fixed, 100 fixable"
    assert main(["check", "--fix", str(wrong)]) == 1
    assert wrong.read_text().startswith("wait 3s\n" * 200 + "wait 3\n")

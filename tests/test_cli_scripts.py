"""Scripts of `check` and `format`: folders, standard input in a file's place, and the closing line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from commands import feed

from dtmfdsl.cli import main

MESSY, TIDY = "press 1;press 2", "press 1\npress 2\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three scripts with a mistake each in the current folder, and files that are no business of ours."""
    monkeypatch.chdir(tmp_path)
    for name in ("b.dtmf", "a/z.dtmf", "a/deep/c.dtmf", ".hidden/no.dtmf", "a/.no.dtmf", "a/notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("press a\n")
    return tmp_path


def places(err: str) -> list[str]:
    return [line.partition(":")[0] for line in err.splitlines() if " error: " in line]


def test_check_of_a_folder_finds_every_script_below_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "."]) == 1
    err = capsys.readouterr().err
    assert places(err) == ["a/deep/c.dtmf", "a/z.dtmf", "b.dtmf"]
    assert err.endswith("\n3 files, 3 errors, 3 fixable\n")
    assert main(["check", "b.dtmf", "a", "b.dtmf"]) == 1
    assert places(capsys.readouterr().err) == ["b.dtmf", "a/deep/c.dtmf", "a/z.dtmf"]
    assert main(["check", ".hidden", "--quiet"]) == 1, "a hidden folder that is named is meant"
    err = capsys.readouterr().err
    assert places(err) == [".hidden/no.dtmf"]
    assert "1 file" not in err


def test_check_closes_with_what_it_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "b.dtmf").write_text("wait 1.2s; press 1\n")
    assert main(["check", "b.dtmf"]) == 0
    assert capsys.readouterr().err.endswith("\n1 file, no errors, 1 warning\n")
    (folder / "b.dtmf").write_text("press 1\n")
    assert main(["check", "b.dtmf"]) == 0
    assert capsys.readouterr().err == ""
    assert main(["check", "b.dtmf", "-e", "press 1"]) == 0
    assert capsys.readouterr().err == "2 files, no errors\n"


@pytest.mark.parametrize("command", ["check", "format"])
def test_a_folder_without_scripts_is_refused(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("press 1")
    assert main([command, str(tmp_path)]) == 2
    assert f"there is no script (*.dtmf) in the folder {tmp_path}" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "format", "compile"])
def test_a_pipe_is_no_script(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe.dtmf")
    assert main([command, str(tmp_path / "pipe.dtmf")]) == 1
    err = capsys.readouterr().err
    assert "pipe.dtmf is not an ordinary file [not-a-file]" in err
    assert "with - as the file" in err


def test_format_of_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "b.dtmf").write_text(MESSY)
    (folder / "a/z.dtmf").write_text(TIDY)
    assert main(["format", ".", "--check"]) == 1
    err = capsys.readouterr().err
    assert err.endswith("\nwould reformat b.dtmf\n1 file would be reformatted, 1 unchanged, 1 not\n")
    assert main(["format", "."]) == 1
    assert capsys.readouterr().err.endswith("\nreformatted b.dtmf\n1 file reformatted, 1 unchanged, 1 not\n")
    assert (folder / "b.dtmf").read_text() == TIDY
    (folder / "a/deep/c.dtmf").write_text(MESSY)
    assert main(["format", ".", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert (folder / "a/deep/c.dtmf").read_text() == TIDY
    assert (folder / ".hidden/no.dtmf").read_text() == "press a\n"


def test_standard_input_stands_for_a_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a/bank.dtmf").write_text("let menu = 2#\n")
    feed(monkeypatch, 'use "bank.dtmf"\npress $meno\n')
    assert main(["check", "-", "--stdin-filename", "a/editor.dtmf"]) == 1
    err = capsys.readouterr().err
    assert "a/editor.dtmf:2:7: error:" in err
    assert "$menu" in err, "the file it uses was found beside the name"
    feed(monkeypatch, MESSY)
    assert main(["format", "-", "--stdin-filename", "b.dtmf"]) == 0
    assert capsys.readouterr().out == TIDY
    assert (folder / "b.dtmf").read_text() == "press a\n", "the file itself is left alone"


def test_format_shows_no_secret(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "b.dtmf").write_text("secret  pin: 4 digits = 0471\n")
    assert main(["format", "b.dtmf", "--diff"]) == 1
    out = capsys.readouterr().out
    assert "0471" not in out
    assert "+secret pin: 4 digits = ••••\n" in out

"""The settings of a project: where they are found, what they change, and what is wrong with them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import feed

from dtmfdsl.cli import main

WAIT = "press 1; wait 1.5s; press 2\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a script two folders below it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "call.dtmf").write_text(WAIT)
    return tmp_path


def compiled(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["compile", *arguments]) == 0
    return capsys.readouterr().out.strip()


def test_the_nearest_settings_win(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = "a/b/call.dtmf"
    assert compiled(capsys, call) == "1W,2"
    (project / "pyproject.toml").write_text('[tool.dtmfdsl]\ndialect = "vonage"\n')
    assert compiled(capsys, call) == "1ppp2"
    (project / "a/pyproject.toml").write_text('[project]\nname = "dtmfdsl-scripts"\n')
    assert compiled(capsys, call) == "1ppp2", "one without the table says nothing"
    (project / "a/dtmfdsl.toml").write_text('dialect = "twilio"\n')
    assert compiled(capsys, call) == "1Ww2"
    (project / "a/b/pyproject.toml").write_text('tool.dtmfdsl.half-second = "w"\n')
    assert compiled(capsys, call) == "1Ww2", "a table that says something is the only one"
    (project / "a/b/dtmfdsl.toml").write_text("")
    assert compiled(capsys, call) == "1W,2", "and dtmfdsl.toml is before pyproject.toml"


def test_the_command_line_wins(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "dtmfdsl.toml").write_text('rounding = "error"\nhalf-second = "w"\n')
    assert compiled(capsys, "-e", WAIT) == "1Ww2"
    assert compiled(capsys, "-e", WAIT, "--half-second", ",") == "1W,2"
    assert compiled(capsys, "-e", WAIT, "--dialect", "vonage") == "1ppp2", (
        "no `w` is asked of another dialect"
    )
    assert compiled(capsys, "-e", WAIT, "--dialect", "bandwidth-v1") == "1Ww2"
    assert main(["compile", "-e", "wait 1.2s; press 1"]) == 1
    assert "unwritable-pause" in capsys.readouterr().err
    assert compiled(capsys, "-e", "wait 1.2s; press 1", "--rounding", "up") == "Ww1"


def test_check_heeds_the_settings_of_each_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "a/dtmfdsl.toml").write_text('dialect = "vonage"\n')
    (project / "a/b/call.dtmf").write_text("press A\n")
    (project / "here.dtmf").write_text("press A\n")
    assert main(["check", "."]) == 1
    err = capsys.readouterr().err
    assert "a/b/call.dtmf:1:1: error:" in err
    assert "vonage" in err
    assert "here.dtmf" not in err


def test_standard_input_and_strings_heed_them_too(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "a/dtmfdsl.toml").write_text('dialect = "vonage"\n')
    feed(monkeypatch, "press A\n")
    assert main(["check", "-"]) == 0
    feed(monkeypatch, "press A\n")
    assert main(["check", "-", "--stdin-filename", "a/new.dtmf"]) == 1
    capsys.readouterr()
    monkeypatch.chdir(project / "a")
    assert main(["decompile", "1ppp2"]) == 0
    assert capsys.readouterr().out == "press 1\nwait 1.5s\npress 2\n"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('dialekt = "twilio"', "`dialekt` is no setting; did you mean `dialect`?"),
        ("[tool]", "`tool` is no setting; settings are dialect, rounding, half-second"),
        ("dialect = 1", "`dialect` is not text in double quotes"),
        ('dialect = "twillio"', "`dialect`: there is no dialect `twillio`; did you mean `twilio`?"),
        ('rounding = "down"', "`rounding` is `up` or `error`, not `down`"),
        ('half-second = "p"', "`half-second`: bandwidth-v1 does not write half a second as `p`"),
        ("dialect", "is not TOML: "),
        ("a = " + "[" * 5000, "is not TOML: "),
        ('"\\u009b" = 1', "`\ufffd` is no setting"),
    ],
)
@pytest.mark.parametrize("name", ["dtmfdsl.toml", "pyproject.toml"])
def test_what_is_wrong_names_the_file_and_the_key(
    name: str, content: str, complaint: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = "" if name == "dtmfdsl.toml" else "[tool.dtmfdsl]\n"
    if content == "[tool]" and table:
        content = "tool = {}"
    (project / name).write_text(f"{table}{content}\n")
    for arguments in (["compile", "-e", "press 1"], ["check", "a"], ["dialects", "--settings"]):
        assert main(arguments) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert f"{name}{'' if complaint.startswith('is') else ':'} {complaint}" in err


def test_a_table_that_is_none(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("[tool]\ndtmfdsl = 1\n")
    assert main(["compile", "-e", "press 1"]) == 2
    assert "pyproject.toml: `tool.dtmfdsl` is not a table" in capsys.readouterr().err


def test_bytes_that_are_no_text(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "dtmfdsl.toml").write_bytes(b"\xff")
    assert main(["compile", "-e", "press 1"]) == 2
    assert "is not TOML: it cannot be read" in capsys.readouterr().err


def test_the_settings_are_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = os.path.realpath(project / "a" / "dtmfdsl.toml")
    Path(path).write_text('dialect = "twilio"\n')
    for where in ("a", "a/b/call.dtmf"):
        assert main(["dialects", "--settings", where]) == 0
        assert capsys.readouterr().out == (
            f"dialect      twilio         {path}\nrounding     up             as usual\n"
            "half-second  w              as usual\n"
        )
    assert main(["dialects", "--settings"]) == 0
    assert capsys.readouterr().out.startswith("dialect      bandwidth-v1   as usual\n")
    assert main(["dialects", "--settings", "a", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown == {"dialect": "twilio", "rounding": "up", "half-second": "w", "file": path}


def test_toml_is_loaded_only_where_there_are_settings(project: Path) -> None:
    def loaded() -> bool:
        command = [sys.executable, "-P", "-X", "importtime", "-m", "dtmfdsl", "compile", "a/b/call.dtmf"]
        return "tomllib" in subprocess.run(command, capture_output=True, text=True, check=True).stderr

    (project / "pyproject.toml").write_text('[project]\nname = "another"\n')
    assert not loaded()
    (project / "dtmfdsl.toml").write_text("")
    assert loaded()

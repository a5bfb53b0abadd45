"""Values that the command line looks for: in a file, and at a terminal, where a secret is asked for."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from terminals import Session

from dtmfdsl.cli import main

COMMAND = shlex.join([sys.executable, "-P", "-m", "dtmfdsl"])
SECRET = shlex.quote("secret pin: 4 digits; press $pin")
AGAIN = r"pin \(4 digits\): "


def shell(command: str) -> Session:
    """A shell that runs the command, and then reads a line, as it would read the next command."""
    return Session(
        "sh", "-c", f'{COMMAND} {command}; echo "status $?"; read line; echo "the shell read <$line>"'
    )


@pytest.mark.parametrize("command", [f"compile -e {SECRET}", f"send --dry-run --calls $CALLS -e {SECRET}"])
def test_a_secret_is_checked_at_once_and_asked_for_again_unseen(tmp_path: Path, command: str) -> None:
    calls = tmp_path / "calls.csv"
    calls.write_text("call_id\nc-1\nc-2\n")
    with shell(command.replace("$CALLS", shlex.quote(str(calls)))) as session:
        session.read(AGAIN)
        session.type("83617\n8362\n")  # the second line is typed before it is asked for
        session.read(r"`\$pin` must be 4 digits, but has 5 keys: type it again\s+" + AGAIN)
        session.type("8363\n")
        session.read("status 0")
        session.type("ls\n")
        shown = session.read("the shell read <ls>")
    assert shown.count(": type it again") == 1
    for typed in ("83617", "8362"):
        assert typed not in shown
    assert ("8363" in shown) == command.startswith("compile")


def test_the_third_wrong_secret_ends_it_and_leaves_no_line_to_the_shell() -> None:
    with shell(f"compile -e {SECRET}") as session:
        for number in (1, 2, 3):
            session.read(f"(?s)({AGAIN}.*){{{number}}}$")
            session.type(f"83{number}\n9{number}46\n")
        shown = session.read("status 1")
        assert shown.count("must be 4 digits, but has 3 keys") == 3
        assert "[wrong-kind]" in shown
        session.type("ls\n")
        shown = session.read("the shell read <.*>")
    assert "the shell read <ls>" in shown
    assert "46" not in shown
    assert "83" not in shown


def test_the_end_of_the_input_is_no_secret() -> None:
    with shell(f"compile -e {SECRET}") as session:
        session.read(AGAIN)
        session.type("\x04")
        shown = session.read("status 1")
    assert "[missing-value]" in shown


def compiled(tmp_path: Path, script: str, values: str) -> int:
    (tmp_path / "values.toml").write_text(values)
    return main(["compile", "-e", script, "--values", str(tmp_path / "values.toml")])


def test_a_slip_in_a_file_of_values_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compiled(tmp_path, "param card: keys; press $card", 'kard = "12"') == 1
    said = capsys.readouterr().err
    assert "values.toml has no `card`, but `kard` [unknown-value]" in said
    assert "did you mean `card`?" in said
    assert compiled(tmp_path, "param card: keys = 5; press $card", 'kard = "12"') == 1
    assert "did you mean `card`?" in capsys.readouterr().err
    assert compiled(tmp_path, "secret card: keys; press $card", 'Card = "12"') == 1
    assert "did you mean `card`?" in capsys.readouterr().err


def test_a_file_of_values_may_hold_more_than_a_script_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    two = "param pin: keys; param pin2: keys = 9; press $pin $pin2"
    assert compiled(tmp_path, two, 'pin = "1"\nother = "2"\n"4 7" = "3"') == 0
    assert capsys.readouterr() == ("19\n", "")
    monkeypatch.setenv("DTMF_CARD", "7")
    assert compiled(tmp_path, "param card: keys; press $card", 'kard = "12"') == 0
    assert capsys.readouterr() == ("7\n", "")
    assert compiled(tmp_path, "param code: keys = 5; press $code", '"code 47" = "12"') == 0
    assert capsys.readouterr() == ("5\n", "")

"""How the command line shows things: width, colour, help, and what it does not repeat."""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtmfdsl import Diagnostic, Note, Source, Span, render
from dtmfdsl.cli import main
from dtmfdsl.cli.commands import COMMANDS
from dtmfdsl.cli.input import duration

SCRIPT = 'press 1 for "a label of some length"; press 2; press a\nlet menu = 1; let menu = 2\nwait 1.2.2s\n'


def shown(columns: int | None, *arguments: str, **environment: str) -> list[str]:
    """The lines that a command shows on a terminal of so many columns, or elsewhere."""
    command = [sys.executable, "-P", "-m", "dtmfdsl", *arguments]
    if columns is None:
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
        return (done.stdout + done.stderr).splitlines()
    terminal, other_end = os.openpty()
    fcntl.ioctl(other_end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(command, stdout=other_end, stderr=other_end, env={**os.environ, **environment})
    os.close(other_end)
    text = b""
    try:
        while piece := os.read(terminal, 4096):
            text += piece
    except OSError:  # nobody has the other end open any more
        pass
    os.close(terminal)
    process.wait()
    return text.decode().replace("\r\n", "\n").splitlines()


def plain(lines: list[str]) -> list[str]:
    return [re.sub(r"\033\[[0-9;]*m", "", line) for line in lines]


def widths(lines: list[str]) -> int:
    return max(map(len, plain(lines)))


@pytest.mark.parametrize("arguments", [["--help"], ["compile", "--help"], ["check", "-e", SCRIPT]])
def test_the_width_is_heeded(arguments: list[str]) -> None:
    long = shown(None, *arguments)
    for narrow in (
        shown(None, *arguments, COLUMNS="40"),
        shown(40, *arguments),
        shown(120, *arguments, COLUMNS="40"),
    ):
        assert widths(narrow) <= 40
        words = set(" ".join(long).split())
        assert set(" ".join(plain(narrow)).split()) - words <= {"label", "length"}, "no word is broken"
    assert widths(shown(200, *arguments)) <= 100 or "--help" not in arguments


def test_elsewhere_a_sentence_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a-name-that-is-rather-long-for-a-file-of-three-lines-and-goes-on.dtmf"
    path.write_text(SCRIPT)
    for environment in ({}, {"COLUMNS": "80"}, {"COLUMNS": "0"}, {"COLUMNS": "x"}):
        assert f"{path}:1:54: error: `a` is not a key [unknown-key]" in shown(
            None, "check", str(path), **environment
        )


words = st.text(st.characters(categories=["L", "N"]) | st.just("＃"), min_size=1, max_size=12)
sentences = st.lists(words, min_size=1, max_size=12).map(" ".join)


@given(sentences, sentences, sentences, st.integers(1, 60), st.booleans())
def test_a_diagnostic_of_any_width_says_the_same(
    message: str, note: str, help: str, width: int, colour: bool
) -> None:
    source = Source("a b.dtmf", "x" * 200)
    found = Diagnostic("unknown-key", message, Span(source, 100, 120), (Note(note),), help)
    wide, narrow = render(found), plain(render(found, colour, width).split("\n"))

    def without_snippet(lines: list[str]) -> list[str]:
        return " ".join(line for line in lines if " | " not in line).split()

    assert without_snippet(narrow) == without_snippet(wide.split("\n"))
    for line in narrow:
        columns = sum(2 if character == "＃" else 1 for character in line)
        assert columns <= max(width, 20) or len(line.split()) <= 4, "only what cannot be broken is longer"


COLOUR = "\033["


@pytest.mark.parametrize(
    ("environment", "on_terminal", "elsewhere"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
    ],
)
def test_colour_is_for_who_can_see_it(
    environment: dict[str, str], on_terminal: bool, elsewhere: bool
) -> None:
    for columns, coloured in ((80, on_terminal), (None, elsewhere)):
        text = "\n".join(shown(columns, "check", "-e", SCRIPT, **environment))
        assert (COLOUR in text) == coloured


@pytest.mark.parametrize("command", [["format", "--diff"], ["check", "--diff"]])
def test_a_diff_controls_no_terminal(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.dtmf").write_text(f"press  {'a' if command[0] == 'check' else '1'} // \x9b2J\u202e\n")
    lines = shown(80, *command, str(tmp_path / "a.dtmf"))
    assert any(line.startswith("-press") for line in lines)
    assert all(line.isprintable() for line in plain(lines))
    assert any("\x9b" in line for line in shown(None, *command, str(tmp_path / "a.dtmf"))), "a patch is exact"


def test_a_recipe_of_the_help_keeps_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    main(["completion", "--help"])
    out = capsys.readouterr().out
    assert "\n    dtmfdsl completion bash > ~/.local/share/bash-completion/completions/dtmfdsl\n" in out
    assert "\n    dtmfdsl completion fish > ~/.config/fish/completions/dtmfdsl.fish\n" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_the_paragraphs_of_a_help_stay_apart(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    main([command, "--help"])
    assert f"\n\n{COMMANDS[command][:30]}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("2m", 120), ("1m 30s", 90), ("500ms", 0.5), (" 1.5 s ", 1.5)]
)
def test_a_time_is_written_as_in_the_language(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("20", "a time needs its unit: write it like 90s, 2m or 500ms"),
        ("1.5", "a time needs its unit"),
        ("8361x", "this is not a time"),
        ("", "this is not a time"),
        ("0s", "more than 0s"),
        ("0.5ms", "this is not a time"),
        ("9" * 20 + "s", "less than 30 years"),
    ],
)
def test_a_number_without_a_unit_is_no_time(text: str, reason: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=re.escape(reason)) as caught:
        duration(text)
    assert "8361" not in str(caught.value)


@pytest.mark.parametrize(
    "arguments",
    [
        ["compile", "--rounding", "83619402"],
        ["compile", "--dialect", "83619402"],
        ["compile", "--half-second", "83619402"],
        ["check", "--output-format", "8361'9402"],
        ["compile", "a", "83619402"],
        ["83619402"],
        ["completion", "8361\n9402"],
    ],
)
def test_a_misplaced_value_is_not_repeated(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments] if len(arguments) != 3 else [*arguments, "-e", "press 1"]) == 2
    printed = "".join(capsys.readouterr())
    assert "8361" not in printed
    assert "9402" not in printed


def test_a_near_miss_is_still_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "--dialect", "twillio", "-e", "press 1"]) == 2
    assert "did you mean `twilio`" in capsys.readouterr().err


def test_a_script_in_the_place_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("compile", "check"):
        assert main([command, "press 1; press 83619402"]) == 1
        err = capsys.readouterr().err
        assert "there is no file of this name, but the name reads as a script [no-such-file]" in err
        assert "with -e" in err
        assert "8361" not in err
    Path("press 1").write_text("press 2")
    assert main(["compile", "press 1"]) == 0
    assert capsys.readouterr().out == "2\n", "a file of that name is a file"
    assert main(["compile", "call.dtmf"]) == 1
    assert "-e" not in capsys.readouterr().err


def test_two_scripts_are_one_too_many(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "a.dtmf", "b.dtmf"]) == 2
    assert "compile takes one script; `check` and `format` take many" in capsys.readouterr().err
    assert main(["listen", "a.wav", "b.wav"]) == 2
    assert "listen takes one file\n" in capsys.readouterr().err


def test_the_result_goes_into_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "call.txt"
    previous = os.umask(0o027)
    try:
        assert main(["compile", "-e", "press 1; wait 1.2s; press 2", "-o", str(out)]) == 0
    finally:
        os.umask(previous)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "[rounded-pause]" in printed.err
    assert out.read_text() == "1W,2\n"
    assert out.stat().st_mode & 0o777 == 0o640, "as any new file"
    out.chmod(0o600)
    assert main(["compile", "-e", "press 3", "--output", str(out)]) == 0
    assert (out.read_text(), out.stat().st_mode & 0o777) == ("3\n", 0o600)
    assert main(["compile", "-e", "press a", "-o", str(out)]) == 1
    assert out.read_text() == "3\n", "a wrong script has no result"
    assert main(["compile", "-e", "press 4", "-o", str(out), "--json"]) == 0
    assert '"text": "4"' in out.read_text()
    assert [entry.name for entry in tmp_path.iterdir()] == [out.name]


@pytest.mark.parametrize("name", ["user.dtmf", "bank.dtmf", "values.toml", "link"])
def test_no_result_takes_the_place_of_what_it_is_made_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    files = {
        "user.dtmf": 'use "bank.dtmf"\npress $a\n',
        "bank.dtmf": "param a: keys\n",
        "values.toml": 'a = "1"\n',
    }
    for each, text in files.items():
        (tmp_path / each).write_text(text)
    (tmp_path / "link").symlink_to("user.dtmf")
    script, values = str(tmp_path / "user.dtmf"), str(tmp_path / "values.toml")
    assert main(["compile", script, "--values", values, "-o", str(tmp_path / name)]) == 2
    assert "name another file" in capsys.readouterr().err
    assert {each: (tmp_path / each).read_text() for each in files} == files


def test_a_result_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "-e", "press 1", "-o", str(tmp_path)]) == 1
    assert f"dtmfdsl: {tmp_path} cannot be written" in capsys.readouterr().err
    assert main(["compile", "-e", "press 1", "-o", str(tmp_path / "no" / "x")]) == 1
    assert "cannot be written: No such file or directory" in capsys.readouterr().err
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert main(["compile", "-e", "press 1", "-o", str(tmp_path / "pipe")]) == 0
    assert os.read(reader, 10) == b"1\n", "a pipe or a device stays one"
    os.close(reader)

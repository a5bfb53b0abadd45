"""A terminal that is read back: nothing that a stranger wrote controls it, hides in it or forges a line of it.

The terminal is pyte's, on a real pair of pseudo-terminals. It does what a terminal would with control
characters, and its cells have what would be seen.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl.cli import main
from dtmfdsl.printable import printable

ESCAPES = "\x1b]0;owned\x07\x1b[45m\x1b[2J\x1b[9A"
UNSEEN = (
    "\x9b45m\x9b2J\x9d0;owned\x9c\u202e\u2066\u200b\u200d\u2060\ufeff\u061c\u00ad\u2028\x85\u3164\U000e0041"
)
HOSTILE = f"\x08\x0b\x7f\r{ESCAPES}{UNSEEN}"
"""What moves, clears, colours or names a terminal, turns text around, or has no width."""

NEVER = {character for character in UNSEEN if printable(character) != character}


def read_back(*arguments: str, stdin: bytes | None = None, **environment: str) -> pyte.Screen:
    """The terminal after a command, with both of the command's outputs on it."""
    screen = pyte.Screen(250, 400)
    terminal, other_end = os.openpty()
    command = [sys.executable, "-P", "-m", "dtmfdsl", *arguments]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "250", **environment}
    process = subprocess.Popen(
        command,
        stdin=other_end if stdin is None else subprocess.PIPE,
        stdout=other_end,
        stderr=other_end,
        env=environment,
    )
    os.close(other_end)
    if process.stdin:
        process.stdin.write(stdin or b"")
        process.stdin.close()
    shown = b""
    try:
        while piece := os.read(terminal, 4096):
            shown += piece
    except OSError:  # nobody has the other end open any more
        pass
    os.close(terminal)
    process.wait()
    text = shown.decode()
    assert set(text).isdisjoint(NEVER), "not even for a moment"
    pyte.Stream(screen).feed(text)
    return screen


def assert_unharmed(screen: pyte.Screen) -> None:
    assert screen.title == ""
    for row in screen.buffer.values():
        for cell in row.values():
            assert cell.bg == "default"
            assert printable(cell.data) == cell.data


def words(screen: pyte.Screen) -> str:
    return "\n".join(line.rstrip() for line in screen.display).rstrip()


SCRIPTS = {
    "label": f'press 1 for "menu{UNSEEN}"; press a',
    "cue": f'wait up to 1s for "menu{UNSEEN}"; press a',
    "control": f'press 1 for "menu{HOSTILE}"',
    "comment": f"press 1 // menu{HOSTILE}\npress a",
    "name": f"press $menu{HOSTILE}; menu{UNSEEN}()",
    "word": f"menu{HOSTILE} 1",
    "use": f'use "menu{HOSTILE}"',
    "suggestion": f'wait 1s for "menu{UNSEEN}"',
}


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    for name, text in SCRIPTS.items():
        (tmp_path / f"{name}.dtmf").write_text(text)
    return tmp_path


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_check_shows_hostile_scripts(scripts: Path, form: str) -> None:
    screen = read_back("check", str(scripts), "--output-format", form)
    assert "menu" in words(screen)
    assert_unharmed(screen)


@pytest.mark.parametrize("command", ["check --diff", "check --fix", "format --diff", "format --check"])
def test_other_commands_show_hostile_scripts(scripts: Path, command: str) -> None:
    assert_unharmed(read_back(*command.split(), str(scripts)))


@pytest.mark.parametrize("command", ["check --fix", "format", "compile", "compile --json"])
@pytest.mark.parametrize("text", ["label", "control", "comment"])
def test_what_comes_back_from_a_hostile_script(text: str, command: str) -> None:
    assert_unharmed(read_back(*command.split(), "-e", SCRIPTS[text]))


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["check", "--fix"],
        ["check", "--diff"],
        ["check", "--output-format", "github"],
        ["check", "--json"],
        ["format"],
        ["format", "--diff"],
        ["format", "--check"],
        ["compile"],
        ["compile", "--values"],
        ["compile", "-e", "press 1", "-o"],
        ["dialects", "--settings"],
        ["send", "--test-line", "--calls", "nowhere.csv"],
        ["send", "--test-line", "-e", "press 1", "--env-file"],
        ["send", "--test-line", "-e", "press 1", "--resume"],
        ["send", "--test-line", "-e", "press 1; param x: text", "--calls"],
        ["send", "--test-line", "-e", "press 1", "--call-id"],
        ["send", "--dry-run", "-e", "press 1", "--call-id"],
    ],
    ids=" ".join,
)
def test_names_of_files_and_calls(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path(f"menu{HOSTILE}\n")
    folder.mkdir()
    path = folder / f"menu{HOSTILE}\n.dtmf"
    path.write_text("press  1\npress 2, then press 3\n")
    (folder / "dtmfdsl.toml").write_text('dialect = "twilio"\n')
    for name in (str(path), f"{path}-"):
        screen = read_back(*arguments, name)
        assert_unharmed(screen)
        assert not any(line.startswith(".dtmf") for line in screen.display), "a name forges no line"


def test_what_a_plan_and_a_run_show(tmp_path: Path) -> None:
    script = f'press 1 for "menu{UNSEEN}"; wait up to 3s for "menu{UNSEEN}"; press 2 for "menu{UNSEEN}"'
    ways = (["--dry-run", "--attended"], ["--test-line", "--speed", "100", "--attended"])
    for way in (*ways, [*ways[1], "--plain"], [*ways[1], "--fault", "429"]):
        screen = read_back("send", "-e", script, *way, "--call-id", f"menu{UNSEEN}")
        assert_unharmed(screen)
        assert "menu" in words(screen) or "--plain" not in way
    journal = tmp_path / "journal"
    for faults in (["--fault", "500-after", "--journal"], ["--resume"], ["--skip", "--resume"]):
        assert_unharmed(read_back("send", "-e", script, *ways[1], *faults, str(journal)))


@pytest.mark.parametrize("way", [["--dry-run"], ["--test-line", "--speed", "100"]])
def test_columns_values_and_ids_of_many_calls(way: list[str], tmp_path: Path) -> None:
    script = 'param card: 4 digits; param name: text = "x"; wait up to 1s for $name; press $card'
    calls = tmp_path / "calls.csv"
    rows = [
        ["call_id", "card", "name"],
        [f"menu{UNSEEN}", "1234", f"menu{UNSEEN}"],
        [f"menu{HOSTILE}\nforged", "1234", "x"],
        ["c-1", f"menu{HOSTILE}", "x"],
        ["c-2", f"12{UNSEEN}", f"menu{HOSTILE}"],
    ]
    calls.write_text("".join(",".join(f'"{field}"' for field in row) + "\n" for row in rows), newline="")
    screen = read_back("send", "-e", script, *way, "--calls", str(calls))
    assert_unharmed(screen)
    assert "menu" in words(screen)
    for columns in (f"menu{HOSTILE}", f"card{UNSEEN}"):
        calls.write_text(f'call_id,"{columns}","{columns}2"\nc-1,1,2\n', newline="")
        assert_unharmed(read_back("send", "-e", script, *way, "--calls", str(calls)))


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", f"menu{HOSTILE}"],
        ["decompile", f"1{HOSTILE}"],
        ["decompile", f"1{HOSTILE}", "--dialect", "twilio"],
        [f"menu{HOSTILE}"],
        ["check", f"--menu{HOSTILE}"],
        ["check", "-e", "press 1", f"menu{HOSTILE}"],
        ["compile", "-e", "press 1", "--dialect", f"menu{HOSTILE}"],
        ["compile", "-e", "param x: text; wait up to 1s for $x", "--set", f"x=menu{HOSTILE}"],
        ["compile", "-e", "press 1", "--set", f"menu{HOSTILE}=1"],
        ["testline", "--fault", f"menu{HOSTILE}"],
        ["testline", "--call", f"menu{HOSTILE}=menu"],
        ["send", "-e", "press 1", "--dry-run", "--carrier", f"menu{HOSTILE}"],
        ["send", "-e", "press 1", "--dry-run", "--base-url", f"https://menu{HOSTILE}"],
    ],
)
def test_what_is_typed(arguments: list[str]) -> None:
    assert_unharmed(read_back(*arguments))


def test_a_script_on_a_terminal_is_clean_and_elsewhere_to_the_letter(
    capfd: pytest.CaptureFixture[str],
) -> None:
    text = f"press 1  // menu{UNSEEN}\n"
    assert_unharmed(read_back("format", "-", stdin=text.encode()))
    main(["format", "-e", text])
    assert capfd.readouterr().out == text


def test_json_keeps_the_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / f"{HOSTILE}.dtmf"
    path.write_text(SCRIPTS["suggestion"])
    main(["check", "--json", str(path)])
    out = capsys.readouterr().out
    assert all(printable(line) == line for line in out.split("\n"))
    (found,) = json.loads(out)
    assert found["file"] == str(path)
    assert found["suggestion"] == f'wait up to 1s for "menu{UNSEEN}"'


@given(st.text())
def test_a_line_for_people_is_one_line_and_clean(text: str) -> None:
    assert printable(printable(text)) == printable(text)
    assert printable(text).isprintable()
    assert len(printable(text)) == len(text)


@pytest.mark.parametrize(
    "character", [*"\0\t\n\x1b\x7f\x85\x9b\xad\u061c\u200b\u2028\u202e\u2066\u3164\ufeff"]
)
def test_what_controls_or_hides_is_shown(character: str) -> None:
    assert printable(f"1{character}2") == "1\ufffd2"


def test_every_text_leaves_by_one_door() -> None:
    """What would write elsewhere than through `say`, `tell` and `give` does not exist in the package."""
    package = Path(dtmfdsl.__file__).parent
    doors = {"cli/streams.py"}
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and path.relative_to(package).as_posix() not in doors:
                called = ast.unparse(node.func)
                assert called != "print", path
                assert called not in ("sys.stdout.write", "sys.stderr.write", "os.write"), path

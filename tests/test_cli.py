"""The command `dtmfdsl`: what it prints where, and its exit status."""

from __future__ import annotations

import gc
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from commands import feed

import dtmfdsl
from dtmfdsl.cli import main

COMMAND = [sys.executable, "-P", "-m", "dtmfdsl"]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.dtmf"
    path.write_text("press 1\nwait 3.5s\npress 59#\n")
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.dtmf"
    path.write_text("press a\nwait 3\n")
    return path


def test_compile_prints_a_chunk_a_line(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", str(good)]) == 0
    assert capsys.readouterr() == ("1WWW,59#\n", "")
    assert main(["compile", "-e", "press 1; wait 30s; press 2", "--dialect", "twilio"]) == 0
    assert capsys.readouterr().out == "1" + "W" * 30 + "2\n"
    assert main(["compile", "-e", "press 1; wait 40s; press 2", "--dialect", "twilio"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_compile_reads_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    feed(monkeypatch, "\ufeffpress 7\r\nwait 1s\r\n")
    assert main(["compile", "-"]) == 0
    assert capsys.readouterr().out == "7W\n"


def test_compile_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "-e", "press 121# every 1.5s", "--half-second", "w"]) == 0
    assert capsys.readouterr().out == "1Ww2Ww1Ww#\n"
    assert main(["compile", "-e", "wait 1.2s", "--rounding", "error"]) == 1
    assert "unwritable-pause" in capsys.readouterr().err
    assert main(["compile", "-e", "wait 1.2s; press 1"]) == 0
    out, err = capsys.readouterr()
    assert out == "W,1\n"
    assert "1.2s became 1.5s" in err
    assert main(["compile", "-e", "param x: 2 digits; press $x", "--set", "x=07"]) == 0
    assert capsys.readouterr().out == "07\n"
    assert main(["compile", "-e", "press 1", "--set", "y=07"]) == 1
    assert "unknown-value" in capsys.readouterr().err


def test_compile_json(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", str(good), "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {
        "dialect": "bandwidth-v1",
        "chunks": [{"text": "1WWW,59#", "length": 8, "plays_ms": [4 * 93 + 3500, 4 * 600 + 3500]}],
        "diagnostics": [],
    }
    assert err == ""


def test_compile_of_nothing_warns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "-e", "// nothing"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "empty-program" in err


def test_mistakes_go_to_standard_error(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", str(bad)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{bad}:1:7: error:" in err
    assert f"{bad}:2:6: error:" in err


def test_check_reports_everything_in_all_files(
    good: Path, bad: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(good)]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["check", str(bad), str(good), "nowhere.dtmf"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert [code in err for code in ("unknown-key", "missing-unit", "no-such-file")] == [True] * 3
    assert main(["check", str(bad), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(d["code"], d["line"], d["column"], d["suggestion"]) for d in found] == [
        ("unknown-key", 1, 7, "A"),
        ("missing-unit", 2, 6, "3s"),
    ]


def test_check_shows_a_mistake_in_a_used_file_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "used.dtmf").write_text("let a = 4x")
    users = [tmp_path / "one.dtmf", tmp_path / "other.dtmf"]
    for user in users:
        user.write_text('use "used.dtmf"')
    assert main(["check", *map(str, users)]) == 1
    assert capsys.readouterr().err.count("error:") == 1


def test_check_of_warnings_is_fine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "-e", "wait 1.2s; press 1"]) == 0
    assert "[rounded-pause]" in capsys.readouterr().err
    assert main(["check", "-e", "wait 1.2s", "--rounding", "error"]) == 1
    assert "[unwritable-pause]" in capsys.readouterr().err


def test_check_needs_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    script = "secret pin: 4 digits; param gap: duration; press $pin every $gap; press A"
    assert main(["check", "-e", script]) == 0
    assert main(["check", "-e", script, "--dialect", "vonage"]) == 1
    assert "no-such-key" in capsys.readouterr().err


def test_format_rewrites_in_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "messy.dtmf"
    path.write_bytes(b"\xef\xbb\xbfpress 1;wait  2s // hi\r\n")
    path.chmod(0o640)
    assert main(["format", "--check", str(path)]) == 1
    assert main(["format", "--diff", str(path)]) == 1
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert "+press 1\n+wait 2s  // hi\n" in capsys.readouterr().out
    assert main(["format", str(path)]) == 0
    assert path.read_bytes() == b"press 1\nwait 2s  // hi\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert main(["format", "--check", str(path)]) == 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["messy.dtmf"]


def test_format_through_a_link_keeps_the_link(tmp_path: Path, good: Path) -> None:
    link = tmp_path / "link.dtmf"
    good.write_text("press 1;press 2")
    link.symlink_to(good)
    assert main(["format", str(link)]) == 0
    assert link.is_symlink()
    assert good.read_text() == "press 1\npress 2\n"


def test_format_of_standard_input_and_of_a_wrong_script(
    monkeypatch: pytest.MonkeyPatch, bad: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feed(monkeypatch, "press 1;press 2")
    assert main(["format", "-"]) == 0
    assert capsys.readouterr().out == "press 1\npress 2\n"
    before = bad.read_bytes()
    assert main(["format", str(bad)]) == 1
    assert bad.read_bytes() == before
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("error:") == 2


def test_format_goes_on_after_a_wrong_script(
    good: Path, bad: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good.write_text("press 1;press 2")
    assert main(["format", str(bad), str(good), "-e", "press 3;press 4"]) == 1
    assert good.read_text() == "press 1\npress 2\n"
    out, err = capsys.readouterr()
    assert out == "press 3\npress 4\n"
    assert err.endswith(f"reformatted {good}\n")


@pytest.mark.parametrize("option", ["--check", "--diff"])
def test_format_reports_what_it_would_change(
    good: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["format", option, str(good)]) == 0
    assert capsys.readouterr() == ("", "")
    good.write_text("press 1;press 2")
    assert main(["format", option, str(good), "-e", "press 1\n"]) == 1
    assert good.read_text() == "press 1;press 2"
    diff = (
        f"--- {good} (as it is)\n+++ {good} (formatted)\n@@ -1 +1,2 @@\n"
        "-press 1;press 2\n\\ No newline at end of file\n+press 1\n+press 2\n"
    )
    assert capsys.readouterr() == ((diff, "") if option == "--diff" else ("", f"would reformat {good}\n"))


def test_format_keeps_all_names_of_a_file(tmp_path: Path, good: Path) -> None:
    good.write_text("press 1;press 2")
    (tmp_path / "other.dtmf").hardlink_to(good)
    assert main(["format", str(good)]) == 0
    assert (tmp_path / "other.dtmf").samefile(good)
    assert good.read_text() == "press 1\npress 2\n"
    inode = good.stat().st_ino
    (tmp_path / "other.dtmf").unlink()
    good.write_text("press 1;press 2")
    assert main(["format", str(good)]) == 0
    assert good.stat().st_ino != inode, "a file of one name is replaced in one step"


def test_format_that_cannot_write_leaves_the_script_as_it_is(tmp_path: Path, good: Path) -> None:
    good.write_text("press 1;press 2")
    limit = f"ulimit -f 0; exec {shlex.join([*COMMAND, 'format', str(good)])}"  # no file may grow
    process = subprocess.run(["sh", "-c", limit], capture_output=True, text=True)
    assert process.returncode == 1
    assert process.stderr == f"dtmfdsl: {good} cannot be written: File too large\n"
    assert good.read_text() == "press 1;press 2"
    assert list(tmp_path.iterdir()) == [good]


def test_decompile(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decompile", "1WWW,59#"]) == 0
    assert capsys.readouterr().out == "press 1\nwait 3.5s\npress 59#\n"
    feed(monkeypatch, "1WW\nW,59#\n")
    assert main(["decompile"]) == 0
    assert capsys.readouterr().out == "press 1\nwait 3.5s\npress 59#\n"
    assert main(["decompile", "1p2", "--dialect", "vonage"]) == 0
    assert main(["decompile", "1p2", "--dialect", "twilio"]) == 1
    assert "not-in-dialect" in capsys.readouterr().err
    assert main(["decompile", ""]) == 1
    assert main(["decompile", "1p2"]) == 0
    capsys.readouterr()
    assert main(["decompile", "1#{card}"]) == 1
    assert capsys.readouterr().out == ""
    assert main(["decompile", "1#{card}", "--template", "ruby"]) == 0
    out, err = capsys.readouterr()
    assert (out, "[template-value]" in err) == ("param card: keys\npress 1 $card\n", True)


def test_dialects_and_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dialects"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in dtmfdsl.DIALECTS)
    assert main(["dialects", "--json"]) == 0
    limits = {row["name"]: row["limit"] for row in json.loads(capsys.readouterr().out)}
    assert limits == {name: dialect.limit for name, dialect in dtmfdsl.DIALECTS.items()}
    assert (limits["bandwidth-v1"], limits["vonage"]) == (92, None)
    assert main(["explain", "unknown-key"]) == 0
    assert "unknown-key" in capsys.readouterr().out
    assert main(["explain", "unknown-kye"]) == 2
    assert "did you mean `unknown-key`" in capsys.readouterr().err


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_completion_names_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("compile", "check", "format", "decompile", "explain", "half-second"))


def test_the_fish_completion_loads_and_completes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not (fish := shutil.which("fish")):
        pytest.skip("fish is not installed")
    main(["completion", "fish"])
    (tmp_path / "completion.fish").write_text(capsys.readouterr().out)

    def completed(line: str) -> list[str]:
        ask = f"source completion.fish; complete --do-complete '{line}'"
        environment = {**os.environ, "HOME": str(tmp_path)}
        out = subprocess.run(
            [fish, "--no-config", "-c", ask],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env=environment,
            check=True,
        )
        return [row.partition("\t")[0] for row in out.stdout.splitlines()]

    assert completed("dtmfdsl dec") == ["decompile"]
    assert completed("dtmfdsl compile --half") == ["--half-second"]
    assert completed("dtmfdsl compile --dialect tw") == ["twilio", "twilio-play"]
    assert completed("dtmfdsl translate --from pl") == ["plivo"]


def test_the_bash_completion_loads_and_completes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["completion", "bash"])
    (tmp_path / "completion").write_text(capsys.readouterr().out)
    ask = 'source completion; COMP_WORDS=(dtmfdsl dec); COMP_CWORD=1; $(complete -p dtmfdsl | sed "s/.*-F \\([^ ]*\\).*/\\1/") dtmfdsl dec dtmfdsl; echo "${COMPREPLY[@]}"'
    out = subprocess.run(["bash", "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["decompile"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["compile"],
        ["compile", "a", "-e", "b"],
        ["compile", "a", "b"],
        ["compile", "-e", "press 1", "--rounding", "down"],
        ["check"],
        ["completion", "nushell"],
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "dtmfdsl" in err


@pytest.mark.parametrize("arguments", [["--help"], ["compile", "--help"], ["--version"]])
def test_help_and_version_exit_with_0(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert "dtmfdsl" in capsys.readouterr().out


# Manners of a process


def run(arguments: list[str], **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, **options)  # type: ignore[call-overload, no-any-return]


def test_a_broken_pipe_ends_quietly(tmp_path: Path) -> None:
    long = tmp_path / "long.dtmf"
    long.write_text("wait 1s\npress 1\n" * 20_000)
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run([*COMMAND, "compile", str(long)], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert process.stderr == b""
    assert process.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
def test_a_full_disk_is_an_error_and_no_traceback(good: Path) -> None:
    with open("/dev/full", "wb") as full:
        process = subprocess.run(
            [*COMMAND, "compile", str(good)], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    assert "No space left" in process.stderr


def test_a_closed_output_ends_quietly(good: Path) -> None:
    shell = f"exec {sys.executable} -P -m dtmfdsl compile {good} >&-"
    process = subprocess.run(["sh", "-c", shell], capture_output=True, text=True)
    assert (process.returncode, process.stderr) == (1, "")


def test_an_interrupt_ends_quietly() -> None:
    process = subprocess.Popen(
        [*COMMAND, "decompile", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin
    # It reads until the end of the input; a first line that it has taken in shows that it is waiting.
    process.stdin.write(b"1\n" * 100_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert err == b""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_of_the_terminal_will_do(encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    process = run(["compile", "-e", "press ＃ // “x”"], env=environment)
    assert process.returncode == 1
    assert "unknown-key" in process.stderr
    assert ("＃" if encoding == "utf-8" else "\\uff03") in process.stderr
    assert "Traceback" not in process.stderr
    script = 'press 1 for "é☎＃"\n'
    command = [*COMMAND, "format", "-e", script]
    assert subprocess.run(command, env=environment, capture_output=True, check=True).stdout == script.encode()


@pytest.mark.parametrize(
    ("no_colour", "colours"), [(None, ["31;1", "32;1"]), ("", ["31;1", "32;1"]), ("1", [])]
)
def test_colour_is_for_terminals_alone(bad: Path, no_colour: str | None, colours: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {} if no_colour is None else {"NO_COLOR": no_colour}
    plain = run(["check", str(bad)], env=environment).stderr
    shown = on_a_terminal(["check", str(bad)], environment)
    assert "\033" not in plain
    assert re.sub(r"\033\[[0-9;]*m", "", shown) == plain
    assert {colour for colour in ("31;1", "32;1") if f"\033[{colour}m" in shown} == set(colours)


def on_a_terminal(arguments: list[str], environment: dict[str, str]) -> str:
    """What a command shows whose standard error is a terminal."""
    terminal, other_end = os.openpty()
    process = subprocess.Popen([*COMMAND, *arguments], stderr=other_end, env=environment)
    os.close(other_end)
    shown = b""
    try:
        while piece := os.read(terminal, 4096):
            shown += piece
    except OSError:  # nobody has the other end open any more
        pass
    os.close(terminal)
    assert process.wait() == 1
    return shown.decode().replace("\r\n", "\n")


def test_the_interpreter_of_others_is_left_as_it_was() -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    main(["--version"])
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


HEAVY = ("dotenv", "requests", "urllib3", "http.client", "numpy", "matplotlib", "rich", "click")


@pytest.mark.parametrize("arguments", [["compile"], ["check"], ["format", "--check"], ["--help"]])
def test_short_commands_load_nothing_heavy(good: Path, arguments: list[str]) -> None:
    files = [] if arguments == ["--help"] else [str(good)]
    process = subprocess.run(
        [sys.executable, "-P", "-X", "importtime", "-m", "dtmfdsl", *arguments, *files],
        capture_output=True,
        text=True,
    )
    loaded = {
        line.rpartition("|")[2].strip()
        for line in process.stderr.splitlines()
        if line.startswith("import time")
    }
    assert "argparse" in loaded
    assert not loaded & {*HEAVY, *(["lark", "attr", "shtab", "typing"] if arguments == ["--help"] else [])}

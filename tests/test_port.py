"""`port` shows what a script becomes in every dialect, and `translate` takes a string from one to another."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from compiling import heard

import dtmfdsl
from dtmfdsl import DIALECTS
from dtmfdsl.cli import main
from dtmfdsl.compiler import to_program
from dtmfdsl.decompiler import read_strings
from dtmfdsl.dialects.file import parse_dialect
from dtmfdsl.loader import read_file

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.dtmf"))


def table(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """The rows of `port --json` by their dialects."""
    assert main(["port", *arguments, "--json"]) == 0
    return {row["dialect"]: row for row in json.loads(capsys.readouterr().out)}


def lines(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str]:
    """The lines of `port` by their dialects, with single blanks."""
    assert main(["port", *arguments]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    return {row[0]: " ".join(row[1:]) for row in rows}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_figures_are_those_of_compiling(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = to_program(read_file(path), pretend=True).program
    rows = table(capsys, str(path))
    assert [*rows] == [*DIALECTS]
    for name, row in rows.items():
        try:
            compiled = dtmfdsl.compile(program, dialect=name, waits="beside")
        except dtmfdsl.DtmfError as error:
            assert row["strings"] is row["characters"] is row["added_ms"] is row["waits_ms"] is None
            assert [each["code"] for each in row["diagnostics"]] == [each.code for each in error.diagnostics]
            continue
        assert (row["strings"], row["characters"]) == (len(compiled.texts), len("".join(compiled.texts)))
        assert row["waits_ms"] == [*(chunk.wait_ms for chunk in compiled.chunks), compiled.last_wait_ms]
        if compiled.texts and not DIALECTS[name].waits:
            assert row["added_ms"] == heard(compiled).pause_ms - program.pause_ms
        assert bool(row["added_ms"]) == any(each["code"] == "rounded-pause" for each in row["diagnostics"])


def test_what_a_dialect_cannot_say_is_named_with_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    script = "press 1A\nwait 1.2s\npress 2 # every 700ms\nwait 40s\npress *\npress 3B"
    found = lines(capsys, "-e", script)
    assert found["DIALECT"] == "STRINGS CHARACTERS LONGER BY WHAT IT CANNOT SAY"
    assert found["plivo"] == "- - - plivo lacks the key `A` (line 1); plivo lacks the key `B` (line 6)"
    assert found["sinch"] == (
        "- - - sinch lacks the key `A` (line 1); sinch lacks the key `*` (line 5); sinch lacks the key `B` (line 6)"
    )
    assert found["twilio-play"] == "1 50 600ms 2 waits rounded up (lines 2, 3)"
    assert found["twilio"] == (
        "2 50 600ms 2 waits rounded up (lines 2, 3); a call takes 1 string, and the rest is not played (line 5)"
    )
    assert found["daily"] == "4 7 3 waits between strings (lines 2, 3, 4)"
    assert found["openai-live"] == "7 7 3 waits between strings (lines 2, 3, 4)"
    assert found["freeclimb"].startswith("- - - freeclimb lacks the key `A` (line 1)")
    assert found["exact"] == "1 25"


def test_a_group_that_is_cut_and_a_wait_for_which_a_phone_has_a_character(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = lines(capsys, "-e", 'press 1234567890123456789; wait up to 5s for "go on"; press 1; wait 1s')
    assert found["azure"] == "3 20 2 waits between strings (line 1); 1 group cut (line 1)"
    assert found["phone"] == "1 22 1s 1 wait rounded up (line 1)"
    assert table(capsys, "-e", 'press 1; wait up to 5s for "go on"; press 2')["phone"]["added_ms"] == 0


def test_lines_of_a_used_file_have_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("menu.dtmf").write_text("// the menu\ndefine open() { press A }\n")
    Path("call.dtmf").write_text('use "menu.dtmf"\nopen()\npress A\n')
    assert lines(capsys, "call.dtmf")["vonage"].endswith("lacks the key `A` (lines menu.dtmf:2; 3)")


def test_missing_values_are_made_up_and_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = "param a: 2..4 digits; secret pin: 4 digits; param b: 1 digit = 5; press $a $pin $b"
    assert main(["port", "-e", script]) == 0
    out, err = capsys.readouterr()
    assert "bandwidth-v1        1           9\n" in out
    assert err == "with made-up values for $a, $pin\n"
    monkeypatch.setenv("DTMF_PIN", "9471")
    assert main(["port", "-e", script, "--set", "a=12", "--json"]) == 0
    out, err = capsys.readouterr()
    assert (json.loads(out)[0]["characters"], err, "9471" in out) == (7, "", False)


def test_a_script_that_is_wrong_has_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["port", "-e", "press 1; wait 3"]) == 1
    out, err = capsys.readouterr()
    assert (out, "missing-unit" in err) == ("", True)
    assert main(["port", "-e", "press 1 every 1s"]) == 0
    assert capsys.readouterr().err.count("useless-every") == 1


PAGE = (Path(__file__).parent.parent / "docs" / "dialects.md").read_text(encoding="utf-8")
SESSIONS = re.findall(r"^\$ dtmfdsl (.+)\n((?:(?!```).+\n)+)```$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("command", "out"), SESSIONS, ids=[command for command, _ in SESSIONS])
def test_the_page_of_dialects_shows_what_comes_out(
    command: str, out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(shlex.split(command)) == 0
    assert capsys.readouterr() == (out, "")


def test_the_file_of_the_page_is_a_dialect() -> None:
    assert len(SESSIONS) == 2
    (text,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    dialect = parse_dialect(text)
    assert dtmfdsl.compile("press 1A; wait 2.5s", dialect=dialect).text == "1a,w"
    named = {
        key for row in re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE) for key in re.findall(r"`(.+?)`", row)
    }
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        parse_dialect("xyzzyx = 1")
    known = str(caught.value.diagnostics[0].help).removeprefix("there are ").split(", ")
    assert named >= {f"[{key}]" if key in ("pauses", "spelt") else key for key in known}


# Showing a dialect


def test_one_dialect_is_shown_with_its_sources(capsys: pytest.CaptureFixture[str]) -> None:
    for name, dialect in DIALECTS.items():
        assert main(["dialects", name]) == 0
        out = capsys.readouterr().out
        assert out.startswith(f"{name}: {dialect.title}\n")
        assert all(source in out for source in dialect.sources)
        assert dialect.unknown in out
        assert main(["dialects", name, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["name"], found["sources"]) == (name, [*dialect.sources])
        assert (found["strings"], found["unknown"]) == (dialect.strings, dialect.unknown)
    assert main(["dialects", "freeclimb"]) == 0
    assert "{n} n times 500ms, at most 6; they replace the gap between keys" in capsys.readouterr().out
    assert main(["dialects", "livekit"]) == 0
    assert "0123456789ABCD*#, A as a, B as b" in capsys.readouterr().out
    assert main(["dialects", "daily"]) == 0
    out = capsys.readouterr().out
    assert all(fact in out for fact in ("none\n", "at most 20 characters", "500ms, can be set to 50ms to 2s"))
    assert main(["dialects", "dailly"]) == 2
    assert "did you mean `daily`?" in capsys.readouterr().err


# Translating


@pytest.mark.parametrize(
    ("arguments", "out"),
    [
        (["--from", "phone", "--to", "twilio", ",,123#"], "WWWW123#\n"),
        (["--to", "vonage", "1WWW,59#"], "1ppppppp59#\n"),
        (["--from", "livekit", "--to", "asterisk", "1wwa"], "1WA\n"),
        (["--from", "asterisk", "--to", "livekit", "1Wa"], "1wwa\n"),
        (["--from", "bandwidth-v1", "--to", "bandwidth-v1", "--half-second", "w", "1,2"], "1w2\n"),
        (["--from", "freeclimb", "--to", "exact", "12{2}34"], "12{1000}34\n"),
        (["--from", "twilio", "--to", "daily", "--waits", "w1W2"], "wait 500ms\n1\nwait 1s\n2\n"),
        (["--from", "twilio", "--to", "twilio-play", "1WW", "W2"], "1WWW2\n"),
        (["--from", "twilio", "1w2"], "1,2\n"),
    ],
)
def test_a_string_is_translated(arguments: list[str], out: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["translate", *arguments]) == 0
    assert capsys.readouterr() == (out, "")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--from", "twilio", "--to", "vonage", "1A"], "no-such-key"),
        (["--from", "twilio", "--to", "daily", "1w2"], "unwritable-pause"),
        (["--from", "vonage", "--to", "phone", "--rounding", "error", "1p2"], "unwritable-pause"),
        (["--from", "vonage", "--to", "twilio", "1w2"], "not-in-dialect"),
        (["--to", "twilio", ",,123#"], "ambiguous-string"),
    ],
)
def test_what_cannot_be_translated_is_refused(
    arguments: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["translate", *arguments]) == 1
    out, err = capsys.readouterr()
    assert (out, f"[{code}]" in err) == ("", True)


def test_what_is_lost_in_translation_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["translate", "--from", "phone", "--to", "twilio", "14155550133,,195632"]) == 0
    out, err = capsys.readouterr()
    assert (out, "the number 14155550133 [number-left-out]" in err) == ("WWWW195632\n", True)
    assert main(["translate", "--from", "phone", "--to", "phone", "+1 415 555 0133,,195632"]) == 0
    assert capsys.readouterr() == ("+14155550133,,195632\n", "")
    assert main(["translate", "--from", "plivo", "--to", "twilio", "1w2@1000"]) == 0
    assert "[tone-length]" in capsys.readouterr().err
    assert main(["translate", "--from", "twilio", "--to", "phone", "1w2"]) == 0
    assert "wait 500ms became 2s in phone [rounded-pause]" in capsys.readouterr().err
    assert main(["translate", "--from", "phone", "--to", "vonage", "1;2"]) == 0
    out, err = capsys.readouterr()
    assert (out, err.count("[cue-left-out]")) == (f"1{'p' * 120}2\n", 1)
    assert 'cannot wait for "go on": it pauses for 1m' in err
    assert main(["translate", "--from", "rfc3601", "--to", "rfc3601", "1w2"]) == 0
    assert capsys.readouterr() == ("1w2\n", "")


def test_an_unknown_dialect_is_a_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--from", "twillio", "1"], ["--to", "twillio", "1"]):
        assert main(["translate", *arguments]) == 2
        assert "did you mean `twilio`?" in capsys.readouterr().err


def test_a_dialect_of_ones_own_is_translated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pbx.toml").write_text('[pauses]\np = "2s"\n')
    assert main(["translate", "--from", "pbx.toml", "--to", "twilio", "1p2"]) == 0
    assert capsys.readouterr().out == "1WW2\n"
    assert main(["translate", "--from", "twilio", "--to", "./pbx.toml", "1WWWW2"]) == 0
    assert capsys.readouterr().out == "1pp2\n"


@pytest.mark.parametrize("dialect", [name for name, each in DIALECTS.items() if not each.waits])
def test_there_and_back_a_string_means_the_same(dialect: str, capsys: pytest.CaptureFixture[str]) -> None:
    """By way of `exact`, which can say everything."""
    string = (
        "1"
        if DIALECTS[dialect].limit == 1
        else dtmfdsl.compile(
            "press 12#" if DIALECTS[dialect].longest_ms == 0 else "press 12; wait 2s; press #; wait 2.5s",
            dialect=dialect,
        ).text
    )
    assert main(["translate", "--from", dialect, "--to", "exact", string]) == 0
    exact = capsys.readouterr().out.strip()
    assert read_strings(exact, "exact") == read_strings(string, dialect)
    assert main(["translate", "--from", "exact", "--to", dialect, exact]) == 0
    assert capsys.readouterr().out == f"{string}\n"

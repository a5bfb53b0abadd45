"""A dialect of one's own, from a TOML file."""

from __future__ import annotations

from pathlib import Path

import pytest

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.cli import main
from dtmfdsl.dialects.codec import Counted
from dtmfdsl.dialects.file import parse_dialect

PBX = """
title = "The switchboard"
keys = "0123456789*#AB"
limit = 40
strings = 2
tone = "100ms"
gap = ["50ms", "80ms"]
lead = "20ms"
pause-rule = "adds"
eye = " -"
tone-mark = "@"

[pauses]
"," = "2s"
w = "500ms"

[spelt]
A = "a"
"*" = "Ee"
"""


@pytest.fixture
def pbx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("pbx.toml").write_text(PBX)
    return "./pbx.toml"


def test_every_key_of_a_file_is_read(pbx: str) -> None:
    dialect = dtmfdsl.read_dialect(pbx)
    assert (dialect.name, dialect.title, dialect.keys) == ("pbx", "The switchboard", "0123456789*#AB")
    assert (dialect.limit, dialect.strings, dialect.lead_ms) == (40, 2, 20)
    assert (dialect.tone_ms, dialect.gap_ms, dialect.pause_adds) == ((100, 100), (50, 80), True)
    assert (dialect.pauses, dialect.counted) == (((",", 2000), ("w", 500)), None)
    assert (dialect.spelt, dialect.eye, dialect.tone_mark) == ((("A", "a"), ("*", "Ee")), " -", "@")
    assert dtmfdsl.compile("press 1A*; wait 4.5s; press 2", dialect=dialect).text == "1aE,,w2"
    assert dtmfdsl.decompile("1-aE e,,w2@90", dialect) == "press 1A**\nwait 4.5s\npress 2\n"


def test_all_may_be_left_out_and_a_pause_may_have_a_number() -> None:
    dialect = parse_dialect("")
    assert (dialect.name, dialect.keys, dialect.longest_ms, dialect.limit) == (
        "script",
        "0123456789*#",
        0,
        None,
    )
    dialect = parse_dialect('name = "our-line"\npause-rule = "replaces"\n[pauses]\n"@n;" = "1ms"\n')
    assert (dialect.name, dialect.counted, dialect.pause_adds) == ("our-line", Counted("@", ";", 1), False)
    assert dtmfdsl.compile("press 1; wait 1.5s; press 2", dialect=dialect).text == "1@1500;2"


@pytest.mark.parametrize(
    ("text", "place", "message", "help"),
    [
        ('limt = 4\nlimit = 5', "limt = 4", "`limt` is nothing that a dialect has", "did you mean `limit`?"),
        ('a = = 3', "=", "this is not TOML: invalid value", 'write keys as key = "value"'),
        ('limit = 1\n"', '"', None, 'write keys as key = "value"'),
        ('name = "twilio"', 'name = "twilio"', "`twilio` is a dialect that there is already", 'choose another, such as name = "mine"'),
        ('name = "Our PBX"', 'name = "Our PBX"', "`name`: this is not a dialect's name", None),
        ('keys = "01x"', 'keys = "01x"', "`keys`: these are not keys", None),
        ('keys = "011"', 'keys = "011"', "`keys`: these are not keys", None),
        ('keys = 12', 'keys = 12', "`keys`: this is not text", None),
        ('limit = true', 'limit = true', "`limit`: this is not a count", None),
        ('strings = 0', 'strings = 0', "`strings`: this is not a count", None),
        ('tone = "100"', 'tone = "100"', "`tone`: `100` has no unit", "write `100ms` or `100s`"),
        ('gap = ["2s", "1s"]', 'gap = ["2s", "1s"]', "`gap`: the first time is the longer one", None),
        ('pause-rule = "both"', 'pause-rule = "both"', "`pause-rule`: there is no such rule", None),
        ('tone-mark = "@@"', 'tone-mark = "@@"', "`tone-mark`: this is not one character", None),
        ('pauses = 3', 'pauses = 3', "`pauses`: this is not a table", None),
        ('[pauses]\n"," = 2', '"," = 2', "`,`: this is not a duration", 'write it in double quotes, such as "80ms"'),
        ('gap = ["1s"]', 'gap = ["1s"]', "`gap`: these are not two times", None),
        ('gap = ["1s", 2]', 'gap = ["1s", 2]', "`gap`: this is not a duration", None),
        ('[pauses]\n"," = "0s"', '"," = "0s"', "`,`: a pause takes time", None),
        ('[pauses]\nw = "500ms"\nv = "700ms"', 'v = "700ms"', "`v` is no multiple of the shortest pause", None),
        ('[pauses]\n"{n" = "1s"', '"{n" = "1s"', "`{n`: this is no pause", None),
        ('[pauses]\nw = "1s"\n"{n}" = "1s"', '"{n}" = "1s"', "`{n}` cannot stand beside another pause", None),
        ('[pauses]\n5 = "1s"', '5 = "1s"', "`5` has two meanings", "give each character one meaning; the digits are keys"),
        ('[pauses]\nw = "1s"\n[spelt]\n1 = "w"', 'w = "1s"', "`w` has two meanings", None),
        ('[pauses]\n"{n}" = "1s"\n[spelt]\n1 = "{"', '"{n}" = "1s"', "`{` has two meanings", None),
        ('[spelt]\n1 = "2"', '1 = "2"', "`2` has two meanings", None),
        ('[spelt]\n1 = "one"', '1 = "one"', "`1` is a single character in a string", None),
        ('[pauses]\n" " = "1s"', '" " = "1s"', "this character cannot be told from others", None),
        ('[pauses]\n"•" = "1s"', '"•" = "1s"', "this character cannot be told from others", None),
        ('[pauses]\n"\\n" = "1s"', '[pauses]', "this character cannot be told from others", None),
        ('tone-mark = "\\u0000"', 'tone-mark = "\\u0000"', "this character cannot be told from others", None),
        ('eye = "#"', 'eye = "#"', "`#` has two meanings", None),
        ('limit = 8\n[pauses]\n"{n}" = "1ms"', "limit = 8", "a string of this length cannot hold a long pause", "leave it out, or make it at least 11"),
        ('[spelt]\nA = "a"', 'A = "a"', "`A` is none of the keys", "the keys are 0123456789*#"),
        ('[spelt]\n1 = ""', '1 = ""', "`1` needs its characters", None),
        ('w = 1\n[pauses]\nw = 1', 'w = 1', "`w` is nothing that a dialect has", None),
    ],
)  # fmt: skip
def test_a_mistake_is_shown_at_its_line(text: str, place: str, message: str | None, help: str | None) -> None:
    with pytest.raises(DtmfError) as caught:
        parse_dialect(dtmfdsl.Source("pbx.toml", text))
    found = caught.value.diagnostics[0]
    assert (found.code, found.span and found.span.text) == ("bad-dialect", place)
    assert message in (None, found.message)
    assert help in (None, found.help)
    assert found.help


def test_all_mistakes_of_a_file_are_shown_in_their_order() -> None:
    with pytest.raises(DtmfError) as caught:
        parse_dialect('limit = 0\n[pauses]\nw = 1\n[spelt]\nQ = "q"\n')
    assert [str(found.span) for found in caught.value.diagnostics] == [
        "<script>:1:1", "<script>:3:1", "<script>:5:1",
    ]  # fmt: skip


def test_a_file_nested_too_deep_is_no_dialect() -> None:
    with pytest.raises(DtmfError, match="bad-dialect"):
        parse_dialect("a = " + "[" * 5000 + "]" * 5000)


def test_a_file_stands_wherever_a_name_does(pbx: str, capsys: pytest.CaptureFixture[str]) -> None:
    def lines(*arguments: str) -> list[str]:
        assert main([*arguments]) == 0
        return capsys.readouterr().out.splitlines()

    assert lines("compile", "-e", "press 1; wait 2s", "--dialect", pbx) == ["1,"]
    assert lines("decompile", "1,2", "--dialect", pbx) == ["press 1", "wait 2s", "press 2"]
    assert main(["check", "-e", "press 1D", "--dialect", pbx]) == 1
    assert "pbx lacks the key `D`" in capsys.readouterr().err
    Path("scripts").mkdir()
    Path("scripts/a.dtmf").write_text("press 1; wait 500ms")
    Path("dtmfdsl.toml").write_text('dialect = "pbx.toml"\nhalf-second = "w"\n')
    assert lines("compile", "scripts/a.dtmf") == ["1w"]
    assert lines("dialects", "--settings", "scripts/a.dtmf")[0].split()[:2] == ["dialect", "pbx"]


@pytest.mark.parametrize(
    "command", [["compile", "-e", "press 1"], ["decompile", "1"], ["check", "-e", "press 1"]]
)
def test_a_wrong_file_ends_a_command_with_its_mistakes(
    command: list[str], pbx: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("pbx.toml").write_text("limit = 0")
    assert main([*command, "--dialect", pbx]) == 1
    assert capsys.readouterr().err.startswith("./pbx.toml:1:1: error: `limit`: this is not a count")
    assert main([*command, "--dialect", "nowhere.toml"]) == 1
    assert "there is no file nowhere.toml" in capsys.readouterr().err


def test_a_script_cannot_name_a_file() -> None:
    """What a script means must not depend on a file beside the command line."""
    with pytest.raises(DtmfError):
        dtmfdsl.compile('raw "1" as pbx')

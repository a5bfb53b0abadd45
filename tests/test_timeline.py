"""The command `timeline`, and the times that `compile` shows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dtmfdsl.cli import main

CANARY = "73914862"
SCRIPT = """secret pin: 8 digits
press 1 for "English"
wait 1.5s
wait up to 2s for "your PIN"
press $pin # for "PIN"
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DTMF_PIN", CANARY)
    Path("a.dtmf").write_text(SCRIPT)
    return "a.dtmf"


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["timeline", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_the_table_has_a_row_for_all_that_happens(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, script, "--dialect", "bandwidth")
    assert text.splitlines()[:6] == [
        "TIME   WHAT       WAITS    LABEL       LINE  STATEMENT",
        "0s     string                                1WWW,••••••••#",
        '0s     1                   English     2     press 1 for "English"',
        "200ms  wait 1.5s  carrier              3     wait 1.5s",
        '1.7s   wait 2s ⚑  carrier  “your PIN”  4     wait up to 2s for "your PIN"',
        '3.7s   •                   PIN         5     press $pin # for "PIN"',
    ]
    assert text.splitlines()[-2:] == [
        '8.5s   #                   PIN         5     press $pin # for "PIN"',
        "bandwidth: 1 string, over after 9.1s",
    ]
    assert len(text.splitlines()) == 1 + 1 + 1 + 2 + 9 + 1


def test_a_line_of_a_used_file_has_the_name_of_the_file(
    script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("b.dtmf").write_text("define menu() {\n    press 3\n}\n")
    text = shown(capsys, "-e", 'use "b.dtmf"; press 1; menu()', "--dialect", "asterisk")
    assert [" ".join(line.split()) for line in text.splitlines()[2:4]] == [
        '100ms 1 1 use "b.dtmf"; press 1; menu()', "300ms 3 b.dtmf:2 press 3",
    ]  # fmt: skip


def test_what_is_not_known_stands_as_two_times(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "-e", "press 1; wait 1s; press 2", "--dialect", "telnyx")
    assert text.splitlines()[3:] == [
        "250ms to 650ms  wait 1s  carrier  1     press 1; wait 1s; press 2",
        "1.25s to 1.65s  2                 1     press 1; wait 1s; press 2",
        "telnyx: 1 string, over after 1.543s to 2.3s",
    ]


def test_dialects_stand_side_by_side_statement_by_statement(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "-e", "wait 1s\npress 1\nwait 2s\npress 2", "--dialect", "asterisk, azure")
    assert [line.split("  ")[0] for line in text.splitlines()[:-2]] == [
        "ASTERISK", "0s", "100ms", "", "1.1s", "1.3s", "", "3.3s",
    ]  # fmt: skip
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert rows[2] == "100ms 0s (sender) wait 1s 1 wait 1s"
    assert rows[3] == "1s string 1"
    assert rows[6] == "2.6s to 4.6s string 2"
    assert rows[7] == "3.3s 2.6s to 5.6s 2 4 press 2"
    assert rows[8:] == ["asterisk: 1 string, over after 3.5s", "azure: 2 strings, over after 2.693s to 6.2s"]


def test_a_repeated_pause_stands_beside_no_string(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "-e", "repeat 3 { wait 1s; press 1 }", "--dialect", "azure,asterisk")
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert sum("string 1" in row for row in rows) == 3
    assert sum("wait 1s 1 repeat" in row for row in rows) == 3


def test_of_one_dialect_who_waits_has_a_column(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "-e", "press 1; wait 1s; press 2", "--dialect", "azure")
    (row,) = [line for line in text.splitlines() if "wait 1s  " in line]
    assert row.split("  ")[0] == "0s to 600ms"
    assert "  sender  " in row


def test_a_pause_on_both_sides_of_a_cut_has_two_rows(capsys: pytest.CaptureFixture[str]) -> None:
    Path("cut.toml").write_text('limit = 3\n[pauses]\nw = "1s"\n')
    try:
        text = shown(capsys, "-e", "press 1\nwait 4s\npress 2", "--dialect", "cut.toml")
    finally:
        Path("cut.toml").unlink()
    assert [line.split("  ")[-1].strip() for line in text.splitlines()] == [
        "STATEMENT", "1ww", "press 1", "wait 4s", "ww2", "wait 4s", "press 2", text.splitlines()[-1],
    ]  # fmt: skip


def test_the_json_has_the_keys_pauses_strings_and_the_end(
    script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(shown(capsys, script, "--dialect", "bandwidth", "--json"))
    assert list(found) == ["keys", "pauses", "chunks", "ends_ms"]
    assert found["keys"][0] == {
        "shown": "1", "start_ms": [0, 0], "end_ms": [200, 200], "line": 2, "label": "English", "chunk": 0,
    }  # fmt: skip
    assert found["keys"][1]["shown"] == "•"
    assert found["pauses"][1] == {
        "length_ms": [2000, 2000], "start_ms": [1700, 1700], "end_ms": [3700, 3700], "line": 4,
        "cue": "your PIN", "waits": "carrier", "chunk": 0,
    }  # fmt: skip
    assert found["chunks"] == [{"shown": "1WWW,••••••••#", "send_ms": [0, 0], "plays_ms": [9100, 9100]}]
    assert found["ends_ms"] == [9100, 9100]
    both = json.loads(shown(capsys, script, "--dialect", "bandwidth,asterisk", "--json"))
    assert list(both) == ["bandwidth", "asterisk"]
    assert both["bandwidth"] == found


def test_lengths_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(shown(capsys, "-e", "press 12", "--tone", "60ms", "--gap", "50ms", "--json"))
    assert found["keys"][1]["start_ms"] == [110, 110]


def test_no_secret_is_in_any_form_of_it(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [script, "--dialect", "bandwidth-v1,azure"]
    outputs = [shown(capsys, *arguments), shown(capsys, *arguments, "--json")]
    assert shown(capsys, *arguments, "--svg", "a.svg", "--png", "a.png") == ""
    outputs.append(Path("a.svg").read_text())
    assert Path("a.png").read_bytes().startswith(b"\x89PNG")
    for output in outputs:
        assert "•" in output
        assert not any(CANARY[at : at + 4] in output for at in range(5))


def test_a_missing_value_gets_a_stand_in(
    script: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DTMF_PIN")
    assert main(["timeline", script]) == 0
    out, err = capsys.readouterr()
    assert out.count("•") == 16  # in the row of the string, and in those of its keys
    assert err == "with made-up values for $pin\n"


def test_dark_and_light_are_not_the_same_picture(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown(capsys, script, "--svg", "light.svg")
    shown(capsys, script, "--svg", "dark.svg", "--dark")
    light, dark = Path("light.svg").read_text(), Path("dark.svg").read_text()
    assert light != dark
    assert light.count("<path") == dark.count("<path")


def test_without_matplotlib_a_picture_says_what_it_needs(script: str) -> None:
    without = "import sys; sys.modules['matplotlib'] = None; from dtmfdsl.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", without, "timeline", script]
    done = subprocess.run([*command, "--svg", "a.svg"], capture_output=True, text=True)
    message = "dtmfdsl: a picture needs matplotlib, which is not installed: pip install 'dtmfdsl[plot]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)
    assert not Path("a.svg").exists()
    assert subprocess.run(command, capture_output=True).returncode == 0


def test_what_is_wrong_is_shown_and_nothing_is_drawn(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["timeline", "-e", "press a", "--svg", "a.svg"]) == 1
    assert "unknown-key" in capsys.readouterr().err
    assert main(["timeline", "-e", "press D", "--dialect", "asterisk,vonage", "--svg", "a.svg"]) == 1
    assert "vonage lacks the key `D`" in capsys.readouterr().err
    assert main(["timeline", script, "--dialect", "asterisk,nowhere"]) == 2
    assert "there is no such dialect" in capsys.readouterr().err
    assert main(["timeline", "-e", "repeat 300 { press 1; wait 1s }", "--svg", "a.svg"]) == 1
    assert "picture-too-long" in capsys.readouterr().err
    assert not Path("a.svg").exists()
    assert main(["timeline", script, "--svg", "no/folder.svg"]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_no_picture_replaces_what_is_read(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("b.dtmf").write_text("define menu() { press 3 }\n")
    Path("c.dtmf").write_text('use "b.dtmf"\nmenu()\n')
    for read, picture in ((script, script), ("c.dtmf", "./b.dtmf")):
        before = Path(picture).read_bytes()
        assert main(["timeline", read, "--png", picture]) == 2
        assert f"{picture} is read for this script" in capsys.readouterr().err
        assert Path(picture).read_bytes() == before


def test_a_picture_can_go_into_a_pipe(script: str) -> None:
    command = [sys.executable, "-m", "dtmfdsl", "timeline", script, "--svg", "-"]
    made = subprocess.run(command, capture_output=True, check=True).stdout
    assert made.startswith(b"<?xml")
    assert not Path("-").exists()


def test_an_option_of_a_picture_needs_a_picture(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["timeline", "-e", "press 1", "--dark"]) == 2
    assert "--dark goes with --svg or --png" in capsys.readouterr().err
    assert main(["timeline", "-e", "press 1", "--svg", ""]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_warnings_of_a_dialect_are_shown_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["timeline", "-e", "press 1; wait 1.2s; press 2", "--dialect", "asterisk,vonage"]) == 0
    err = capsys.readouterr().err
    assert (err.count("rounded-pause"), "asterisk" in err, "vonage" in err) == (2, True, True)


def test_by_a_carrier_it_is_what_would_be_sent(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, script, "--carrier", "infobip")
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert rows[1:6] == [
        "0s string 1",
        '0s 1 English 2 press 1 for "English"',
        "0s to 600ms wait 1.5s sender 3 wait 1.5s",
        '1.5s to 2.1s wait 2s ⚑ sender “your PIN” 4 wait up to 2s for "your PIN"',
        "3.1s to 4.1s string ••••••••#",  # 4.1 s after the first request, which was up to a second sooner
    ]
    assert rows[-1].startswith("infobip: 2 strings, over after ")
    assert CANARY[:4] not in text


def test_two_requests_are_as_far_apart_as_the_carrier_asks(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["-e", 'press 1; wait up to 2s for "go on"; press 2', "--attended", "--json", "--carrier"]
    for carrier, least_ms in (("infobip", 600), ("bandwidth-v1", 1000)):
        found = json.loads(shown(capsys, *arguments, carrier))
        assert found["chunks"][1]["send_ms"][0] == least_ms


def test_who_attends_a_carrier_may_go_on_at_each_cue(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(shown(capsys, script, "--carrier", "infobip,twilio", "--attended", "--json"))
    assert list(found) == ["infobip", "twilio"]  # which plays strings of `twilio-play`
    for line in found.values():
        (cue,) = [pause for pause in line["pauses"] if pause["cue"]]
        assert (cue["waits"], cue["length_ms"], cue["chunk"]) == ("listener", [0, 2000], None)
    assert [pause["waits"] for pause in found["twilio"]["pauses"]] == ["carrier", "listener"]


def test_by_sip_each_key_has_its_time(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(shown(capsys, "-e", "press 12; wait 1s; press 3", "--carrier", "sip", "--json"))
    assert [key["start_ms"] for key in found["keys"]] == [[0, 0], [260, 260], [1520, 1520]]
    assert [pause["waits"] for pause in found["pauses"]] == ["sender"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--carrier", "vonag"], "there is no such carrier: did you mean `vonage`?"),
        (["--carrier", ""], "there is no such carrier: there are bandwidth-v1, "),
        (["--carrier", "sip", "--attended"], "--attended does not go with sip: nobody hears the call"),
        (["--attended"], "--attended goes with --carrier"),
        (["--carrier", "vonage", "--dialect", "vonage"], "--dialect: not allowed with argument --carrier"),
    ],
)
def test_a_carrier_that_cannot_be_is_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["timeline", "-e", "press 1", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_without_the_packages_for_sending_a_carrier_says_what_it_needs() -> None:
    without = "import sys; sys.modules['requests'] = None; from dtmfdsl.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", without, "timeline", "-e", "press 1"]
    done = subprocess.run([*command, "--carrier", "vonage"], capture_output=True, text=True)
    message = "dtmfdsl: a carrier needs requests, which is not installed: pip install 'dtmfdsl[send]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)
    assert subprocess.run(command, capture_output=True).returncode == 0


def test_compile_shows_the_times_beside_the_strings(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["compile", "-e", "press 12; wait 5s; press 3", "--times"]
    assert main([*arguments, "--dialect", "azure", "--waits"]) == 0
    assert capsys.readouterr().out == (
        "12  plays 186ms to 1.2s, next after 6.2s\nwait 5s\n3   plays 93ms to 600ms, over after 600ms\n"
    )
    assert main([*arguments, "--dialect", "asterisk"]) == 0
    assert capsys.readouterr().out == "12WWWWW3  plays 5.7s, over after 5.7s\n"

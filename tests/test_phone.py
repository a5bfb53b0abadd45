"""The dialect `phone`: numbers with what a phone plays after them, from contacts, calendars and links."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.decompiler import read_back
from dtmfdsl.dialects import DIALECTS
from dtmfdsl.dialects.numbers import read_dialled
from dtmfdsl.notation import read_number
from dtmfdsl.program import Pause, Program, Tones

PHONE = DIALECTS["phone"]
GO_ON = 'wait up to 1m for "go on"'


@pytest.mark.parametrize(
    ("string", "script", "written"),
    [
        ("14155550133,,195632", "call 14155550133; wait 4s; press 195632", None),
        ("+18885550100;777777777#", f"call +18885550100; {GO_ON}; press 777777777#", None),
        ("tel:+18885550100;777777777#", f"call +18885550100; {GO_ON}; press 777777777#", "+18885550100;777777777#"),
        ("+1-800-555-1234,10226420346#", "call +18005551234; wait 2s; press 10226420346#", "+18005551234,10226420346#"),
        ("+15551234567;ext=5678", "call +15551234567; wait 2s; press 5678", "+15551234567,5678"),
        ("+1 555 123 4567 x5678", "call +15551234567; wait 2s; press 5678", "+15551234567,5678"),
        ("(555) 123-4567x33", "call 5551234567; wait 2s; press 33", "5551234567,33"),
        ("+1 555 123 4567, Ext. 33", "call +15551234567; wait 2s; press 33", "+15551234567,33"),
        ("555.123.4567 extension 33#", "call 5551234567; wait 2s; press 33#", "5551234567,33#"),
        ("tel:+15551234567;postd=pp22w3", f"call +15551234567; wait 4s; press 22; {GO_ON}; press 3", "+15551234567,,22;3"),
        ("tel:1-800-555-0199%2C%2C1%23%3b2", f"call 18005550199; wait 4s; press 1#; {GO_ON}; press 2", "18005550199,,1#;2"),
        (
            "+16695550199,,12345678901#,,,,,,0#,,555123# US (San Jose)",
            "call +16695550199; wait 4s; press 12345678901#; wait 12s; press 0#; wait 4s; press 555123#",
            "+16695550199,,12345678901#,,,,,,0#,,555123#",
        ),
        ("+1 669 555 0199 US (San Jose)", "call +16695550199", "+16695550199"),
        ("+44 20 7946 0000,,5# United Kingdom (London)", "call +442079460000; wait 4s; press 5#", "+442079460000,,5#"),
        ("(555) 555-5555;123456#", f"call 5555555555; {GO_ON}; press 123456#", "5555555555;123456#"),
        ("+3612345678p104", "call +3612345678; wait 2s; press 104", "+3612345678,104"),
        ("+3612345678w104", f"call +3612345678; {GO_ON}; press 104", "+3612345678;104"),
        ("911,,1", "call 911; wait 4s; press 1", None),
        ("tel:911", "call 911", None),
        ("tel:12,5", "call 12; wait 2s; press 5", None),
        ("+1 555 123 4567,1-2 3.4", "call +15551234567; wait 2s; press 1234", "+15551234567,1234"),
        ("5551234567,1,2,3", "call 5551234567; wait 2s; press 123 every 2s", None),
        ("5551234567,;,1", f"call 5551234567; wait 2s; {GO_ON}; wait 2s; press 1", None),
        ("1956321", "call 1956321", None),
        ("123,4", "call 123; wait 2s; press 4", None),
        # Without a number.
        ("195632", "press 195632", None),
        ("12,3", "press 12; wait 2s; press 3", None),
        ("1#", "press 1#", None),
        (",,123#", "wait 4s; press 123#", None),
        ("**21**17005554141#", "press **21**17005554141#", None),
        ("5077081111222233", "press 5077081111222233", None),
        (";123-456", f"{GO_ON}; press 123456", ";123456"),
    ],
)  # fmt: skip
def test_a_number_with_keys_is_read_and_written(string: str, script: str, written: str | None) -> None:
    assert dtmfdsl.decompile(string, "phone") == script.replace("; ", "\n") + "\n"
    compiled = dtmfdsl.compile(script, dialect="phone", rounding="error")
    assert (compiled.texts, compiled.warnings) == ((written or string,), ())


@pytest.mark.parametrize(
    ("string", "wrong"),
    [
        ("+7XXXXXXXXXX,N", ["XXXXXXXXXX", "N"]),
        ("1–555–555–555,,123456#", ["–", "–", "–"]),
        ("555-555-5555|wwww700", ["|wwww"]),
        ("1WWW,59#", ["WWW"]),
        ("1p2", ["p"]),
        ("5551234567;phone-context=1", ["hone-context="]),
        ("+1555,1A", ["A"]),
        ("(San Jose)", ["San Jose"]),
    ],
)
def test_what_means_nothing_to_a_phone_is_refused_at_its_place(string: str, wrong: list[str]) -> None:
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.decompile(string, "phone")
    spans = [found.span.text for found in caught.value.diagnostics if found.span]
    assert spans == wrong


calls = st.builds(
    Program,
    strategies.programs(PHONE.keys, 2000).map(lambda program: program.events),
    st.from_regex(r"\+?[0-9]{1,20}", fullmatch=True),
)


@given(calls)
def test_a_call_is_read_back_from_its_string(program: Program) -> None:
    compiled = dtmfdsl.compile(program, dialect="phone")
    again = PHONE.decode(compiled.text)
    pressed_at_once = isinstance((*program.steps(), 0)[0], str)
    steps = ((2000,) if pressed_at_once else ()) + program.steps()
    assert (again.number, again.steps()) == (program.number, steps)
    assert [found.code for found in compiled.warnings] == ["rounded-pause"] * pressed_at_once
    script = dtmfdsl.decompile(compiled.text, "phone")
    assert dtmfdsl.lower(dtmfdsl.parse(script)) == again
    assert dtmfdsl.compile(script, dialect="phone").text == compiled.text


@given(st.text("0123456789*#,;+()-. xpw\xa0%23CtelExSanJoé", max_size=30))
def test_every_string_is_read_or_refused(string: str) -> None:
    try:
        program = PHONE.decode(string)
    except DtmfError:
        return
    compiled = dtmfdsl.compile(program, dialect="phone")
    again = PHONE.decode(compiled.text)
    first = program.steps()[:1]
    if program.number is not None and isinstance((*first, 0)[0], str):
        assert again.steps() == (2000, *program.steps())
    else:
        assert again == program


@given(
    st.from_regex(r"\+?[0-9]{7,15}", fullmatch=True),
    st.text("0123456789*#,;", max_size=9).map(lambda t: "," + t),
)
def test_a_layout_of_the_number_changes_nothing(number: str, rest: str) -> None:
    spaced = " ".join(number).replace("+ ", "+")
    for written in (number, f"tel:{number}", f"{spaced} ", f"{number[:5]}({number[5:]})"):
        read = read_dialled(written + rest)
        assert (read.number, read.rest) == (read_number(number), rest)


@given(st.lists(st.sampled_from(["go on", "go on now", "beep", None]), min_size=1, max_size=5))
def test_only_the_cue_go_on_waits_for_the_person(cues: list[str | None]) -> None:
    events = [event for cue in cues for event in (Pause(4000, cue), Tones("1"))]
    text = dtmfdsl.compile(Program(tuple(events), "5551234"), dialect="phone").text
    assert text == "5551234" + "".join(";1" if cue == "go on" else ",,1" for cue in cues)


def test_keys_right_after_the_number_get_a_pause() -> None:
    (warning,) = dtmfdsl.compile("call 5551234; press 1", dialect="phone").warnings
    assert warning.message == "keys wait 2s after the number in phone"
    with pytest.raises(DtmfError, match="unwritable-pause"):
        dtmfdsl.compile("call 5551234; press 1", dialect="phone", rounding="error")


def test_keys_that_a_phone_would_call_are_refused() -> None:
    for script in ("press 919 333 4444", "press 123; wait 2s; press 4"):
        with pytest.raises(DtmfError) as caught:
            dtmfdsl.compile(script, dialect="phone")
        assert [found.code for found in caught.value.diagnostics] == ["keys-as-number"]
    assert dtmfdsl.compile("press 123", dialect="phone").text == "123"


def test_a_string_of_a_phone_stands_in_a_script() -> None:
    script = 'raw "14155550133,,195632" as phone; press 1'
    compiled = dtmfdsl.compile(script)
    assert (compiled.text, compiled.program.number) == ("WWWW1956321", "14155550133")
    with pytest.raises(DtmfError, match="second-call"):
        dtmfdsl.compile(f"call 5551234; {script}")
    with pytest.raises(DtmfError, match="call-not-first"):
        dtmfdsl.compile(f"press 1; {script}")


def test_a_secret_after_the_number_is_hidden() -> None:
    script = "secret pin: 4 digits; call 5551234; wait 2s; press $pin #"
    (chunk,) = dtmfdsl.compile(script, values={"pin": "9871"}, dialect="phone").chunks
    assert (chunk.text, chunk.shown) == ("5551234,9871#", "5551234,••••#")


# Without a dialect, and templates


@pytest.mark.parametrize(
    ("string", "carrier", "phone"),
    [
        (",,123#", "wait 1s; press 123#", "wait 4s; press 123#"),
        ("5555550,4", "press 5555550; wait 500ms; press 4", "call 5555550; wait 2s; press 4"),
        ("14155550133,,195632", "press 14155550133; wait 1s; press 195632", "call 14155550133; wait 4s; press 195632"),
        ("1#,2", "… wait 500ms; press 2", "… wait 2s; press 2"),
        ("#," * 9, "… wait 500ms; press #; wait 500ms; press #; wait 500ms; press #; …", None),
    ],
)  # fmt: skip
def test_readings_that_differ_are_listed(string: str, carrier: str, phone: str | None) -> None:
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.decompile(string)
    (found,) = caught.value.diagnostics
    assert (found.code, found.span and found.span.text) == ("ambiguous-string", string)
    if phone is not None:
        assert [note.message for note in found.notes] == [
            f"with `--dialect bandwidth-v1` (or bandwidth or routee or chime): {carrier}",
            f"with `--dialect phone`, about: {phone}",
        ]
    assert found.help == "choose one: `--dialect bandwidth-v1` or `--dialect phone`"


def test_a_number_alone_may_be_keys() -> None:
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.decompile("9193334444")
    assert [note.message for note in caught.value.diagnostics[0].notes] == [
        "with `--dialect bandwidth-v1` (or bandwidth or routee or twilio or 16 more): press 9193334444",
        "with `--dialect phone`, about: call 9193334444",
    ]
    assert dtmfdsl.decompile("+1 919 333 4444") == "call +19193334444\n"


def test_a_value_before_a_pause_is_the_number() -> None:
    script = "param pin: keys\nparam to: number\ncall $to\nwait 4s\npress $pin #\n"
    assert dtmfdsl.to_text(read_back("{to},,{pin}#", "phone").script) == script
    assert (
        dtmfdsl.decompile("+15551234567,{pin}#")
        == "param pin: keys\ncall +15551234567\nwait 2s\npress $pin #\n"
    )
    assert dtmfdsl.decompile("{pin}5551234567", "phone") == "param pin: keys\npress $pin 5551234567\n"


# The corpus

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "strings.jsonl").read_text("utf-8").splitlines()
]
OURS = ("phone dialer", "tel: link", "conference dial-in", "android post-dial", "android network code")


@pytest.mark.parametrize("string", [row["string"] for row in ROWS if row["dialect"] in OURS])
def test_of_real_strings_the_number_is_called(string: str) -> None:
    if any(character in string for character in "NX–"):  # places for digits, and dashes of a word processor
        with pytest.raises(DtmfError, match="not-in-dialect"):
            dtmfdsl.decompile(string, "phone")
        return
    program = dtmfdsl.lower(dtmfdsl.parse(dtmfdsl.decompile(string, "phone")))
    assert (program.number is None) == string.startswith("**")
    if program.number is not None:
        assert (
            string.removeprefix("tel:")
            .replace("-", "")
            .replace(" ", "")
            .replace("(", "")
            .replace(")", "")
            .startswith(program.number)
        )
    assert PHONE.decode(dtmfdsl.compile(program, dialect="phone").text) == program

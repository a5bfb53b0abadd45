"""Dialects that cannot write every silence: no pauses, pauses with an end, one key or one string a call."""

from __future__ import annotations

import json

import attrs
import pytest
import strategies
from compiling import heard
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl import DIALECTS, Dialect, DtmfError
from dtmfdsl.cli import main
from dtmfdsl.decompiler import read_strings
from dtmfdsl.program import Pause, Program, Tones
from dtmfdsl.sending.carriers import BANDWIDTH_V1
from dtmfdsl.sending.many import plan_calls
from dtmfdsl.sending.plan import make_plan

SCRIPT = "wait 2s; press 1; wait 3.5s; press 59# every 1s; wait 4s"
WITHOUT = [name for name, dialect in DIALECTS.items() if dialect.longest_ms == 0]


def beside(script: str, dialect: str, **options: str) -> list[str | int]:
    """The strings of a script, and in milliseconds the waits between them."""
    compiled = dtmfdsl.compile(script, dialect=dialect, waits="beside", values=options)
    parts: list[str | int] = [part for chunk in compiled.chunks for part in (chunk.wait_ms, chunk.text)]
    return [part for part in [*parts, compiled.last_wait_ms] if part]


def test_there_are_dialects_without_pauses() -> None:
    assert {"infobip", "azure", "daily", "jambonz", "openai-live", "sip"} == {*WITHOUT}


@pytest.mark.parametrize("dialect", WITHOUT)
def test_strings_alone_are_refused_at_each_wait(dialect: str) -> None:
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile(SCRIPT, dialect=dialect)
    found = caught.value.diagnostics
    assert [each.code for each in found] == ["unwritable-pause"] * 4
    assert [each.span and each.span.text for each in found] == [
        "wait 2s", "wait 3.5s", "press 59# every 1s", "wait 4s",
    ]  # fmt: skip
    assert found[0].message == f"{dialect} has no pauses: its strings cannot hold `wait 2s`"


def test_every_wait_stands_beside_the_strings() -> None:
    assert beside(SCRIPT, "daily") == [2000, "1", 3500, "5", 1000, "9", 1000, "#", 4000]
    assert beside("pace 300ms; press 1; press 2", "daily") == ["1", 300, "2"]
    assert beside('press 1; wait 2s; wait up to 4s for "PIN"; wait 1ms; press 2', "daily") == ["1", 6001, "2"]
    assert beside("wait 2s", "daily") == [2000]
    assert beside("// nothing", "daily") == []


def test_of_pauses_with_an_end_the_longer_ones_stand_beside_the_strings() -> None:
    assert beside("press 1; wait 3s; press 2; wait 3001ms; press 34 every 4s", "freeclimb") == [
        "1{6}2", 3001, "3", 4000, "4",
    ]  # fmt: skip
    with pytest.raises(DtmfError, match="freeclimb has no pause of 4s: its strings cannot hold `wait 4s`"):
        dtmfdsl.compile("wait 4s; press 1", dialect="freeclimb")


def test_nothing_is_rounded_that_stands_beside_the_strings() -> None:
    compiled = dtmfdsl.compile(
        "press 1; wait 1ms; press 2", dialect="daily", waits="beside", rounding="error"
    )
    assert compiled.warnings == ()


def test_a_wait_beside_the_strings_is_nothing_that_check_finds() -> None:
    assert dtmfdsl.check(SCRIPT, dialect="daily") == ()
    assert [found.code for found in dtmfdsl.check("wait 2s; press 1A", dialect="jambonz")] == ["no-such-key"]


def test_a_secret_that_is_split_stays_hidden() -> None:
    script = "secret pin: 3 digits; press 1 $pin every 1s"
    compiled = dtmfdsl.compile(script, dialect="daily", waits="beside", values={"pin": "472"})
    assert [chunk.shown for chunk in compiled.chunks] == ["1", "•", "•", "•"]
    assert "472" not in repr(compiled)


@pytest.mark.parametrize("dialect", ["jambonz", "openai-live", "sip"])
def test_a_line_that_takes_a_key_at_a_time_gets_keys_and_no_warnings(dialect: str) -> None:
    compiled = dtmfdsl.compile("press 123; wait 1s; press 4", dialect=dialect, waits="beside")
    assert (compiled.texts, compiled.warnings) == (("1", "2", "3", "4"), ())


@pytest.mark.parametrize(
    "dialect", [each for each in DIALECTS.values() if not each.number], ids=lambda d: d.name
)
@given(data=st.data())
def test_a_plan_spends_every_silence_that_no_string_holds(dialect: Dialect, data: st.DataObject) -> None:
    step_ms = dialect.step_ms if dialect.step_ms > 1 else 500
    program = data.draw(strategies.programs(dialect.keys, step_ms).filter(bool))
    for attended in (False, True):
        plan = make_plan(program, dialect, attended=attended)
        steps = Program()
        for step in plan.steps:
            steps += Program(step.pauses) + read_strings(step.chunk.text, dialect)
        assert (steps + Program(plan.last)).steps() == program.steps()
    if plan.steps:
        assert sum(len(step.labels) > 0 for step in plan.steps) >= any(
            isinstance(event, Tones) and event.label for event in program.events
        )


def test_a_plan_without_pauses_has_its_labels_and_its_cues() -> None:
    script = 'press 12 every 1s for "Menu"; wait up to 5s for "PIN"; wait 1s; press 3'
    plan = make_plan(dtmfdsl.lower(dtmfdsl.parse(script)), DIALECTS["daily"], attended=True)
    assert [(step.chunk.text, step.pauses, step.labels) for step in plan.steps] == [
        ("1", (), ("Menu",)),
        ("2", (Pause(1000),), ("Menu",)),
        ("3", (Pause(5000, "PIN"), Pause(1000)), ()),
    ]


@pytest.mark.parametrize(("dialect", "strings"), [("livekit", ["1wab"]), ("daily", ["1", "AB"])])
def test_the_rows_of_a_table_are_spelt_and_cut_as_one_is(dialect: str, strings: list[str]) -> None:
    carrier = attrs.evolve(BANDWIDTH_V1, dialect=dialect)
    rows = [{"call_id": f"c-{n}", "code": code} for n, code in enumerate(["AB", "12", "BA"])]
    script = "param code: 2 keys; press 1; wait 500ms; press $code"
    calls = plan_calls(rows, script=script, carrier=carrier)
    (first, second, _) = [call.plan for call in calls if call.plan]
    assert [step.chunk.text for step in first.steps] == strings
    assert [step.pauses for step in first.steps] == [step.pauses for step in second.steps]
    assert [step.chunk for step in second.steps][-1].text.endswith("12")


# One string a call


@pytest.mark.parametrize(
    ("script", "place"),
    [
        ("press 1; wait 40s; press 2", "press 2"),
        ("press 1; wait 40s", "wait 40s"),
        ("press 1; press 2 for \"two\"; wait 10s; press 123456789012345678901234567890", "press 123456789012345678901234567890"),
    ],
)  # fmt: skip
def test_what_a_call_does_not_play_is_a_warning_at_the_first_of_it(script: str, place: str) -> None:
    compiled = dtmfdsl.compile(script, dialect="twilio")
    (found,) = compiled.warnings
    assert (found.code, found.span and found.span.text) == ("too-many-strings", place)
    assert (
        found.message == "twilio takes 1 string a call, and this needs 2: nothing is played after the first"
    )
    assert found.help == "`twilio-play` plays them during the call"
    assert heard(compiled).steps() == compiled.program.steps()
    (other,) = dtmfdsl.compile("wait 1s; press 1", dialect=attrs.evolve(DIALECTS["bland"], limit=2)).warnings
    assert other.help == "shorten the waits, or send the rest in another way"


# What is spelt in another way


def test_keys_are_spelt_as_the_dialect_has_them() -> None:
    assert dtmfdsl.compile("press 1A2D", dialect="livekit").text == "1a2d"
    assert dtmfdsl.decompile("abc*#", "livekit") == "press ABC*#\n"
    with pytest.raises(DtmfError, match="`A` means nothing in livekit"):
        dtmfdsl.decompile("1A", "livekit")
    for name in ("bandwidth", "asterisk", "freeswitch", "webrtc", "rfc3601"):
        assert dtmfdsl.decompile("1aB", name) == "press 1AB\n"
        assert dtmfdsl.compile("press 1ab".upper().replace("PRESS", "press"), dialect=name).text == "1AB"
    compiled = dtmfdsl.compile("secret s: 3 keys; press B $s", dialect="livekit", values={"s": "A1B"})
    assert (compiled.chunks[0].text, compiled.chunks[0].shown) == ("ba1b", "b•••")


@pytest.mark.parametrize(
    ("dialect", "string", "script"),
    [
        ("freeclimb", "12{2}34{4}#", "press 12\nwait 1s\npress 34\nwait 2s\npress #\n"),
        ("exact", "1{1}{2}5", "press 1\nwait 3ms\npress 5\n"),
        ("exact", "{3500}5", "wait 3.5s\npress 5\n"),
        ("rfc3601", "9w1-800.555p22", 'press 9\nwait up to 1m for "dial tone"\npress 1800555\nwait 1s\npress 22\n'),
        ("rfc3601", "1Pp2", "press 1\nwait 2s\npress 2\n"),
        ("hayes", "9W(555) 123-4567,,1@2", 'press 9\nwait up to 1m for "dial tone"\npress 5551234567\nwait 4s\npress 1\nwait up to 1m for "quiet"\npress 2\n'),
        ("webrtc", "12,34", "press 12\nwait 2s\npress 34\n"),
    ],
)  # fmt: skip
def test_other_pauses_are_read(dialect: str, string: str, script: str) -> None:
    assert dtmfdsl.decompile(string, dialect) == script


@pytest.mark.parametrize(
    ("dialect", "string", "wrong"),
    [
        ("freeclimb", "1{7}2", "{7}"),
        ("freeclimb", "1{2}{3}2", "{3}"),
        ("freeclimb", "1{0}2", "{0}"),
        ("exact", "1{9999999999}2", "{9999999999}"),
        ("freeswitch", "1@100w2", "@"),
        ("hayes", "1;2", ";"),
        ("hayes", "T12", "T"),
        ("asterisk", "1,2", ","),
        ("livekit", "1W2", "W"),
        ("sinch", "1*2", "*"),
        ("jambonz", "12", "2"),
    ],
)
def test_what_a_dialect_does_not_know_is_refused(dialect: str, string: str, wrong: str) -> None:
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.decompile(string, dialect)
    assert [found.span and found.span.text for found in caught.value.diagnostics][:1] == [wrong]


@pytest.mark.parametrize("dialect", ["freeswitch", "plivo"])
def test_a_length_of_tones_is_read_and_reported(dialect: str) -> None:
    (found,) = dtmfdsl.compile(f'press 5; raw "1w2@1000" as {dialect}').warnings
    assert (found.code, found.span and found.span.text) == ("tone-length", "@1000")
    assert dtmfdsl.decompile("1w2@1000", dialect) == "press 1\nwait 500ms\npress 2\n"
    assert dtmfdsl.decompile("1w2@1000") == "press 1\nwait 500ms\npress 2\n"


# On the command line


def test_compile_shows_waits_when_it_is_asked_to(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["compile", "-e", "wait 2s; press 1; wait 3.5s; press 59#; wait 4s", "--dialect", "daily"]
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("`--waits` shows each wait")) == ("", 3)
    assert main([*arguments, "--waits"]) == 0
    assert capsys.readouterr() == ("wait 2s\n1\nwait 3.5s\n59#\nwait 4s\n", "")
    assert main([*arguments, "--waits", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(chunk["wait_ms"], chunk["text"]) for chunk in found["chunks"]] == [(2000, "1"), (3500, "59#")]
    assert found["last_wait_ms"] == 4000
    assert main([*arguments, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["chunks"] == []


def test_without_a_need_the_json_has_no_waits(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "-e", "wait 2s; press 1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["chunks"], "last_wait_ms" in found) == (
        [{"text": "WW1", "length": 3, "plays_ms": [2093, 2600], "next_ms": 2600}],
        False,
    )
    assert main(["compile", "-e", "wait 2s", "--dialect", "daily", "--waits"]) == 0
    assert capsys.readouterr() == ("wait 2s\n", "")

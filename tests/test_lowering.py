"""What a tree means: events and their places, pace, and every mistake of meaning once."""

from __future__ import annotations

import pytest
from compiling import codes, texts

import dtmfdsl
from dtmfdsl import DtmfError, Pause, Tones


def test_neighbouring_pauses_are_one_and_a_trailing_one_is_kept() -> None:
    program = dtmfdsl.lower(dtmfdsl.parse("wait 1s; wait 2s; wait 0s; press 1; repeat 2 { wait 500ms }"))
    assert program.events == (Pause(3000), Tones("1"), Pause(1000))


def test_a_cue_stays_apart_and_counts_as_silence() -> None:
    program = dtmfdsl.lower(dtmfdsl.parse('wait 1s; wait up to 2s for "hello"; wait 1s'))
    assert program.events == (Pause(1000), Pause(2000, "hello"), Pause(1000))
    assert dtmfdsl.compile(program).texts == ("WWWW",)


def test_events_remember_their_place_and_equality_ignores_it() -> None:
    script = "press 1\n  press 2"
    first, second = dtmfdsl.lower(dtmfdsl.parse(script)).events
    assert (str(first.span), str(second.span)) == ("<script>:1:1", "<script>:2:3")
    assert second == Tones("2")


def test_pace_holds_for_later_presses_of_the_block_and_of_what_it_runs() -> None:
    script = """
    define pair() { press 12 }
    press 34
    repeat 1 {
        pair()
        pace 500ms
        pair()
        press 56
        repeat 1 { press 78; pace 1s; pair() }
        press 90
    }
    pair()
    """
    assert texts(script) == ("34121,25,67,81W29,012",)


def test_a_pace_in_a_define_ends_with_it() -> None:
    assert texts("define slow() { pace 1s; press 12 }\nslow(); press 34") == ("1W234",)


def test_every_goes_before_pace_and_zero_undoes_it() -> None:
    assert texts("pace 1s; press 12 every 500ms; press 34 every 0s; press 56") == ("1,2345W6",)


def test_a_mistake_in_a_define_is_reported_once_with_the_call() -> None:
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile("define f(x) { wait $x }\nf(1)\nf(2)")
    (found,) = caught.value.diagnostics
    assert [str(note.span) for note in found.notes] == ["<script>:1:10", "<script>:2:1"]


def test_a_define_that_is_never_run_is_looked_at_all_the_same() -> None:
    assert codes("define f(x) { press $x $y; wait 1.0001s }") == ["unknown-name", "fraction-of-millisecond"]


def test_what_a_mistake_hides_is_not_a_further_mistake() -> None:
    assert codes('use "nowhere.dtmf"\nlogin()\npress $pin') == ["no-such-file"]
    assert codes("define F(a) { press $a }\nF(1)\nf(1)")[0] == "bad-name"
    assert codes("let x = 4k\npress $x") == ["unknown-key"]
    assert codes("let x = 4k\nlet y = $x 1\npress $y $x\nwait $x") == ["unknown-key"]
    assert codes("define f(a b) { press $a $b }\nf(1, 2)") == ["bad-name"]
    assert codes("repeat 3\n{\npress 1\n}") == ["missing-block"]


@pytest.mark.parametrize(
    ("script", "number", "hangs_up"),
    [
        ("call +1 (800) 555-0199; press 1", "+18005550199", False),
        ("call 919.333.4444", "9193334444", False),
        ("param to: 10 digits = 9193334444; pace 1s; call $to; hang up", "9193334444", True),
        (
            "define begin(to) { call $to; wait 8s }\ndefine bye() { press 9; hang up }\nbegin(123); bye()",
            "123",
            True,
        ),
        ("repeat 0 { press 1 }; call 1", "1", False),
        ("Call 1, then press 1 and hang up", "1", True),
        ("define f() { call 1; hang up }\npress 1", None, False),
    ],
)
def test_a_script_calls_a_number_and_hangs_up(script: str, number: str | None, hangs_up: bool) -> None:
    program = dtmfdsl.lower(dtmfdsl.parse(script))
    assert (program.number, program.hangs_up) == (number, hangs_up)


@pytest.mark.parametrize(
    ("script", "wrong"),
    [
        ("call 1; call 2", "second-call"),
        ("define f() { call 1 }\nf(); f()", "second-call"),
        ("wait 0s; call 1", "call-not-first"),
        ("press 1; call 1", "call-not-first"),
        ("define f() { press 1; call 1 }", "call-not-first"),
        ("define f() { press 1 }\nf(); call 1", "call-not-first"),
        ("repeat 2 { call 1 }", "call-repeated"),
        ("repeat 2 { hang up }", "call-repeated"),
        ("define f() { hang up }\nrepeat 1 { f() }", "call-repeated"),
        ("hang up; press 1", "hang-up-not-last"),
        ("hang up; hang up", "hang-up-not-last"),
        ("define f() { hang up; wait 1s }", "hang-up-not-last"),
        ("define f() { hang up }\nf(); press 1", "hang-up-not-last"),
        ("param to: duration = 3s; call $to", "bad-number"),
        ("let to = 12#; call $to", "bad-number"),
        ("secret to: 3 digits; call $to", "bad-number"),
        ("call", "bad-number"),
        ("call +", "bad-number"),
        ("call *67", "bad-number"),
        ("hang", "unexpected-text"),
        ("hangup", "unknown-statement"),
        ("define call() { }", "bad-name"),
        ("define hang() { }", "bad-name"),
    ],
)
def test_a_call_that_cannot_be_made(script: str, wrong: str) -> None:
    values = {"to": "123"} if "secret" in script else {}
    assert codes(script, **values) == [wrong]

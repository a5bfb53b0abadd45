"""What a tree means: events and their places, pace, and every mistake of meaning once."""

from __future__ import annotations

import pytest
from compiling import codes, texts
from hypothesis import given
from hypothesis import strategies as st

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
    assert texts(script) == ("3412,1,2,5,6,7,8W1W2,9,012",)


def test_a_pace_in_a_define_ends_with_it() -> None:
    assert texts("define slow() { pace 1s; press 12 }\nslow(); press 34") == ("1W234",)


def test_every_goes_before_pace_and_zero_undoes_it() -> None:
    assert texts("pace 1s; press 12 every 500ms; press 34 every 0s; press 56") == ("1,234W5W6",)


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


def events(script: str, **values: str) -> tuple[dtmfdsl.Event, ...]:
    return dtmfdsl.compile(script, values=values).program.events


def test_a_text_is_a_label_a_cue_or_letters() -> None:
    script = """
    let prompt = "enter your PIN"
    param who: text = "Smith"
    param name: letters
    define ask(key, cue) { wait up to 2s for $cue; press $key for $prompt }
    ask(1, "for $key")
    ask(spell $name 2, $who)
    press spell $who for $name
    """
    assert events(script, name="O'Neil-Day") == (
        Pause(2000, "for $key"),
        Tones("1", 0, "enter your PIN"),
        Pause(2000, "Smith"),
        Tones("663453292", 0, "enter your PIN"),
        Tones("76484", 0, "O'Neil-Day"),
    )


def test_secret_letters_are_secret_keys() -> None:
    compiled = dtmfdsl.compile("secret word: letters; press 9 spell $word 9", values={"word": "Lee"})
    assert compiled.texts == ("95339",)
    assert [event.shown for event in compiled.program.events] == ["9•••9"]


@pytest.mark.parametrize(
    ("script", "wrong"),
    [
        ("let a = 1; press 1 for $a", "not-a-text"),
        ("let a = 1s; wait up to 1s for $a", "not-a-text"),
        ("let a = +1; press spell $a", "not-a-text"),
        ("let a = 12; press spell $a", "not-a-text"),
        ("define a() { }\npress 1 for $a", "not-a-text"),
        ("secret a: letters; press 1 for $a", "not-a-text"),
        ('let a = "é"; press spell $a', "cannot-spell"),
        ('let a = "x"; press $a', "not-keys"),
        ('let a = "x"; wait $a', "not-a-duration"),
        ('let a = "x"; call $a', "bad-number"),
        ('let a = "x"; a()', "not-a-define"),
        ("let a = +1; press $a", "not-keys"),
        ("let a = +1; a()", "not-a-define"),
        ("press 1 for $nobody", "unknown-name"),
        ("press spell $nobody", "unknown-name"),
        ("call $nobody", "unknown-name"),
        ("wait up to 1s for $nobody", "unknown-name"),
        ("press 1 for $later; let later = 1", "used-before-defined"),
        ("secret a: text", "secret-duration"),
        ("secret a: number", "secret-duration"),
        ('param a: letters = "é"', "wrong-kind"),
        ("param a: letters = 12", "wrong-kind"),
        ("param a: text = 12", "wrong-kind"),
        ('param a: text = ""', "wrong-kind"),
        ("param a: number = 12#", "wrong-kind"),
        ('param a: 4 digits = "x"', "wrong-kind"),
        ("param a: 4 digits = +1234", "wrong-kind"),
    ],
)
def test_a_text_is_no_keys_and_keys_are_no_text(script: str, wrong: str) -> None:
    assert codes(script, **({"a": "Lee"} if "secret" in script else {})) == [wrong]


@pytest.mark.parametrize(
    ("script", "places"),
    [
        ('let pin = 1; press 1 for "$pin"', [27]),
        ('let pin = 1; wait up to 1s for "my $pin, $pin"', [36]),
        ('let pin = 1; let other = "$pin"', [27]),
        ('press 1 for "$pin"; let pin = 1', []),
        ('let pin = 1; press 1 for "$pinned $ pin"', []),
    ],
)
def test_a_name_in_quotes_is_text_with_a_warning(script: str, places: list[int]) -> None:
    warnings = dtmfdsl.compile(script).warnings
    assert [(found.code, found.span and found.span.position[1]) for found in warnings] == [
        ("name-in-quotes", place) for place in places
    ]


# `pace`, `press`, `wait` and `raw`, the blocks of `repeat`, and the call of a define with such a block.
key_groups = st.text("123", min_size=1, max_size=2)
lengths = st.sampled_from([0, 500, 1000])
plays = st.one_of(
    st.tuples(st.just("pace"), lengths),
    st.tuples(st.just("press"), key_groups, st.none() | lengths),
    st.tuples(st.just("press"), st.just("$none"), st.none()),
    st.tuples(st.just("wait"), lengths),
    st.tuples(st.just("raw"), key_groups),
)
paced = st.lists(
    st.recursive(
        plays,
        lambda inner: st.tuples(st.just("repeat"), st.integers(0, 3), st.lists(inner, max_size=3)),
        max_leaves=6,
    ),
    max_size=8,
)


def written(block: list) -> str:
    lines = []
    for each in block:
        match each:
            case "pace" | "wait" as word, ms:
                lines.append(f"{word} {ms}ms")
            case "press", keys, every:
                lines.append(f"press {keys}" + ("" if every is None else f" every {every}ms"))
            case "raw", keys:
                lines.append(f'raw "{keys}" as twilio')
            case _, times, inner:
                lines.append(f"repeat {times} {{\n{written(inner)}\n}}")
    return "\n".join(lines)


def played(block: list, pace: int, heard: list, after_press: bool) -> bool:
    """What is heard, key by key; tells whether a press was the last thing."""
    for each in block:
        match each:
            case "pace", ms:
                pace = ms
            case "wait", ms:
                heard.append(ms)
                after_press = False
            case "raw", keys:
                heard += keys
                after_press = False
            case "press", "$none", _:
                pass
            case "press", keys, every:
                if after_press and every != 0:
                    heard.append(pace)
                apart = pace if every is None else every
                for at, key in enumerate(keys):
                    heard += [apart, key] if at else [key]
                after_press = True
            case _, times, inner:
                for _ in range(times):
                    after_press = played(inner, pace, heard, after_press)
    return after_press


@given(paced)
def test_pace_leaves_a_gap_between_presses_with_nothing_between(block: list) -> None:
    heard: list = []
    played(block, 0, heard, False)
    script = "param none: 0..1 digits\n" + written(block)
    steps: list = []
    for step in dtmfdsl.lower(dtmfdsl.parse(script), {"none": ""}).steps():
        steps += [step] if isinstance(step, int) else step
    expected: list = []
    for step in heard:
        if step != 0:
            both = isinstance(step, int) and bool(expected) and isinstance(expected[-1], int)
            expected[len(expected) - both :] = [expected[-1] + step if both else step]
    assert steps == expected


def test_a_gap_of_pace_holds_through_a_define_and_knows_its_place() -> None:
    assert texts("define f() { press 2; press 3 }\npace 500ms; press 1; f(); press 4") == ("1,2,3,4",)
    _, gap, _ = dtmfdsl.lower(dtmfdsl.parse("pace 1s\npress 1\npress 2")).events
    assert (gap, str(gap.span)) == (Pause(1000), "<script>:3:1")


@pytest.mark.parametrize(
    ("script", "columns"),
    [
        ("press 1 every 1s", [15]),
        ("press star every 1s", [18]),
        ('press spell "a" every 1s', [23]),
        ("let gap = 1s; press 1 every $gap", [29]),
        ("press 1 every 0s", []),
        ("press 12 every 1s", []),
        ("let a = 1; press $a every 1s", []),
        ('let a = "x"; press spell $a every 1s', []),
        ("pace 1s; press 1", []),
    ],
)
def test_every_on_one_key_gets_a_warning(script: str, columns: list[int]) -> None:
    warnings = dtmfdsl.compile(script).warnings
    assert [(found.code, found.span and found.span.position[1]) for found in warnings] == [
        ("useless-every", column) for column in columns
    ]
    assert all("`pace 1s`" in (found.help or "") for found in warnings)


@pytest.mark.parametrize(
    ("script", "warned"),
    [
        ("press 1-9", ["looks-like-range"]),
        ("press A - D", ["looks-like-range"]),
        ('press 3.5 for "x"', ["looks-like-range"]),
        ("let a = 3.5", ["looks-like-range"]),
        ("define f(a) { press $a }\nf(1-9)", ["looks-like-range"]),
        ("press 1-9 2", []),
        ("press 1-9 $none", []),
        ("press *-#; press 1 9; press 12.5; press 1.#; press A.D; press 1-800-555-0199", []),
        ("press 5 # 911", ["key-or-comment"]),
        ("press $none # 911", ["key-or-comment"]),
        ("press 5 $none # 911", ["key-or-comment"]),
        ("press 5 #; press 5#911; press # 911; press 5 #911; press 5 # #; press 5 pound 911", []),
        ("wait 500m", ["many-minutes"]),
        ("let a = 100m; pace $a", ["many-minutes"]),
        ("wait 99m; wait 500ms; wait 500 m; wait 100min; wait 1s 500m", []),
    ],
)
def test_what_reads_as_something_else_gets_a_warning(script: str, warned: list[str]) -> None:
    compiled = dtmfdsl.compile("param none: 0..9 digits\n" + script, values={"none": ""})
    assert [found.code for found in compiled.warnings] == warned


@pytest.mark.parametrize("keys", ["1..5", "1 .. 5", "1...5", "$a..5", "5 1..2", "1..$a", "$a .. $a"])
def test_a_range_of_keys_is_an_error(keys: str) -> None:
    assert codes(f"let a = 1; press {keys}") == ["key-range"]
    assert codes(f"let a = 1; let b = {keys}") == ["key-range"]


def test_a_cue_is_not_empty_and_takes_time() -> None:
    assert codes('wait up to 3s for ""') == ["empty-cue"]
    assert codes('let a = " "; wait up to 3s for $a') == ["empty-cue"]
    assert codes('wait up to 0s for ""') == ["empty-cue"]
    assert events('wait up to 0s for "x"; press 1; wait up to 0s for "x"; press 2') == (
        Tones("1"),
        Tones("2"),
    )

"""What scripts mean: names and where they are seen, pace, blocks, defines, files."""

from __future__ import annotations

from pathlib import Path

import pytest

import dtmfdsl
from dtmfdsl import DtmfError, Pause, Tones


def texts(script: str, **values: str) -> tuple[str, ...]:
    return dtmfdsl.compile(script, values=values).texts


def codes(script: str, **values: str) -> list[str]:
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile(script, values=values)
    return [found.code for found in caught.value.diagnostics]


# The examples of the contract


@pytest.mark.parametrize(
    ("script", "options", "expected"),
    [
        ("press 1; wait 3.5s; press 59#", {}, "1WWW,59#"),
        ("press 121# every 1.5s", {"half_second": "w"}, "1Ww2Ww1Ww#"),
        ("press 919 333 4444", {}, "9193334444"),
        (
            "wait 8s; press 1; wait 7s; press 11112222 every 1s; wait 1s; press #; wait 2s",
            {},
            "WWWWWWWW1WWWWWWW1W1W1W1W2W2W2W2W#WW",
        ),
        ("wait 1.2s; press 1", {}, "W,1"),
        ("press 007", {}, "007"),
        ("press star 5; press pound", {}, "*5#"),
        ('press spell "Smith"', {}, "76484"),
        ('press 2 for "Prescriptions"', {}, "2"),
        ("wait 1m 30s", {}, "W" * 90),
        ("wait 1m30s", {}, "W" * 90),
        ("repeat 3 { press 1 }", {}, "111"),
        ("repeat 3 times { press 1 } press 2", {}, "1112"),
        ('raw "1WWW,59#" as bandwidth-v1', {}, "1WWW,59#"),
        ('raw "1WWW,59#" as bandwidth-v1', {"dialect": "vonage"}, "1ppppppp59#"),
        ("define login(id, code) { press $id #; press $code # }\nlogin(12, 34)", {}, "12#34#"),
    ],
)
def test_the_examples_of_the_contract(script: str, options: dict[str, str], expected: str) -> None:
    assert dtmfdsl.compile(script, **options).texts == (expected,)  # type: ignore[arg-type]


def test_a_rounded_wait_says_from_what_to_what() -> None:
    (warning,) = dtmfdsl.compile("wait 1.2s; press 1").warnings
    assert "1.2s" in warning.message
    assert "1.5s" in warning.message
    assert str(warning.span) == "<script>:1:1"


# Events


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


def test_an_empty_program_has_no_chunks_and_no_text() -> None:
    compiled = dtmfdsl.compile("// nothing")
    assert compiled.chunks == ()
    with pytest.raises(DtmfError, match="presses no key"):
        _ = compiled.text
    with pytest.raises(DtmfError, match="2 strings"):
        _ = dtmfdsl.compile("wait 100s").text


# Pace


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


# Names


def test_a_name_is_seen_from_its_definition_on_in_its_block_and_inside() -> None:
    assert texts("let a = 1; repeat 1 { press $a; let a = 2; press $a }; press $a") == ("121",)
    assert codes("press $a; let a = 1") == ["used-before-defined"]
    assert codes("repeat 1 { press $a }; repeat 1 { let a = 1 }") == ["unknown-name"]
    assert codes("repeat 1 { let a = 1 }; press $a") == ["unknown-name"]
    assert codes("let a = 1; let a = 2") == ["defined-twice"]
    assert codes("define f(a, a) { }") == ["defined-twice"]


def test_a_define_sees_the_names_before_it_and_not_those_at_its_call() -> None:
    script = "let x = 1\nrepeat 1 {\n define f() { press $x }\n let x = 2\n f()\n}"
    assert texts(script) == ("1",)
    assert codes("define f() { press $x }\nlet x = 1\nf()") == ["used-before-defined"]


def test_a_parameter_hides_an_outer_name_and_may_be_hidden() -> None:
    assert texts("let x = 1\ndefine f(x) { press $x; let x = 3; press $x }\nf(2)") == ("23",)


def test_names_hold_keys_or_durations_and_pass_both_on() -> None:
    assert texts("let a = 12 star; let b = $a 3; let t = 1s; let u = $t; press $b every $u") == ("1W2W*W3",)
    assert codes("let a = 4s; press $a") == ["not-keys"]
    assert codes("let a = 4; wait $a") == ["not-a-duration"]
    assert codes("define f() { }\npress $f") == ["not-keys"]
    assert codes("let f = 1; f()") == ["not-a-define"]


def test_calls() -> None:
    assert texts("define f(k, t) { press $k; wait $t }\nlet k = 7\nf(1 $k #, 500ms)") == ("17#,",)
    assert codes("define f(k) { press $k }\nf()") == ["wrong-count"]
    assert codes("define f(k) { wait $k }\nf(1)") == ["not-a-duration"]
    assert codes("g()\ndefine g() { }") == ["used-before-defined"]
    assert codes("define a() { b() }\ndefine b() { c() }\ndefine c() { a() }") == ["recursion"]


def test_a_define_that_is_never_run_is_looked_at_all_the_same() -> None:
    assert codes("define f(x) { press $x $y; wait 1.0001s }") == ["unknown-name", "fraction-of-millisecond"]


def test_a_mistake_in_a_define_is_told_once_with_the_way_to_it() -> None:
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile("define f(x) { wait $x }\nf(1)\nf(2)")
    (found,) = caught.value.diagnostics
    assert [str(note.span) for note in found.notes] == ["<script>:1:10", "<script>:2:1"]


def test_mistakes_of_meaning_and_of_the_dialect_are_told_together() -> None:
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile("press A\nwait 3\nwait 1.2s\npress $x", dialect="vonage", rounding="error")
    assert [found.code for found in caught.value.diagnostics] == [
        "no-such-key", "missing-unit", "unwritable-pause", "unknown-name",
    ]  # fmt: skip


def test_defines_in_a_block_are_known_further_down() -> None:
    assert codes("repeat 1 { define a() { b() }\ndefine b() { a() } }") == ["recursion"]
    assert codes("repeat 1 { b()\ndefine b() { } }") == ["used-before-defined"]


def test_a_capital_after_a_name_is_no_tone() -> None:
    assert codes("let card = 12\npress $cardB") == ["bad-name"]
    assert texts("let card = 12\npress $card B") == ("12B",)
    assert texts("let card = 12\npress $card#") == ("12#",)


# Values


def test_values_are_checked_against_their_kind() -> None:
    assert texts("param a: 4 digits; press $a", a="00 07") == ("0007",)
    assert texts("param a: 2..3 digits = 12; press $a") == ("12",)
    assert texts("param a: keys; press $a", a="1-star") == ("1*",)
    assert texts("param t: duration; wait $t; press 1", t="1.5 s") == ("W,1",)
    for kind, value in [
        ("4 digits", "123"),
        ("4 digits", "12#4"),
        ("2..3 digits", "1234"),
        ("duration", "12"),
        ("digits", ""),
    ]:
        (code,) = codes(f"param a: {kind}", a=value)
        assert code in ("wrong-kind", "bad-duration")
    assert codes("param a: 4 digits = 12") == ["wrong-kind"]
    assert codes("param a: 8..4 digits", a="12345") == ["bad-kind"]
    assert codes("param a: 0 digits", a="") == ["bad-kind"]
    assert codes("param a: 4 digits") == ["missing-value"]
    assert codes("press 1", a="1") == ["unknown-value"]


def test_every_value_too_many_is_told() -> None:
    assert codes("press 1", mneu="3", other="4") == ["unknown-value", "unknown-value"]
    assert texts("param a: 0..2 digits; press 1 $a", a="") == ("1",)


def test_a_name_is_a_secret_or_a_param_and_never_both() -> None:
    one_file = "define f() { param pin: 4 digits; press $pin }\ndefine g() { secret pin: 4 digits; press $pin }\nf(); g()"
    assert codes(one_file, pin="1234") == ["secret-and-param"]
    assert codes("secret pin: 4 digits\nrepeat 1 { param pin: 4 digits }", pin="1234") == ["secret-and-param"]


def test_what_a_mistake_hides_is_no_further_mistake() -> None:
    assert codes('use "nowhere.dtmf"\nlogin()\npress $pin') == ["no-such-file"]
    assert codes("define F(a) { press $a }\nF(1)\nf(1)")[0] == "bad-name"
    assert codes("let x = 4k\npress $x") == ["unknown-key"]
    assert codes("define f(a b) { press $a $b }\nf(1, 2)") == ["bad-name"]
    assert codes("repeat 3\n{\npress 1\n}") == ["missing-block"]


# Files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "base.dtmf").write_text("let one = 1\nparam who: 2 digits = 22\n")
    (tmp_path / "shared.dtmf").write_text(
        'use "sub/base.dtmf"\nlet two = $one $one\ndefine go_on(k) { press $k $two; wait $gap }\nlet gap = 1s\n'.replace(
            "; wait $gap", ""
        )
    )
    return tmp_path


def test_use_takes_names_and_a_define_keeps_its_own_file(folder: Path) -> None:
    main = folder / "main.dtmf"
    main.write_text(
        'use "shared.dtmf"\nuse "sub/base.dtmf"\nlet one1 = 9\ngo_on(5)\npress $who $gap_ $one'.replace(
            " $gap_", ""
        )
    )
    assert dtmfdsl.compile_file(main).texts == ("511221",)
    assert dtmfdsl.compile_file(main, values={"who": "44"}).texts == ("511441",)


def test_what_a_used_file_uses_is_not_passed_on(folder: Path) -> None:
    main = folder / "main.dtmf"
    main.write_text('use "shared.dtmf"\npress $one')
    with pytest.raises(DtmfError, match="no name"):
        dtmfdsl.compile_file(main)


def test_the_same_file_twice_is_fine_and_two_files_with_one_name_are_not(folder: Path) -> None:
    main = folder / "main.dtmf"
    main.write_text('use "sub/base.dtmf"\nuse "sub/../sub/base.dtmf"\npress $one')
    assert dtmfdsl.compile_file(main).texts == ("1",)
    (folder / "other.dtmf").write_text("let one = 2")
    main.write_text('use "sub/base.dtmf"\nuse "other.dtmf"')
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile_file(main)
    (found,) = caught.value.diagnostics
    assert [str(note.span).rpartition("/")[2] for note in found.notes] == ["base.dtmf:1:5", "other.dtmf:1:5"]


def test_keys_in_a_used_file_are_not_pressed_and_a_warning_says_so(folder: Path) -> None:
    main = folder / "main.dtmf"
    (folder / "acting.dtmf").write_text("let a = 1\npress 2\n")
    main.write_text('use "acting.dtmf"\npress $a')
    compiled = dtmfdsl.compile_file(main)
    assert compiled.texts == ("1",)
    assert [warning.code for warning in compiled.warnings] == ["not-run"]


def test_mistakes_in_a_used_file_are_told_with_its_name(folder: Path) -> None:
    main = folder / "main.dtmf"
    (folder / "broken.dtmf").write_text("let a = 4x\nlet b = 1\n")
    main.write_text('use "broken.dtmf"\npress $a $b $c')
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile_file(main)
    assert [
        (found.code, Path(found.span.source.name).name) for found in caught.value.diagnostics if found.span
    ] == [
        ("unknown-key", "broken.dtmf"),
        ("unknown-name", "main.dtmf"),
    ]

"""Values from outside: whether they fit, and what is wrong where they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from compiling import codes, texts
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl import DtmfError, limits
from dtmfdsl.cli import main
from dtmfdsl.language.tree import Param


def only(script: str, **values: str) -> dtmfdsl.Diagnostic:
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile(script, values=values)
    (found,) = caught.value.diagnostics
    return found


@given(st.integers(0, 5), st.integers(0, 5), st.sampled_from(["digit", "key"]), st.text("01*#A", max_size=6))
def test_a_value_fits_its_kind_or_is_an_error_that_repeats_no_key(
    least: int, most: int, noun: str, value: str
) -> None:
    kind = f"{least}..{most} {noun}s"
    right = least <= len(value) <= most and (noun == "key" or not value.strip("0123456789"))
    for word in ("param", "secret"):
        script = f"{word} a: {kind}; press 9 $a"
        if least > most or most == 0:
            assert only(script, a=value).code == "bad-kind"
        elif right:
            assert texts(script, a=value) == (f"9{value}",)
        else:
            found = only(script, a=value)
            assert found.code == "wrong-kind"
            assert f"must be {kind}" in found.message
            assert len(value) < 3 or value not in found.message


@pytest.mark.parametrize(
    ("kind", "value", "message", "help"),
    [
        ("4 digits", "123", "`$a` must be 4 digits, but has 3 keys", None),
        ("4..8 keys", "1", "`$a` must be 4..8 keys, but has 1 key", None),
        ("4 digits", "12#4", "`$a` must be 4 digits, but `#` is no digit",
         "if `*`, `#` or A-D belong to it, write `4 keys`"),
        ("9..11 digits", "874-5511-2290#", "`$a` must be 9..11 digits, but `#` is no digit",
         "leave out what is no digit: a script presses it by itself, as in `press $card #`"),
        ("4 digits", "A#", "`$a` must be 4 digits, but `A` is no digit", None),
        ("keys", "1.23E+10", "`$a` is a number that a spreadsheet shortened: its last digits are lost",
         "format its column as text, and enter the keys again"),
        ("keys", "1,23E10", "`$a` is a number that a spreadsheet shortened: its last digits are lost",
         "format its column as text, and enter the keys again"),
        ("digits", "5077,0", "`$a` is a number that a spreadsheet changed",
         "format its column as text, and enter the keys again: some may be lost"),
        ("digits", "#REF!", "`$a` is an error of a spreadsheet", "give the keys themselves"),
        ("digits", "'0012", "`$a` begins with a mark that a spreadsheet uses for text", "give the keys alone"),
        ("number", '="0012"', "`$a` begins with a mark that a spreadsheet uses for text", "give the keys alone"),
        ("duration", "3", "`$a`: `3` has no unit", "write `3s`"),
        ("duration", "3x", "`$a`: `3x` is not a duration", "write it like 3.5s, 500ms or 1m 30s"),
        ("keys", "919.333", "`$a` is a number that a spreadsheet changed",
         "format its column as text, and enter the keys again: some may be lost"),
        ("keys", "1.919.3", "`$a`: `.` is not a key",
         "in a value, only blanks, `-` and parentheses may stand between the keys"),
        ("digits", "1x", "`$a`: `x` is not a key", "keys are 0-9, *, # and the tones A-D"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_value(kind: str, value: str, message: str, help: str | None) -> None:
    found = only(f"param a: {kind}", a=value)
    assert (found.message, found.help) == (message, help)
    assert found.span
    assert found.span.position == (1, 1)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("param a: duration = 12", "the default of `$a` must be a duration"),
        ("param a: digits = 3s", "the default of `$a` must be digits, not a duration"),
        ("param a: 4 digits = 12", "the default of `$a` must be 4 digits, but has 2 keys"),
    ],
)
def test_a_default_must_fit_too(script: str, message: str) -> None:
    assert only(script).message == message
    assert only(script, a="3s" if "duration =" in script else "1234").message == message


def test_a_kind_without_a_count_takes_a_whole_group() -> None:
    assert texts("param a: digits; press $a", a="1") == ("1",)
    assert codes("param a: digits; press $a", a="") == ["wrong-kind"]
    longest = "1" * limits.GROUP_KEYS
    assert dtmfdsl.compile("param a: keys; press $a", values={"a": longest}, dialect="vonage").text == longest
    assert codes(f"param a: {limits.GROUP_KEYS + 1} keys", a="1") == ["bad-kind"]


def test_the_error_for_a_missing_value_explains_how_to_give_it() -> None:
    assert only("param a: 4 digits; press $a").help == (
        "give it by --set a=…, --values, or DTMF_A in the environment; from Python by `values`"
    )
    assert only("secret a: 4 digits; press $a").help == (
        "give it by --values, or DTMF_A in the environment; from Python by `values`"
    )
    assert only("param a: 4 digits; press $a").message == "`$a` has no value (4 digits)"


@pytest.mark.parametrize(
    ("names", "message", "help"),
    [
        ({"pni": "1"}, "the script has no param or secret `pni`", "did you mean `pin`?"),
        ({"xyz": "1"}, "the script has no param or secret `xyz`", "it has pin"),
        ({"4711 0815": "1"}, "the script has no param or secret of that name", "it has pin"),
    ],
)
def test_a_value_without_a_param(names: dict[str, str], message: str, help: str) -> None:
    found = only("param pin: 1 digit = 1", **names)
    assert (found.code, found.message, found.help) == ("unknown-value", message, help)
    assert only("press 1", **names).help == "it has none at all"


def test_a_check_needs_no_values_and_takes_the_longest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = "param pin: 4..33 digits; param gap: duration; param any: keys; press $pin $any; wait $gap"
    assert main(["check", "-e", script, "--dialect", "twilio"]) == 0
    assert "this group takes 37 characters" in capsys.readouterr().err
    assert main(["check", "-e", "param a: digits; press $a $b"]) == 1
    assert "missing-value" not in capsys.readouterr().err


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
        assert code in ("wrong-kind", "missing-unit")
    assert codes("param a: 4 digits = 12") == ["wrong-kind"]
    assert codes("param a: 8..4 digits", a="12345") == ["bad-kind"]
    assert codes("param a: 0 digits", a="") == ["bad-kind"]
    assert codes("param a: 4 digits; press $a") == ["missing-value"]
    assert codes("press 1", a="1") == ["unknown-value"]


def test_every_value_without_a_param_is_reported() -> None:
    assert codes("press 1", mneu="3", other="4") == ["unknown-value", "unknown-value"]
    assert texts("param a: 0..2 digits; press 1 $a", a="") == ("1",)


def test_a_name_is_a_secret_or_a_param_and_never_both() -> None:
    one_file = "define f() { param pin: 4 digits; press $pin }\ndefine g() { secret pin: 4 digits; press $pin }\nf(); g()"
    assert codes(one_file, pin="1234") == ["secret-and-param"]
    assert codes("secret pin: 4 digits\nrepeat 1 { param pin: 4 digits }", pin="1234") == ["secret-and-param"]


@pytest.mark.parametrize(
    ("kind", "value", "texts_or_code"),
    [
        ("letters", " Smith ", "76484"),
        ("letters", "O'Neil 2", "663452"),
        ("letters", "é", "wrong-kind"),
        ("letters", "", "wrong-kind"),
        ("text", "Smith", "76484"),
        ("text", "", "wrong-kind"),
        ("text", "a\nb", "control-character"),
        ("0..10 digits", "", ""),
        ("0..10 digits", "12", "12"),
    ],
)
def test_a_value_of_a_kind_without_a_count(kind: str, value: str, texts_or_code: str) -> None:
    used = "$a" if "digits" in kind else "spell $a"
    if "-" in texts_or_code:
        assert codes(f"param a: {kind}; press {used}", a=value) == [texts_or_code]
    else:
        assert "".join(texts(f"param a: {kind}; press {used}", a=value)) == texts_or_code


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("+1 (919) 333-4444", "+19193334444"),
        ("911", "911"),
        ("*67", None),
        ("12x", None),
        ("", None),
        ("+", None),
    ],
)
def test_a_number_to_call_comes_from_outside(value: str, number: str | None) -> None:
    script = "param to: number; call $to"
    if number is None:
        assert codes(script, to=value) == ["bad-number"]
    else:
        assert dtmfdsl.compile(script, values={"to": value}).program.number == number


# What a block does: `$p` uses a param, a number calls the define of that number, a list is a `repeat 0`.
deeds = st.lists(
    st.recursive(
        st.sampled_from("pqrs") | st.integers(0, 2), lambda inner: st.lists(inner, max_size=2), max_leaves=3
    ),
    max_size=3,
)


def deed(each: str | int | list, at: int) -> str:
    match each:
        case str():
            return f"press ${each}"
        case int():
            return f"f{each}()" if each < at else "wait 1s"
        case _:
            return f"repeat 0 {{ {'; '.join(deed(inner, at) for inner in each)} }}"


def used_in(block: list, defines: list[list], at: int) -> set[str]:
    used: set[str] = set()
    for each in block:
        match each:
            case str():
                used.add(each)
            case int() if each < at:
                used |= used_in(defines[each], defines, each)
            case list():
                used |= used_in(each, defines, at)
    return used


@given(st.lists(deeds, min_size=3, max_size=3), deeds)
def test_a_value_is_asked_for_only_if_the_script_comes_to_it(defines: list[list], script: list) -> None:
    params = "".join(f"param {name}: keys\n" for name in "pqr") + "secret s: keys\n"
    shared = params + "".join(
        f"define f{at}() {{ {'; '.join(deed(each, at) for each in block)} }}\n"
        for at, block in enumerate(defines)
    )
    main = "\n".join(deed(each, 3) for each in script)
    for text in (f'use "shared.dtmf"\n{main}', shared + main):
        asked: set[str] = set()

        def lookup(param: Param, asked: set[str] = asked) -> str:
            asked.add(param.name.name)
            return "1"

        dtmfdsl.compile(text, lookup=lookup, loader=dtmfdsl.Memory({"shared.dtmf": shared}))
        assert asked == used_in(script, defines, 3)


def test_a_value_that_nothing_uses_may_be_given_and_must_fit_even_then() -> None:
    assert texts("param a: 4 digits; let b = $a 1; press 5", a="1234") == ("5",)
    assert texts("param a: 4 digits; let b = $a 1; param c: keys = $b; press 5") == ("5",)
    assert codes("param a: 4 digits; let b = $a 1; press $b") == ["missing-value"]
    assert codes("param a: duration; pace $a") == ["missing-value"]
    assert codes("param a: text; press 1 for $a") == ["missing-value"]
    assert codes("param a: keys; define f(b) { }\nf($a)") == ["missing-value"]
    assert codes("param a: 4 digits; press 5", a="123") == ["wrong-kind"]


@pytest.mark.parametrize("value", ["5077.0", "5077.", "1.2E+10", "1e10", "1.23E+10", " 5077.0 "])
@pytest.mark.parametrize("kind", ["digits", "keys", "number"])
def test_a_number_that_a_spreadsheet_spoiled_is_refused(kind: str, value: str) -> None:
    for word in ("param", "secret") if kind != "number" else ("param",):
        found = only(f"{word} a: {kind}", a=value)
        assert found.code == "spoiled-number"
        assert value.strip() not in dtmfdsl.render(found)


@pytest.mark.parametrize("value", ["(507) 7-08", "5077 08", "50-77-08", "507708"])
def test_blanks_hyphens_and_parentheses_in_a_value_are_for_the_eye(value: str) -> None:
    assert texts("param a: 6 digits; press $a", a=value) == ("507708",)


def test_no_key_of_a_secret_is_named() -> None:
    assert (
        only("secret a: 4 digits; press $a", a="12#4").message == "`$a` must be 4 digits, but has other keys"
    )

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
        ("4 digits", "12#4", "`$a` must be 4 digits, but has other keys",
         "if `*`, `#` or A-D belong to it, write `4 keys`"),
        ("duration", "3", "`$a`: `3` is not a duration", "write it like 3.5s, 500ms or 1m 30s"),
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
    assert only("param a: 4 digits").help == (
        "give it by --set a=…, --values, or DTMF_A in the environment; from Python by `values`"
    )
    assert only("secret a: 4 digits").help == (
        "give it by --values, or DTMF_A in the environment; from Python by `values`"
    )
    assert only("param a: 4 digits").message == "`$a` has no value (4 digits)"


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
        assert code in ("wrong-kind", "bad-duration")
    assert codes("param a: 4 digits = 12") == ["wrong-kind"]
    assert codes("param a: 8..4 digits", a="12345") == ["bad-kind"]
    assert codes("param a: 0 digits", a="") == ["bad-kind"]
    assert codes("param a: 4 digits") == ["missing-value"]
    assert codes("press 1", a="1") == ["unknown-value"]


def test_every_value_without_a_param_is_reported() -> None:
    assert codes("press 1", mneu="3", other="4") == ["unknown-value", "unknown-value"]
    assert texts("param a: 0..2 digits; press 1 $a", a="") == ("1",)


def test_a_name_is_a_secret_or_a_param_and_never_both() -> None:
    one_file = "define f() { param pin: 4 digits; press $pin }\ndefine g() { secret pin: 4 digits; press $pin }\nf(); g()"
    assert codes(one_file, pin="1234") == ["secret-and-param"]
    assert codes("secret pin: 4 digits\nrepeat 1 { param pin: 4 digits }", pin="1234") == ["secret-and-param"]

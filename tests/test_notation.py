"""Keys, durations and quoted texts: how they are written, and what the writing means."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from dtmfdsl import notation
from dtmfdsl.notation import KEYS, NotationError, read_duration, read_keys, spell

UNITS = {
    1: ["ms"],
    1000: ["s", "sec", "secs", "second", "seconds"],
    60_000: ["m", "min", "mins", "minute", "minutes"],
}
every_unit = st.sampled_from([(unit, ms) for ms, units in UNITS.items() for unit in units])


def error_of(read: object, *arguments: object) -> NotationError:
    with pytest.raises(NotationError) as caught:
        read(*arguments)  # type: ignore[operator]
    return caught.value


# Durations


@given(st.integers(0, 10**9))
def test_every_duration_reads_as_it_was_written(ms: int) -> None:
    assert read_duration(notation.write_duration(ms)) == ms


@pytest.mark.parametrize(
    ("ms", "text"),
    [(0, "0s"), (1, "1ms"), (999, "999ms"), (1000, "1s"), (3500, "3.5s"), (1001, "1.001s"), (60_000, "1m"),
     (90_000, "1m 30s"), (60_500, "1m 500ms"), (3_600_000, "60m")],
)  # fmt: skip
def test_a_duration_is_written_in_the_shortest_usual_way(ms: int, text: str) -> None:
    assert notation.write_duration(ms) == text


@given(
    st.integers(0, 10**6), st.text("0123456789", max_size=6), every_unit, st.sampled_from(["", " ", "\t "])
)
def test_a_duration_is_exact_or_an_error(
    whole: int, fraction: str, unit: tuple[str, int], blank: str
) -> None:
    number = f"{whole}.{fraction}" if fraction else str(whole)
    ms = Decimal(number) * unit[1]
    if ms == int(ms):
        assert read_duration(f"{number}{blank}{unit[0]}") == int(ms)
    else:
        assert error_of(read_duration, f"{number}{blank}{unit[0]}").code == "fraction-of-millisecond"


@given(st.lists(st.tuples(st.integers(0, 999), every_unit), min_size=1, max_size=4))
def test_the_parts_of_a_duration_add_up(parts: list[tuple[int, tuple[str, int]]]) -> None:
    text = " ".join(f"{count} {unit}" for count, (unit, _) in parts)
    assert read_duration(text) == sum(count * ms for count, (_, ms) in parts)


@pytest.mark.parametrize(
    "text", ["", " ", "s", "3x", "3s x", "-1s", "1e3s", ".5s", "1.s", "3S", "3 s s", "x 3s"]
)
def test_texts_that_are_not_durations(text: str) -> None:
    assert error_of(read_duration, text).code == "bad-duration"


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("3", "write `3s`"),
        ("3s 4", "write `4s`"),
        ("3.5", "write `3.5s`"),
        ("500", "write `500ms` or `500s`"),
    ],
)
def test_a_duration_without_a_unit_is_what_it_is_in_a_script(text: str, help: str) -> None:
    error = error_of(read_duration, text)
    assert (error.code, error.help) == ("missing-unit", help)


def test_a_duration_of_very_many_digits_is_not_read() -> None:
    assert read_duration("0" * 99 + "s") == 0
    assert error_of(read_duration, "0" * 100 + "s").code == "too-long"


# Keys


@given(st.lists(st.tuples(st.sampled_from(["", " ", "\t", "-", ".", "(", ") "]), strategies.key)))
def test_what_stands_between_keys_for_the_eye_means_nothing(marks: list[tuple[str, str]]) -> None:
    assert read_keys("".join(mark + key for mark, key in marks)) == "".join(key for _, key in marks)


def test_keys_have_names() -> None:
    assert read_keys("star 1 pound asterisk-hash") == "*1#*#"


@given(st.characters().filter(lambda character: character not in KEYS + " \t.()-"))
def test_any_other_character_is_an_error_that_may_hide_it(character: str) -> None:
    error = error_of(read_keys, f"12{character}")
    assert error.code == "unknown-key"
    assert f"`{character}`" in error.message
    hidden = error_of(read_keys, f"12{character}", False)
    assert (hidden.code, hidden.message, hidden.help) == (
        "unknown-key", "this value holds a character that is not a key", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "meant"), [("O", "0"), ("l", "1"), ("×", "*"), ("№", "#"), ("＃", "#"), ("９", "9"), ("Ａ", "A")]
)
def test_a_character_that_looks_like_a_key_is_recognised(text: str, meant: str) -> None:
    assert (error_of(read_keys, text).help or "").startswith(f"write `{meant}`")


def test_a_letter_in_lower_case_is_not_a_tone() -> None:
    assert error_of(read_keys, "b").help == "write `B`: the tones A-D are upper case"
    assert error_of(read_keys, "x").help == "keys are 0-9, *, # and the tones A-D"
    assert error_of(read_keys, "starfish").code == "unknown-key"


# Letters, quoted texts, words


def test_the_letters_of_the_keypad() -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert spell(letters) == spell(letters.lower()) == "22233344455566677778889999"
    assert spell("0123456789 -'.’") == "0123456789"
    error = error_of(spell, "Zoë")
    assert (error.code, error.message) == ("cannot-spell", "`ë` is on no key of a phone")


@given(st.text())
def test_a_quoted_text_comes_back(text: str) -> None:
    quoted = notation.quote(text)
    assert notation.unquote(quoted) == text
    assert re.fullmatch(r'"(?:[^"\\]|\\["\\])*"', quoted, re.DOTALL)


def test_counts_and_masks() -> None:
    assert [notation.counted(count, "key") for count in (0, 1, 2, 1000)] == [
        "0 keys", "1 key", "2 keys", "1,000 keys",
    ]  # fmt: skip
    assert notation.mask("12#") == "•••"

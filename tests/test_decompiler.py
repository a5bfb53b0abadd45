"""Strings back to scripts as a person would write them, with paced groups and repeats where they help."""

from __future__ import annotations

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl import limits
from dtmfdsl.dialects import DIALECTS, Dialect

every_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)


@pytest.mark.parametrize(
    ("string", "script"),
    [
        ("1WWW,59#", "press 1\nwait 3.5s\npress 59#\n"),
        ("1Ww2Ww1Ww#", "press 121# every 1.5s\n"),
        ("1W2", "press 1\nwait 1s\npress 2\n"),
        ("1W2W34", "press 1\nwait 1s\npress 2\nwait 1s\npress 34\n"),
        ("1W2W,3", "press 1\nwait 1s\npress 2\nwait 1.5s\npress 3\n"),
        ("12WW" * 4, "repeat 4 {\n    press 12\n    wait 2s\n}\n"),
        ("12WW" * 2, "press 12\nwait 2s\n" * 2),
        ("WW", "wait 2s\n"),
        ("5,5,5,0,1,2,#", "press 555012# every 500ms\n"),
        ("1WW2WW3", "press 123 every 2s\n"),
        ("1WW,2WW,3", "press 1\nwait 2.5s\npress 2\nwait 2.5s\npress 3\n"),
        (
            "WW3WWWWW1WWWWW5WWWWW0",
            "wait 2s\npress 3\nwait 5s\npress 1\nwait 5s\npress 5\nwait 5s\npress 0\n",
        ),
    ],
)
def test_a_string_reads_as_a_person_would_write_it(string: str, script: str) -> None:
    assert dtmfdsl.decompile(string) == script


def test_a_run_longer_than_a_group_may_be_is_several() -> None:
    string = "1" * 25_000
    script = dtmfdsl.decompile(string, "vonage")
    assert dtmfdsl.compile(script, dialect="vonage").texts == (string,)


def test_several_strings_are_read_as_one() -> None:
    assert dtmfdsl.decompile(["1WW", "W,59#"]) == "press 1\nwait 3.5s\npress 59#\n"
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        dtmfdsl.decompile(["1x", "", "2y"])
    places = [str(found.span) for found in caught.value.diagnostics]
    assert places == ["<string 1>:1:2", "<string 2>:1:1", "<string 3>:1:2"]


@every_dialect
@given(data=st.data())
def test_the_script_of_a_string_means_what_the_string_means(dialect: Dialect, data: st.DataObject) -> None:
    string = data.draw(strategies.strings(dialect))
    script = dtmfdsl.decompile(string, dialect)
    assert dtmfdsl.lower(dtmfdsl.parse(script)) == dialect.decode(string)


@every_dialect
@given(data=st.data())
def test_a_canonical_string_comes_back_to_the_letter(dialect: Dialect, data: st.DataObject) -> None:
    string = data.draw(strategies.canonical_strings(dialect))
    assert dtmfdsl.compile(dtmfdsl.decompile(string, dialect), dialect=dialect).texts == (string,)


@every_dialect
@given(data=st.data())
def test_no_string_comes_back_longer(dialect: Dialect, data: st.DataObject) -> None:
    string = data.draw(strategies.strings(dialect))
    (again,) = dtmfdsl.compile(dtmfdsl.decompile(string, dialect), dialect=dialect).texts
    assert len(again) <= len(string)
    assert dialect.decode(again) == dialect.decode(string)


@pytest.mark.parametrize("count", [1, 3])
def test_the_strings_of_a_call_are_read_up_to_the_limit(count: int) -> None:
    strings = ["1" * (limits.STRING_CHARACTERS // count)] * count
    script = dtmfdsl.decompile(strings, "vonage")
    assert dtmfdsl.lower(dtmfdsl.parse(script)).key_count == limits.STRING_CHARACTERS
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        dtmfdsl.decompile([*strings, "1"], "vonage")
    (found,) = caught.value.diagnostics
    assert (found.code, found.span) == ("string-too-long", None)


def test_a_dialect_and_its_name_read_the_same() -> None:
    assert dtmfdsl.decompile("1p2", dtmfdsl.get_dialect("vonage")) == dtmfdsl.decompile("1p2", "vonage")
    with pytest.raises(dtmfdsl.DtmfError, match="unknown-dialect"):
        dtmfdsl.decompile("1", "vonag")
    with pytest.raises(dtmfdsl.DtmfError, match="not-text"):
        dtmfdsl.decompile(["1", 2], "vonage")  # type: ignore[list-item]

"""Strings back to scripts as a person would write them, with paced groups and repeats where they help."""

from __future__ import annotations

import contextlib

import attrs
import hypothesis
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl import limits
from dtmfdsl.decompiler import read_back, read_strings
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
    assert dtmfdsl.decompile(string, "bandwidth-v1") == script


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


PAIRS = ['""', "''", "``", "“”", "„“", "‘’", "«»"]
BLANKS = st.text(st.sampled_from(" \t\n\xa0\ufeff\u202a\u202c\u200b"), max_size=3)


@given(st.lists(st.tuples(BLANKS, st.sampled_from(PAIRS), BLANKS), max_size=3))
def test_blanks_and_pairs_of_quotes_around_a_string_are_not_of_it(around: list[tuple[str, str, str]]) -> None:
    before = "".join(blank + pair[0] + inside for blank, pair, inside in around)
    after = "".join(inside + pair[1] + blank for blank, pair, inside in reversed(around))
    assert dtmfdsl.decompile(f"{before}1WWW,59#{after}") == "press 1\nwait 3.5s\npress 59#\n"
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        dtmfdsl.decompile(f"{before}1W'2{after}", "twilio")
    (found,) = caught.value.diagnostics
    assert found.span
    assert (found.span.start, found.span.end) == (len(before) + 2, len(before) + 3)


@pytest.mark.parametrize("string", ["1'", "'1", '“1"', '1"2'])
def test_a_single_quote_is_a_mistake(string: str) -> None:
    with pytest.raises(dtmfdsl.DtmfError, match="not-in-dialect"):
        dtmfdsl.decompile(string)


# Without a dialect


@every_dialect
@given(data=st.data())
def test_without_a_dialect_a_string_means_what_all_that_allow_it_agree_on(
    dialect: Dialect, data: st.DataObject
) -> None:
    string = data.draw(strategies.strings(dialect))
    readings = set()
    for each in [each for each in DIALECTS.values() if not each.by_name_only or each is dialect]:
        with contextlib.suppress(dtmfdsl.DtmfError):
            readings.add(each.decode(string))
    if dialect.by_name_only:
        assert read_strings(string, dialect.name) in readings
    elif len(readings) == 1:
        assert read_strings(string) in readings
    else:
        with pytest.raises(dtmfdsl.DtmfError, match="ambiguous-string"):
            dtmfdsl.decompile(string)


def test_a_string_that_no_dialect_reads_is_explained_by_the_nearest() -> None:
    for string, dialect in [("1W,x2", "bandwidth-v1"), ("1pp2x", "vonage")]:
        with pytest.raises(dtmfdsl.DtmfError) as caught:
            dtmfdsl.decompile(string)
        (found,) = caught.value.diagnostics
        assert found.message == f"`x` means nothing in {dialect}"
        assert [note.message for note in found.notes] == [
            f"no dialect reads this string; {dialect} comes nearest"
        ]


# Templates


@pytest.mark.parametrize(
    ("string", "name"),
    [
        ("ww1${card}#", "card"),
        ("ww1{card}#", "card"),
        ("ww1{{card}}#", "card"),
        ("ww1{{ card }}#", "card"),
        ("ww1%(card)s#", "card"),
        ("ww1<card>#", "card"),
        ("ww1<@cardNumber.to_s>#", "card_number"),
        ("ww1${user.PIN()}#", "user_pin"),
        ("ww1<_1st-card>#", "st_card"),
        ("ww1<__>#", "value"),
    ],
)
def test_a_mark_of_a_template_becomes_a_param(string: str, name: str) -> None:
    found = read_back(string)
    assert dtmfdsl.to_text(found.script) == f"param {name}: keys\nwait 1s\npress 1 ${name} #\n"
    (warning,) = found.warnings
    assert (warning.code, warning.severity) == ("template-value", "warning")
    assert warning.message.startswith(f"`{string[3:-1]}` is read as `${name}`, ")
    assert dtmfdsl.compile(found.script, values={name: "42"}, dialect="vonage").texts == ("pp142#",)


def test_ruby_marks_or_keys_before_braces_is_a_choice() -> None:
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        dtmfdsl.decompile("1#{card}#")
    (found,) = caught.value.diagnostics
    assert (found.code, found.span and found.span.text) == ("ambiguous-string", "1#{card}#")
    assert [note.message for note in found.notes] == [
        "with `--template ruby`: press 1 $card #",
        "with `--template braces`: press 1# $card #",
    ]
    assert found.help == "choose one: `--template ruby` or `--template braces`"
    assert dtmfdsl.decompile("1#{card}#", template="ruby") == "param card: keys\npress 1 $card #\n"
    assert dtmfdsl.decompile("1#{card}#", template="braces") == "param card: keys\npress 1# $card #\n"
    # Braces without a `#` before them show which of the two it is.
    assert dtmfdsl.decompile("{a}w#{b}", "twilio").endswith("press $a\nwait 500ms\npress # $b\n")
    with pytest.raises(dtmfdsl.DtmfError, match="unknown-template"):
        dtmfdsl.decompile("1#{card}#", template="Ruby")  # type: ignore[arg-type]


@pytest.mark.parametrize("string", ["1{3}", "1#{}", "1{a b}", "1#{card[0]}", "1$card", "1<", "${a}{", "1%s"])
def test_what_is_no_mark_is_no_template(string: str) -> None:
    with pytest.raises(dtmfdsl.DtmfError, match="not-in-dialect"):
        dtmfdsl.decompile(string)


@pytest.mark.parametrize("dialect", [each for each in DIALECTS.values() if not each.number])
@given(data=st.data())
def test_a_template_means_its_string_with_the_values_filled_in(dialect: Dialect, data: st.DataObject) -> None:
    names = ["card", "pin", "zip_code"]
    pieces = data.draw(st.lists(st.sampled_from(names) | strategies.strings(dialect), min_size=1, max_size=6))
    group = st.text(st.sampled_from(dialect.keys), min_size=1, max_size=6)
    values = {name: data.draw(group) for name in names}
    forms = ["${%s}", "{{%s}}", "%%(%s)s", "<%s>"]
    text = "".join(data.draw(st.sampled_from(forms)) % each if each in names else each for each in pieces)
    literal = "".join("" if each in names else each for each in pieces)
    hypothesis.assume(len(literal) <= (dialect.limit or 200))
    script = dtmfdsl.parse(dtmfdsl.decompile(text, dialect))
    filled = "".join(dialect.spell(values[each]) if each in values else each for each in pieces)
    free = attrs.evolve(dialect, limit=None)
    assert dtmfdsl.lower(script, {name: values[name] for name in names if name in pieces}).steps() == (
        free.decode(filled).steps()
    )


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


def test_strings_of_no_named_dialect_are_read_up_to_a_lower_limit() -> None:
    string = "1" * limits.UNNAMED_CHARACTERS
    assert dtmfdsl.lower(dtmfdsl.parse(dtmfdsl.decompile(string))).key_count == len(string)
    with pytest.raises(dtmfdsl.DtmfError, match="string-too-long"):
        dtmfdsl.decompile(string + "1")


def test_a_dialect_and_its_name_read_the_same() -> None:
    assert dtmfdsl.decompile("1p2", dtmfdsl.get_dialect("vonage")) == dtmfdsl.decompile("1p2", "vonage")
    with pytest.raises(dtmfdsl.DtmfError, match="unknown-dialect"):
        dtmfdsl.decompile("1", "vonag")
    with pytest.raises(dtmfdsl.DtmfError, match="not-text"):
        dtmfdsl.decompile(["1", 2], "vonage")  # type: ignore[list-item]

"""A program to the codes of a dialect, and a string of a dialect back to a program."""

from __future__ import annotations

import re

import pytest
import strategies
from compiling import joined
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl import DtmfError, Source, Span
from dtmfdsl.decompiler import read_strings
from dtmfdsl.dialects import DIALECTS, Dialect
from dtmfdsl.notation import write_duration
from dtmfdsl.program import Pause, Program, Tones

every_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
with_pauses = pytest.mark.parametrize(
    "dialect", [each for each in DIALECTS.values() if each.longest_ms != 0], ids=lambda dialect: dialect.name
)
with_characters = pytest.mark.parametrize(
    "dialect", [each for each in DIALECTS.values() if each.pauses], ids=lambda dialect: dialect.name
)
every_carrier = pytest.mark.parametrize(
    "dialect", [each for each in DIALECTS.values() if not each.number], ids=lambda dialect: dialect.name
)


@every_carrier
@given(data=st.data())
def test_a_reading_has_exactly_the_keys_and_silences_of_the_string(
    dialect: Dialect, data: st.DataObject
) -> None:
    string = data.draw(strategies.strings(dialect))
    assert list(dialect.decode(string).steps()) == heard(dialect, string)


def heard(dialect: Dialect, string: str) -> list[str | int]:
    """What a string means, character by character: keys, and silences in milliseconds."""
    lengths = {character: ms for character, _, ms in dialect.waits} | dict(dialect.pauses)
    keys = {character: key for key in dialect.keys for character in dict(dialect.spelt).get(key, key)}
    steps: list[str | int] = []
    for count, character in re.findall(r"\{(\d+)\}|(.)", string):
        step: str | int
        if count:
            assert dialect.counted
            step = int(count) * dialect.counted.unit_ms
        else:
            step = keys[character] if character in keys else lengths[character]
        steps.append(step)
    return joined(steps)


@every_dialect
@given(data=st.data())
def test_dialects_that_read_its_characters_alike_read_a_string_alike(
    dialect: Dialect, data: st.DataObject
) -> None:
    string = data.draw(strategies.strings(dialect))
    program = dialect.decode(string)
    for other in DIALECTS.values():
        if other.reading(set(string)) == dialect.reading(set(string)) and len(string) <= (other.limit or 200):
            assert other.decode(string) == program


@with_characters
@given(data=st.data())
def test_a_silence_is_written_in_the_fewest_characters(dialect: Dialect, data: st.DataObject) -> None:
    steps = data.draw(st.integers(1, 40))
    lengths = {length // dialect.step_ms for _, length in dialect.pauses}
    fewest = [0]
    for total in range(1, steps + 1):
        fewest.append(1 + min(fewest[total - length] for length in lengths if length <= total))
    written = dialect.write_pause(steps * dialect.step_ms)
    assert len(written) == fewest[steps]
    assert sum(dict(dialect.pauses)[character] for character in written) == steps * dialect.step_ms


@every_carrier
@given(data=st.data())
def test_a_group_is_cut_only_if_it_must_be_and_a_warning_reports_it(
    dialect: Dialect, data: st.DataObject
) -> None:
    step_ms = dialect.step_ms if dialect.step_ms > 1 else 500
    program = data.draw(strategies.programs(dialect.keys, step_ms, longest=50))
    compiled = dtmfdsl.compile(program, dialect=dialect, waits="beside")
    whole = "".join(compiled.texts)
    cuts = {sum(map(len, compiled.texts[:count])) for count in range(1, len(compiled.texts))}
    position = 0
    too_long = 0
    codes, _ = dialect.encode(program)
    for code in codes:
        inside = {cut for cut in cuts if position < cut < position + len(code.text)}
        assert not inside or not code.whole
        position += len(code.text)
    for event in program.events:
        if isinstance(event, Tones):
            keys = dialect.spell(event.keys)
            if not dialect.holds(event.every_ms):
                assert len(compiled.texts) >= len(keys)
                continue
            group = dialect.write_pause(event.every_ms).join(keys)
            too_long += dialect.limit is not None and len(group) > dialect.limit
            if dialect.limit is None or len(group) <= dialect.limit:
                assert any(code.text == group and code.whole for code in codes)
    assert position == len(whole)
    warned = [warning for warning in compiled.warnings if warning.code == "cut-group"]
    assert bool(warned) == bool(too_long and dialect.limit != 1)


@with_pauses
@given(data=st.data())
def test_rounding_adds_less_than_a_step_and_is_reported(dialect: Dialect, data: st.DataObject) -> None:
    ms = data.draw(st.integers(1, dialect.longest_ms or 20_000))
    program = Program((Tones("1"), Pause(ms), Tones("2")))
    compiled = dtmfdsl.compile(program, dialect=dialect)
    after = read_strings(compiled.texts, dialect).pause_ms
    assert 0 <= after - ms < dialect.step_ms
    assert bool(compiled.warnings) == (after != ms)
    if after != ms:
        with pytest.raises(dtmfdsl.DtmfError) as caught:
            dtmfdsl.compile(program, dialect=dialect, rounding="error")
        assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["unwritable-pause"]


@every_carrier
@given(data=st.data())
def test_every_event_of_a_reading_knows_its_place(dialect: Dialect, data: st.DataObject) -> None:
    string = data.draw(strategies.strings(dialect))
    source = Source("s", f"raw {string}")
    program = dialect.decode(string, Span(source, 4, 4 + len(string)))
    end = 4
    for event in program.events:
        assert event.span
        assert event.span.source is source
        assert event.span.start == end
        end = event.span.end
        keys = "".join(step for step in heard(dialect, event.span.text) if isinstance(step, str))
        assert keys == (event.keys if isinstance(event, Tones) else "")
    assert end == len(source.text) or all(isinstance(step, int) for step in heard(dialect, source.text[end:]))


@with_pauses
@given(data=st.data())
def test_three_single_keys_at_one_pace_are_read_as_a_group(dialect: Dialect, data: st.DataObject) -> None:
    keys = data.draw(st.text(st.sampled_from(dialect.keys), min_size=1, max_size=6))
    ms = data.draw(st.integers(1, 6)) * dialect.step_ms
    events = dialect.decode(dialect.write_pause(ms).join(dialect.spell(keys))).events
    if len(keys) >= 3 and ms <= 2000:
        assert events == (Tones(keys, ms),)
    else:
        assert [event for event in events if isinstance(event, Tones)] == [Tones(key) for key in keys]


@every_carrier
@given(data=st.data())
def test_everything_that_a_dialect_lacks_is_found(dialect: Dialect, data: st.DataObject) -> None:
    strange = "".join(sorted(set("xyz_+\t,wWpABCD") - set(dialect.characters)))
    text = data.draw(st.text(st.sampled_from(dialect.characters + strange), min_size=1, max_size=20))
    expected = [run.span() for run in re.finditer(f"[{re.escape(strange)}]+", text)]
    try:
        dialect.decode(text)
    except DtmfError as error:
        found = error.diagnostics
        found = [each for each in found if each.code != "string-too-long"]
        assert [each.code for each in found] == ["not-in-dialect"] * len(expected)
        assert [(each.span.start, each.span.end) for each in found if each.span] == expected
    else:
        assert not expected


@every_dialect
def test_a_string_is_read_up_to_the_limit(dialect: Dialect) -> None:
    longest = "1" * (dialect.limit or 1_000)
    assert dialect.decode(longest).key_count == len(longest)
    if dialect.limit is not None:
        with pytest.raises(DtmfError) as caught:
            dialect.decode(longest + "123")
        (found,) = caught.value.diagnostics
        assert (found.code, found.span and found.span.text) == ("string-too-long", "123")


@every_carrier
@given(data=st.data())
def test_secret_keys_are_masked_in_what_is_shown(dialect: Dialect, data: st.DataObject) -> None:
    group = st.text(st.sampled_from(dialect.keys), min_size=1, max_size=6)
    groups = st.lists(st.tuples(group, st.booleans(), st.integers(0, 2)), min_size=1)
    drawn = data.draw(groups)
    program = Program()
    for keys, secret, steps in drawn:
        program += dtmfdsl.press(keys, every=f"{steps * dialect.step_ms}ms", secret=secret)
    codes, _ = dialect.encode(program)
    written = "".join(code.text for code in codes)
    shown = "".join(code.text if code.shown is None else code.shown for code in codes)
    keys = "".join("•" * len(keys) if secret else dialect.spell(keys) for keys, secret, _ in drawn)
    pauses = re.compile("|".join([r"\{\d+\}", *map(re.escape, dict(dialect.pauses))]))
    assert pauses.sub("", shown) == keys
    assert pauses.findall(shown) == pauses.findall(written)


@with_pauses
def test_the_help_of_a_rounded_pause_names_the_step(dialect: Dialect) -> None:
    program = Program((Tones("12", dialect.step_ms + 1), Pause(1)))
    step = write_duration(dialect.step_ms)
    warnings = dtmfdsl.compile(program, dialect=dialect).warnings
    rounded = dialect.step_ms > 1
    assert [warning.help for warning in warnings] == [f"its pauses are multiples of {step}"] * 2 * rounded


def test_a_rounded_pause_is_reported_where_it_stands_after_a_cue_that_takes_no_time() -> None:
    (warning,) = dtmfdsl.compile('wait up to 0s for "hello"\npress 1\nwait 1.2s').warnings
    assert warning.span
    assert warning.span.text == "wait 1.2s"


@every_dialect
@pytest.mark.parametrize("more", [0, 1])
def test_a_group_as_long_as_a_string_stays_whole(dialect: Dialect, more: int) -> None:
    group = dtmfdsl.press("1" * ((dialect.limit or 1_000) + more))
    compiled = dtmfdsl.compile(dtmfdsl.press("2") + group, dialect=dialect)
    cut = more and dialect.limit is not None
    warned = [warning.code for warning in compiled.warnings if warning.code != "too-many-strings"]
    assert warned == ["cut-group"] * bool(cut and dialect.limit != 1)
    codes, _ = dialect.encode(group)
    assert [code.whole for code in codes] == [not cut]


@pytest.mark.parametrize(("length", "shown"), [(40, "x" * 40), (41, "x" * 40 + "…")])
def test_of_a_long_run_that_a_dialect_lacks_the_beginning_is_shown(length: int, shown: str) -> None:
    with pytest.raises(DtmfError) as caught:
        DIALECTS["vonage"].decode("1" + "x" * length)
    (found,) = caught.value.diagnostics
    assert found.message == f"`{shown}` means nothing in vonage"


@pytest.mark.parametrize(
    ("character", "help"), [("O", "write `0`"), ("a", "it takes 0 1 2 3 4 5 6 7 8 9 * # p")]
)
def test_a_character_that_looks_like_a_key_of_the_dialect_is_recognised(character: str, help: str) -> None:
    with pytest.raises(DtmfError) as caught:
        DIALECTS["vonage"].decode(character)
    assert caught.value.diagnostics[0].help == help


@pytest.mark.parametrize(
    ("dialect", "text", "help"),
    [
        ("jambonz", "12", "give each key as a string of its own"),
        ("twilio", "1" * 33, "cut it at a pause into several strings"),
        ("freeclimb", "1{9}2", "it takes 0 1 2 3 4 5 6 7 8 9 * # {1} to {6}"),
    ],
)
def test_a_wrong_string_has_a_way_out_that_fits_its_dialect(dialect: str, text: str, help: str) -> None:
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.get_dialect(dialect).decode(text)
    assert caught.value.diagnostics[0].help == help

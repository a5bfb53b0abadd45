"""Every step has its inverse: text and tree, tree and program, program and string, string and chunks."""

from __future__ import annotations

import re

import lark
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl.decompiler import read_strings
from dtmfdsl.dialects import DIALECTS, Dialect
from dtmfdsl.language import tree
from dtmfdsl.language.grammar import grammar_text
from dtmfdsl.program import Pause, Program, Tones

every_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)

GRAMMAR = lark.Lark(grammar_text(), parser="lalr")


# Text and tree


@given(strategies.scripts)
def test_every_node_knows_its_place(script: tree.Script) -> None:
    text = dtmfdsl.to_text(script)

    def look(node: object, start: int, end: int) -> None:
        if isinstance(node, tuple):
            for child in node:
                look(child, start, end)
        elif isinstance(node, tree.Node):
            assert start <= node.start < node.end <= end, node
            for name in (field for field in node.__match_args__ if field != "source"):
                look(getattr(node, name), node.start, node.end)

    parsed = dtmfdsl.parse(text)
    for item in parsed.body:
        look(item, 0, len(text))
        if not isinstance(item, tree.Blank | tree.Comment):
            again = dtmfdsl.parse(text[item.start : item.end]).body
            assert again == (item,)


# Tree and program


@given(strategies.programs())
def test_every_program_survives_lifting(program: Program) -> None:
    script = dtmfdsl.lift(program)
    assert dtmfdsl.lower(script) == program
    assert dtmfdsl.lower(dtmfdsl.parse(dtmfdsl.to_text(script))) == program


@given(strategies.programs(), strategies.programs(), st.integers(0, 3))
def test_programs_add_and_multiply_like_what_they_sound_like(one: Program, two: Program, times: int) -> None:
    assert (one + two).events == Program(one.events + two.events).events
    assert one * times == sum([one] * times, Program())
    assert (one + two).key_count == one.key_count + two.key_count
    assert (one + two).pause_ms == one.pause_ms + two.pause_ms
    silences = sum(step for step in one.steps() if isinstance(step, int))
    assert silences == one.pause_ms


# Program and string


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


@every_dialect
@given(data=st.data())
def test_a_reading_has_exactly_the_keys_and_silences_of_the_string(
    dialect: Dialect, data: st.DataObject
) -> None:
    string = data.draw(strategies.strings(dialect))
    steps: list[str | int] = []
    for run in re.findall(f"[{re.escape(dialect.keys)}]+|[^{re.escape(dialect.keys)}]+", string):
        lengths = [dict(dialect.pauses).get(character, 0) for character in run]
        steps.append(sum(lengths) or run)
    assert list(dialect.decode(string).steps()) == steps


# Program and chunks


@every_dialect
@given(data=st.data())
def test_chunks_are_legal_and_mean_the_program(dialect: Dialect, data: st.DataObject) -> None:
    program = data.draw(strategies.programs(dialect.keys, dialect.step_ms, longest=50))
    compiled = dtmfdsl.compile(program, dialect=dialect)
    pattern = re.compile(f"[{re.escape(dialect.characters)}]+")
    for text in compiled.texts:
        assert pattern.fullmatch(text)
        assert dialect.limit is None or len(text) <= dialect.limit
    assert bool(compiled.texts) == bool(program.steps())
    if compiled.texts:
        assert read_strings(compiled.texts, dialect).steps() == program.steps()


@every_dialect
@given(data=st.data())
def test_a_group_is_cut_only_if_it_must_be_and_a_warning_says_so(
    dialect: Dialect, data: st.DataObject
) -> None:
    program = data.draw(strategies.programs(dialect.keys, dialect.step_ms, longest=50))
    compiled = dtmfdsl.compile(program, dialect=dialect)
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
            gap = dialect.write_pause(event.every_ms)
            too_long += dialect.limit is not None and len(gap.join(event.keys)) > dialect.limit
            if dialect.limit is None or len(gap.join(event.keys)) <= dialect.limit:
                assert any(code.text == gap.join(event.keys) and code.whole for code in codes)
    assert position == len(whole)
    warned = [warning for warning in compiled.warnings if warning.code == "cut-group"]
    assert bool(warned) == bool(too_long)


@every_dialect
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


@every_dialect
@given(data=st.data())
def test_rounding_lengthens_by_less_than_a_step_and_tells(dialect: Dialect, data: st.DataObject) -> None:
    ms = data.draw(st.integers(1, 20_000))
    program = Program((Tones("1"), Pause(ms), Tones("2")))
    compiled = dtmfdsl.compile(program, dialect=dialect)
    after = read_strings(compiled.texts, dialect).pause_ms
    assert 0 <= after - ms < dialect.step_ms
    assert bool(compiled.warnings) == (after != ms)
    if after != ms:
        with pytest.raises(dtmfdsl.DtmfError) as caught:
            dtmfdsl.compile(program, dialect=dialect, rounding="error")
        assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["unwritable-pause"]

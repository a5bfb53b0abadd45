"""Text to tree: every node knows its place, and a mistake costs its own statement alone."""

from __future__ import annotations

import lark
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.lark import from_lark

import dtmfdsl
from dtmfdsl.language import tree
from dtmfdsl.language.grammar import grammar_text

GRAMMAR = lark.Lark(grammar_text(), parser="lalr")
SOUND = [
    "press 1",
    "wait 3s",
    "let a = 5",
    'press 2 for "two" // { }',
    "repeat 2 { press 3 }",
    "",
    "// wait 3",
]
WRONG = [
    "press x",
    "wait 3",
    "enter 5",
    "wait up to 3s for beep",
    "let Menu = 2",
    "1WWW,59#",
    "repeat 3 press 1",
]
"""Lines with one mistake each."""


def check_places(text: str, script: tree.Script) -> None:
    """Every node stands inside its parent, and every statement reads by itself as what it is."""

    def look(node: object, start: int, end: int) -> None:
        if isinstance(node, tuple):
            for child in node:
                look(child, start, end)
        elif isinstance(node, tree.Node):
            assert start <= node.start < node.end <= end, node
            for name in (field for field in node.__match_args__ if field != "source"):
                look(getattr(node, name), node.start, node.end)

    for item in script.body:
        look(item, 0, len(text))
        if not isinstance(item, tree.Blank | tree.Comment):
            assert dtmfdsl.parse(text[item.start : item.end]).body == (item,)


@given(strategies.scripts)
def test_every_node_knows_its_place(script: tree.Script) -> None:
    text = dtmfdsl.to_text(script)
    check_places(text, dtmfdsl.parse(text))


@given(from_lark(GRAMMAR))
def test_every_node_knows_its_place_in_any_layout(text: str) -> None:
    check_places(text, dtmfdsl.parse(text))


@given(strategies.scripts)
def test_a_comment_stands_where_it_was_written(script: tree.Script) -> None:
    text = dtmfdsl.to_text(script)
    for item in dtmfdsl.parse(text).body:
        if isinstance(item, tree.Comment):
            assert text[item.start : item.end] == f"//{item.text}"


@given(st.lists(st.sampled_from(SOUND + WRONG), max_size=12), st.sampled_from(["\n", "\r\n", "\r"]))
def test_a_mistake_costs_its_own_line_alone(lines: list[str], line_end: str) -> None:
    wrong = [number for number, line in enumerate(lines, 1) if line in WRONG]
    text = line_end.join(lines)
    if not wrong:
        assert len(dtmfdsl.parse(text).body) >= len([line for line in lines if line])
        return
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        dtmfdsl.parse(text)
    assert [found.span.position[0] for found in caught.value.diagnostics if found.span] == wrong


@given(st.lists(st.sampled_from(SOUND + WRONG), min_size=1, max_size=8), st.integers(0, 3))
def test_a_mistake_in_a_block_costs_its_own_line_alone(lines: list[str], depth: int) -> None:
    text = "repeat 2 {\n" * depth + "\n".join(lines) + "\n}" * depth
    wrong = [number for number, line in enumerate(lines, 1 + depth) if line in WRONG]
    try:
        dtmfdsl.parse(text)
    except dtmfdsl.DtmfError as error:
        assert [found.span.position[0] for found in error.diagnostics if found.span] == wrong
    else:
        assert not wrong


SPOKEN = [", ", ",", " then ", " and ", ", then ", ", and ", " and then ", " , and  then "]
UTTERED = [
    "press 1",
    "Press 2#",
    "press 1 every 2s",
    'Wait up to 3s for "then"',
    "login($a, 2)",
    "repeat 2 { Press 3 }",
]


@given(
    st.lists(st.tuples(st.sampled_from(UTTERED), st.sampled_from([*SPOKEN, ";", "\n"]))),
    st.sampled_from(UTTERED),
)
def test_what_is_spoken_between_statements_separates_as_a_semicolon_does(
    spoken: list[tuple[str, str]], last: str
) -> None:
    said = "".join(statement + separator for statement, separator in spoken) + last
    plain = "".join(statement + ";" for statement, _ in spoken) + last
    assert dtmfdsl.parse(said) == dtmfdsl.parse(plain)
    assert dtmfdsl.parse("repeat 1 {" + said + "}") == dtmfdsl.parse("repeat 1 {" + plain.lower() + "}")


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*UTTERED, "press x", "wait 3", "login(1, press 2)"]), st.sampled_from(SPOKEN)
        )
    ),
)
def test_a_mistake_costs_its_own_statement_alone_between_spoken_ones(spoken: list[tuple[str, str]]) -> None:
    text = "".join(statement + separator for statement, separator in spoken) + "press 1"
    wrong = [statement for statement, _ in spoken if statement not in UTTERED]
    if wrong:
        with pytest.raises(dtmfdsl.DtmfError) as caught:
            dtmfdsl.parse(text)
        assert len(caught.value.diagnostics) == len(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "press 1, 2",
        "press 1 and 2",
        "press 1,",
        "then press 1",
        "press 1 andpress 2",
        "Login()",
        "press 1, Login()",
    ],
)
def test_what_is_spoken_stands_only_between_statements(text: str) -> None:
    with pytest.raises(dtmfdsl.DtmfError):
        dtmfdsl.parse(text)


def test_a_byte_order_mark_is_not_part_of_a_script() -> None:
    assert dtmfdsl.parse("\ufeffpress 1") == dtmfdsl.parse("press 1")
    assert dtmfdsl.parse("\ufeffpress 1").body[0].start == 0


def test_a_tree_knows_its_source() -> None:
    source = dtmfdsl.Source("bank.dtmf", "press 1", "/there/bank.dtmf")
    parsed = dtmfdsl.parse(source).source
    assert (parsed.name, parsed.text, parsed.path) == (source.name, source.text, source.path)
    assert dtmfdsl.parse("press 1").source.name == "<script>"


def test_two_nodes_are_equal_wherever_they_stand() -> None:
    one, other = dtmfdsl.parse("press 123 // a\npress 123 // b").body[::2]
    assert one == other
    assert one.start != other.start

"""A text before it is read: its size, its characters, and where its statements begin and end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl import Diagnostic, DtmfError, limits

OPENING, CLOSING = "repeat 2 {", "}"


def found_in(text: str) -> list[Diagnostic]:
    try:
        dtmfdsl.parse(text)
    except DtmfError as error:
        return list(error.diagnostics)
    return []


def places(text: str) -> list[tuple[str, int, int]]:
    return [(found.code, *found.span.position) for found in found_in(text) if found.span]


@given(st.lists(st.sampled_from([OPENING, CLOSING, "press 1", 'press 2 for "{"', "// }"]), max_size=16))
def test_every_brace_without_a_partner_is_found(lines: list[str]) -> None:
    opened: list[int] = []
    expected: list[tuple[str, int, int]] = []
    for number, line in enumerate(lines, 1):
        if line == OPENING:
            opened.append(number)
        elif line == CLOSING and opened:
            opened.pop()
        elif line == CLOSING:
            expected.append(("unopened-block", number, 1))
    expected += [("unclosed-block", number, len(OPENING)) for number in opened]
    assert places("\n".join(lines)) == sorted(expected, key=lambda place: place[1])


@pytest.mark.parametrize(
    "text", ["press x", "press x // {", 'press x for "}"', "press x ${a}", "press x {{a}}"]
)
def test_a_brace_in_a_text_or_comment_or_template_opens_no_block(text: str) -> None:
    assert not [place for place in places(text) if place[0] in ("unopened-block", "unclosed-block")]
    assert places(text)


def test_blocks_nest_up_to_the_limit() -> None:
    def nested(depth: int) -> str:
        return "repeat 1 { " * depth + "press 1 // {\n" + "}" * depth

    assert found_in(nested(limits.NESTING)) == []
    assert places(nested(limits.NESTING + 1)) == [
        ("nested-too-deeply", 1, len("repeat 1 { ") * (limits.NESTING + 1) - 1)
    ]
    assert found_in(f'// {"{" * 60}\npress 1 for "{"{" * 60}"') == []


@pytest.mark.parametrize("character", ["/", "é", "☎"])
def test_the_size_of_a_script_counts_in_bytes(character: str) -> None:
    room = limits.SOURCE_BYTES - 2
    text = "//" + character * (room // len(character.encode()))
    assert found_in(text) == []
    assert [found.code for found in found_in(text + "/" * len(character.encode()))] == ["source-too-large"]


@given(
    st.lists(st.sampled_from(["press 1", "// ", 'press 2 for "', "\0", "\x0b", "\x1f", "\x7f", "\n", "\t"]))
)
def test_every_control_character_is_found_where_it_stands(pieces: list[str]) -> None:
    text = "".join(pieces)
    expected = [at for at, character in enumerate(text) if character in "\0\x0b\x1f\x7f"]
    found = [each.span.start for each in found_in(text) if each.code == "control-character" and each.span]
    assert found == expected


def test_half_a_character_is_found_where_it_stands() -> None:
    assert places("press 1\n// \ud800 x") == [("not-unicode", 2, 4)]


@pytest.mark.parametrize("value", [59, None, b"press 1", ["press 1"], 5.5], ids=repr)
@pytest.mark.parametrize("read", [dtmfdsl.parse, dtmfdsl.compile, dtmfdsl.format])
def test_only_text_is_a_script(read: Callable[[object], object], value: object) -> None:
    with pytest.raises(DtmfError) as caught:
        read(value)
    assert [found.code for found in caught.value.diagnostics] == ["not-text"]

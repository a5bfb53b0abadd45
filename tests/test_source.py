"""Places in a text: lines and columns, whatever ends a line."""

from __future__ import annotations

import re

import attrs
from hypothesis import given
from hypothesis import strategies as st

from dtmfdsl import Source, Span

texts = st.text(st.sampled_from("ab☎\t\r\n\u2028"), max_size=30)


@given(texts)
def test_every_offset_has_its_line_and_column(text: str) -> None:
    source = Source("s", text)
    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] == "\r\n":
            continue  # no place is inside a line end
        before = re.split(r"\r\n|\r|\n", text[:offset])
        assert source.position(offset) == (len(before), len(before[-1]) + 1)


@given(texts)
def test_a_line_is_its_text_without_its_end(text: str) -> None:
    source = Source("s", text)
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        assert source.line(number) == line


@given(texts, st.integers(0, 30), st.integers(0, 30))
def test_a_span_is_what_stands_there(text: str, start: int, length: int) -> None:
    source = Source("s", text)
    span = Span(source, start, start + length)
    assert span.text == text[start : start + length]
    assert span.position == source.position(start)
    assert str(span) == "s:{}:{}".format(*span.position)
    assert repr(span) == f"<Span {span}>"


def test_sources_are_compared_by_name_and_text_and_show_no_text() -> None:
    source = Source("s", "press 1", "/there/s")
    assert source == attrs.evolve(source, path=None)
    assert source != attrs.evolve(source, text="press 2")
    assert "press" not in repr(source)

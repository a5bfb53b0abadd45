"""Canonical layout: golden pairs in `cases/layout`, and the round trip of text and tree.

`NAME.dtmf` formats to `NAME.formatted.dtmf`. What these scripts mean stands in `cases/dialects.txt`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import lark
import pytest
import strategies
from hypothesis import given, settings
from hypothesis.extra.lark import from_lark

import dtmfdsl
from dtmfdsl.language.grammar import grammar_text
from dtmfdsl.language.tree import Script
from dtmfdsl.loader import read_file

LAYOUT = Path(__file__).parent / "cases" / "layout"
PAIRS = {
    path: path.with_suffix(".formatted.dtmf")
    for path in sorted(LAYOUT.glob("*.dtmf"))
    if path.suffixes != [".formatted", ".dtmf"]
}
GRAMMAR = lark.Lark(grammar_text(), parser="lalr")


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.stem)
def test_a_script_is_laid_out_as_in_its_golden_file(path: Path, golden: Callable) -> None:
    source = read_file(path)
    formatted = dtmfdsl.format(source)
    golden(PAIRS[path], formatted)
    assert dtmfdsl.format(formatted) == formatted
    assert dtmfdsl.parse(formatted) == dtmfdsl.parse(source)


def test_every_golden_file_has_its_script() -> None:
    assert {path for path in LAYOUT.glob("*") if path.is_file()} <= {*PAIRS, *PAIRS.values()}


@given(from_lark(GRAMMAR))
@settings(max_examples=150)
def test_every_text_of_the_grammar_survives_printing(text: str) -> None:
    script = dtmfdsl.parse(text)
    printed = dtmfdsl.to_text(script)
    assert dtmfdsl.parse(printed) == script
    assert dtmfdsl.format(printed) == printed


@given(from_lark(GRAMMAR))
@settings(max_examples=100)
def test_every_comment_survives_in_its_order(text: str) -> None:
    assert remarks(dtmfdsl.format(text)) == remarks(text)


def remarks(text: str) -> list[str]:
    """The comments of a text; a `//` inside quotes is none, nor a quote inside a comment."""
    marks = re.finditer(r'"(?:[^"\\]|\\.)*"|//([^\r\n]*)', text)
    return [mark[1].rstrip(" \t") for mark in marks if mark[1] is not None]


def test_a_spoken_script_is_written_a_line_a_step() -> None:
    spoken = (
        'Press 1 for "English", then wait 3s and login(1) // keep\nRepeat 2 { press 2, press 3 } and press 4'
    )
    assert dtmfdsl.format(spoken) == (
        'press 1 for "English"\nwait 3s\nlogin(1)  // keep\n'
        "repeat 2 {\n    press 2\n    press 3\n}\npress 4\n"
    )


@given(strategies.scripts)
def test_every_tree_survives_printing(script: Script) -> None:
    printed = dtmfdsl.to_text(script)
    assert dtmfdsl.parse(printed) == script
    assert dtmfdsl.format(printed) == printed

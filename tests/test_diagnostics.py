"""Diagnostics: how they are drawn, put in order, and found again as data."""

from __future__ import annotations

import pickle
import re
import unicodedata

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from dtmfdsl import Diagnostic, DtmfError, Note, Source, Span, limits, render
from dtmfdsl.diagnostics import clean, closest, did_you_mean, in_order

SCRIPT = Source("bank.dtmf", "press 1\n\npress a\n")
WRONG = Diagnostic("unknown-key", "`a` is not a key", Span(SCRIPT, 15, 16), help="write `A`")
PRINTED = strategies.LINE.filter(lambda character: character.isprintable() or character == "\t")
STYLE = re.compile(r"\033\[([0-9;]+)m(.*?)\033\[0m", re.DOTALL)


def cells(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


# Drawing


def test_a_diagnostic_shows_its_place_the_line_and_the_way_out() -> None:
    assert render(WRONG) == (
        "bank.dtmf:3:7: error: `a` is not a key [unknown-key]\n"
        "    3 | press a\n"
        "      |       ^\n"
        "  help: write `A`"
    )


def test_a_diagnostic_without_a_place_is_a_line() -> None:
    assert render(Diagnostic("bad-name", "it is so", severity="warning")) == "warning: it is so [bad-name]"


def test_a_note_shows_its_own_place() -> None:
    note = Note("it was this", Span(SCRIPT, 0, 5))
    shown = render(Diagnostic("bad-name", "it is so", notes=(note, Note("no place"))))
    assert shown == (
        "error: it is so [bad-name]\n"
        "  note: it was this (bank.dtmf:1:1)\n"
        "    1 | press 1\n"
        "      | ^^^^^\n"
        "  note: no place"
    )


@pytest.mark.parametrize(
    ("help", "suggestion", "shown"),
    [
        ("so it is", "A", "  help: write `A`; so it is"),
        ("write `A`", "A", "  help: write `A`"),
        (None, " A ", "  help: write `A`"),
        ("leave it out", "", "  help: leave it out"),
        (None, None, ""),
    ],
)
def test_a_suggestion_is_part_of_the_help(help: str | None, suggestion: str | None, shown: str) -> None:
    drawn = render(Diagnostic("bad-name", "m", help=help, suggestion=suggestion))
    assert drawn == f"error: m [bad-name]\n{shown}".rstrip()


@pytest.mark.parametrize(("severity", "style"), [("error", "31;1"), ("warning", "33;1")])
def test_colour_changes_nothing_but_the_colour(severity: str, style: str) -> None:
    notes = (Note("see here", Span(SCRIPT, 0, 5)),)
    diagnostic = Diagnostic("bad-name", "m", Span(SCRIPT, 15, 16), notes, "h", None, severity)  # type: ignore[arg-type]
    coloured = render(diagnostic, colour=True)
    assert STYLE.sub(r"\2", coloured) == render(diagnostic)
    painted = [(match[1], match[2]) for match in STYLE.finditer(coloured)]
    assert [(style, f"{severity}:"), (style, "^")] == [each for each in painted if each[0] == style]
    assert ("34;1", "^^^^^") in painted
    assert "\033" not in render(diagnostic)


@given(st.text(PRINTED, max_size=40), st.integers(0, 40), st.integers(0, 10))
def test_the_marks_stand_under_the_place(line: str, start: int, length: int) -> None:
    start = min(start, len(line))
    end = min(start + length, len(line))
    source = Source("s", f"first\n{line}\nlast")
    _, shown, marked = render(Diagnostic("bad-name", "m", Span(source, 6 + start, 6 + end))).split("\n")
    assert shown == "    2 | " + line.replace("\t", " ")
    place = line[start : max(end, start + 1)]  # of an empty place, the character after it is marked
    assert marked == "      | " + " " * cells(line[:start]) + "^" * max(1, cells(place))


@given(st.integers(0, 1996), st.integers(1, 300))
def test_of_a_long_line_the_place_is_shown(start: int, length: int) -> None:
    line = "".join(f"{number:04}" for number in range(500))
    span = Span(Source("s", line), start, min(start + length, len(line)))
    _, shown, marked = render(Diagnostic("bad-name", "m", span)).split("\n")
    assert len(shown) <= 108
    under = shown[marked.index("^") : marked.rindex("^") + 1]
    assert under
    assert span.text.startswith(under)
    assert len(under) == len(span.text) or len(shown) == len(marked)


def test_a_place_past_the_end_of_a_line_is_marked_after_it() -> None:
    shown = render(Diagnostic("bad-name", "m", Span(Source("s", "press\n"), 5, 5)))
    assert shown.splitlines()[1:] == ["    1 | press", "      |      ^"]


@given(st.text())
def test_nothing_shown_steers_a_terminal(text: str) -> None:
    assert clean(text).isprintable()
    shown = render(Diagnostic("bad-name", text, Span(Source(text, text), 0, 1), (Note(text),), text))
    assert all(line.isprintable() for line in shown.split("\n"))
    if text.isprintable():
        assert clean(text) == text


def test_a_very_long_text_is_cut() -> None:
    assert clean("x" * 600) == "x" * 600
    assert clean("x" * 601) == "x" * 600 + "…"


# As data


def test_a_diagnostic_as_plain_values() -> None:
    found = Diagnostic(
        "bad-name",
        "m",
        Span(SCRIPT, 9, 14),
        (Note("n", Span(SCRIPT, 0, 5)), Note("none")),
        "h",
        "s",
        "warning",
    )
    assert found.as_dict() == {
        "code": "bad-name",
        "severity": "warning",
        "message": "m",
        "file": "bank.dtmf",
        "line": 3,
        "column": 1,
        "end_line": 3,
        "end_column": 6,
        "notes": [
            {"message": "n", "file": "bank.dtmf", "line": 1, "column": 1, "end_line": 1, "end_column": 6},
            {"message": "none", "file": None},
        ],
        "help": "h",
        "suggestion": "s",
    }
    assert Diagnostic("bad-name", "m").as_dict()["help"] is None


def test_an_error_carries_all_of_its_diagnostics() -> None:
    other = Diagnostic("bad-name", "m")
    error = DtmfError([WRONG, other])
    assert error.diagnostics == (WRONG, other)
    assert str(error) == f"{render(WRONG)}\n{render(other)}"
    assert DtmfError(WRONG).diagnostics == (WRONG,)
    assert pickle.loads(pickle.dumps(error)).diagnostics == error.diagnostics
    of = DtmfError.of("bad-name", "m", WRONG.span, (Note("n"),), help="h", suggestion="s")
    assert of.diagnostics == (Diagnostic("bad-name", "m", WRONG.span, (Note("n"),), "h", "s"),)


# In order


def test_diagnostics_stand_file_by_file_from_top_to_bottom_and_once() -> None:
    one, other = Source("one", "12345"), Source("other", "12345")
    places = [(other, 3), (one, 2), (other, 1), (one, 4), (other, 3)]
    found = in_order(
        [Diagnostic("bad-name", "m", Span(*place, 5)) for place in places] + [Diagnostic("bad-kind", "m")]
    )
    assert [(each.span.source.name, each.span.start) if each.span else None for each in found] == [
        None, ("other", 1), ("other", 3), ("one", 2), ("one", 4),
    ]  # fmt: skip


@pytest.mark.parametrize("more", [0, 1, 50])
@pytest.mark.parametrize("severity", ["error", "warning"])
def test_of_very_many_diagnostics_the_first_are_kept(more: int, severity: str) -> None:
    many = [
        Diagnostic("bad-name", str(number), severity="warning") for number in range(limits.DIAGNOSTICS + more)
    ]
    many[1] = Diagnostic("bad-name", "1", severity=severity)  # type: ignore[arg-type]
    found = in_order(in_order(many))
    assert found[: limits.DIAGNOSTICS] == tuple(many[: limits.DIAGNOSTICS])
    assert [(each.code, each.severity) for each in found[limits.DIAGNOSTICS :]] == (
        [("too-many-mistakes", severity)] if more else []
    )


# What was meant


@given(strategies.names, st.lists(strategies.names))
def test_the_closest_word_is_the_word_itself_if_it_is_there(word: str, others: list[str]) -> None:
    assert closest(word, [*others, word]) == word
    assert closest(word, []) is None
    assert closest(word, [*others]) in (None, *others)


def test_a_word_is_found_again_through_a_slip() -> None:
    assert closest("repaet", ["press", "repeat", "wait"]) == "repeat"
    assert closest("xyz", ["press", "repeat", "wait"]) is None
    assert closest("repaet", ["repeat"], likeness=1) is None
    assert closest("a" * 40, ["a" * 40]) == "a" * 40
    assert closest("a" * 41, ["a" * 41]) is None
    assert closest("repaet", ["repeat", *(f"other{number}" for number in range(500))]) is None


def test_the_help_names_what_was_meant_or_what_there_is() -> None:
    assert did_you_mean("press", "there is none") == "did you mean `press`?"
    assert did_you_mean(None, "there is none") == "there is none"

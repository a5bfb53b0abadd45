"""What `fix` changes in a text, and what it never changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import scripts

import dtmfdsl
from dtmfdsl import Diagnostic, Source, Span, limits
from dtmfdsl.language import fixer, tree
from dtmfdsl.language.parser import read


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("press 1\n", "press 1\n"),
        ("Press 1; wait 3 // then\r\npress a", "Press 1; wait 3s // then\r\npress A"),
        ("repeat 2 {\n  press a\n  wait 3\n}\n", "repeat 2 {\n  press A\n  wait 3s\n}\n"),
        ("press 1; wait 3,5s; press O", "press 1; wait 3.5s; press 0"),
        ("repeat 3 press 1", "repeat 3 { press 1 }"),
        ("press a\0\nwait 3", "press A\0\nwait 3s"),
    ],
)
def test_suggestions_are_put_in_their_places(text: str, fixed: str) -> None:
    assert dtmfdsl.fix(text).text == fixed


def test_what_was_fixed_and_what_is_left() -> None:
    fixed = dtmfdsl.fix("press a\nif 1\nwait 3\n")
    assert [change.code for change in fixed.changes] == ["unknown-key", "missing-unit"]
    assert [str(change.span) for change in fixed.changes] == ["<script>:1:7", "<script>:3:6"]
    assert [mistake.span.start for mistake in fixed.left if mistake.span] == [fixed.text.index("if")]
    assert "press" not in repr(dtmfdsl.fix("press 1"))


def test_a_wrong_name_is_left_to_its_author() -> None:
    """A statement that can be read is never changed, though `$pni` has a suggestion of its own."""
    text = 'let pin = 1\npress $pni\nraw "1" as twilo\n'
    assert any(found.suggestion for found in dtmfdsl.check(text))
    assert dtmfdsl.fix(text) == dtmfdsl.Fixed(text)


def test_more_mistakes_than_are_reported_are_fixed_all_the_same() -> None:
    count = limits.DIAGNOSTICS * 4
    fixed = dtmfdsl.fix("wait 3\n" * count)
    assert fixed.text == "wait 3s\n" * count
    assert len(fixed.changes) == count
    assert not fixed.left


def test_of_a_long_text_only_some_mistakes_are_fixed_at_once() -> None:
    text = "wait 3\n" * (limits.SOURCE_BYTES // 10)
    fixed = dtmfdsl.fix(text)
    assert len(fixed.changes) == len(fixed.more) == limits.DIAGNOSTICS
    assert fixed.text.startswith("wait 3s\n" * limits.DIAGNOSTICS + "wait 3\n")
    assert fixed.more[0].span is not None
    assert fixed.more[0].span.position == (limits.DIAGNOSTICS + 1, 6)


def suggesting(monkeypatch: pytest.MonkeyPatch, wrong: str, right: str) -> None:
    """A language whose way out of `wrong` is `right`, good or bad."""

    def read_so(source: Source) -> object:
        parsed = read(source)
        found = [
            Diagnostic("unexpected-text", "", Span(source, at, at + len(wrong)), suggestion=right)
            for at in range(len(source.text))
            if source.name and source.text.startswith(wrong, at)
        ]
        return type(parsed)(parsed.script, (*parsed.diagnostics, *found) if found else parsed.diagnostics)

    monkeypatch.setattr(fixer, "read", read_so)


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        ("press ? x; press 2", "? x", "1 // x"),  # a comment would swallow the rest
        ("repeat 2 { press ? }", "?", "1 // x"),
        ("press ?; press 2", "?", '1 for "x'),  # and so would an open text
        ("press ?\npress 2\n", "press ?", "repeat 2 {"),  # what follows would be repeated
        ("repeat 2 { press ?\npress 2 }\n", "?", "1 }"),  # or no longer be
        ("press ?\n", "press ?\n", "press 1"),  # not in one statement
        ("press 1\npress ?\n", "press 1\npress ?", "press 2"),
        ("press 1\npress ?\n", "press 1", "press 2"),  # in one that can be read
    ],
)
def test_a_suggestion_that_reaches_out_of_its_statement_is_left_out(
    text: str, wrong: str, right: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    suggesting(monkeypatch, wrong, right)
    assert dtmfdsl.fix(text).text == text


def test_a_suggestion_of_several_lines_takes_the_layout_of_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    suggesting(monkeypatch, "press 1 ? 2", "press 1\nwait 3s\npress 2")
    fixed = dtmfdsl.fix("press 5\r\nrepeat 2 {\r\n\tpress 1 ? 2\r\n}\r\n").text
    assert fixed == "press 5\r\nrepeat 2 {\r\n\tpress 1\r\n\twait 3s\r\n\tpress 2\r\n}\r\n"


def test_a_suggestion_that_leaves_a_mistake_is_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    suggesting(monkeypatch, "?", "??")
    fixed = dtmfdsl.fix("press ?")
    assert (fixed.text, fixed.changes) == ("press ?", ())


SPOILED = [
    str.capitalize,
    str.upper,
    lambda line: line.replace(" ", "  , ", 1),
    lambda line: f"{line}.",
    lambda line: f"please {line}",
    lambda line: f"{line} then {line}",
    lambda line: f"{line} # {line}",
    lambda line: f"1. {line}",
    lambda line: line.replace("s", "", 1),
    lambda line: line.replace("1", "one"),
    lambda line: line.replace('"', "“", 1),
    lambda line: line.replace("press ", "press", 1),
    lambda line: line.replace("{", "", 1),
    lambda line: f"{line} and wait 3",
    lambda line: line[:-1],
    lambda line: f"{line}; press a; wait 2,5s",
]


def statements(body: tuple[tree.Item, ...]) -> Iterator[tree.Item]:
    for item in body:
        if isinstance(item, tree.Repeat | tree.Define):
            yield from statements(item.body)
        elif not isinstance(item, tree.Blank):
            yield item


def readable(text: str) -> list[str]:
    """The statements and comments that can be read, to the letter."""
    return [text[item.start : item.end] for item in statements(read(Source("", text)).script.body)]


@given(scripts, st.data())
def test_what_can_be_read_stays_to_the_letter(script: tree.Script, data: st.DataObject) -> None:
    lines = dtmfdsl.to_text(script).splitlines()
    for _ in range(data.draw(st.integers(1, 3)) if lines else 0):
        at = data.draw(st.integers(0, len(lines) - 1))
        lines[at] = data.draw(st.sampled_from(SPOILED))(lines[at])
    text = data.draw(st.sampled_from(["\n", "\r\n"])).join(lines)
    fixed = dtmfdsl.fix(text)
    after = iter(readable(fixed.text))
    assert all(any(now == before for now in after) for before in readable(text))
    assert (fixed.text == text) == (not fixed.changes)
    assert dtmfdsl.fix(fixed.text).text == fixed.text, "nothing more can be done"
    if not fixed.left:
        assert dtmfdsl.parse(fixed.text)


@pytest.mark.parametrize(
    ("typed", "fixed"),
    [
        ("```dtmf\npress 1\n```", "\npress 1\n"),
        ("`param pin: 4 digits`", "param pin: 4 digits"),
        ("wait 4s  # greeting", "wait 4s  // greeting"),
        ("hang up # done", "hang up // done"),
        ("call +19195550177 # support line", "call +19195550177 // support line"),
        ("/* language menu */ press 2", "press 2  // language menu"),
        ("<!-- main menu -->", "// main menu"),
        ("; main menu", "; // main menu"),
        ("## Steps", "// Steps"),
        ("wait 4s # 5", None),
        ("wait 4s # then pound", None),
        ("wait 4s # press star", None),
        ("press 1 # english", None),
        ("press 1; english", None),
        ("; dial the operator", None),
        ("; gate 5", None),
        ("repete 3 { press 1 }", "repeat 3 { press 1 }"),
        ("repeat(3) { press 1 }", "repeat 3 { press 1 }"),
        ("for (int i = 0; i < 3; i++) { press 1 }", "repeat 3 { press 1 }"),
        ("for (i=1;i<=3;++i) { press 1 }", "repeat 3 { press 1 }"),
        ("for (i=0;i<=3;i++) { press 1 }", None),
        ("for (i=0;i<3;i+=2) { press 1 }", None),
        ("PRESS=1; WAIT=3s", "press 1; wait 3s"),
    ],
)
def test_the_marks_of_other_languages_are_taken_for_ours(typed: str, fixed: str | None) -> None:
    assert dtmfdsl.fix(typed).text == (typed if fixed is None else fixed)


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ('sleep(2); dtmf("4#")', "wait 2s; press 4#"),
        ("repeat 2 { pause(500ms) }", "repeat 2 { wait 500ms }"),
        ("sleep(2000)", None),  # seconds, or milliseconds?
        ("sleep(1, 2)", None),
        ("usleep(500000)", None),
        ("login(2)", None),
        ("define sleep(x) { wait 1s }\nsleep(2)", None),
        ("sleep(2)\ndefine sleep(x) { wait 1s }", None),
        ("define sleep(x) { wait 1s }\nrepeat 2 { sleep(2) }\npress a", None),
        ('use "steps.dtmf"\nsleep(2)', None),
    ],
)
def test_a_call_of_what_nobody_defines_may_be_a_verb(text: str, fixed: str | None) -> None:
    assert dtmfdsl.fix(text).text == (text.replace("press a", "press A") if fixed is None else fixed)

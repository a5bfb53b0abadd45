"""What people type in place of a script comes out of the fixer as the script that they meant, or is left."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from sentences import Sentence, Verdict, judge, read_sentences

import dtmfdsl

HEADER, SENTENCES = read_sentences(Path(__file__).parent / "data" / "sentences.txt")

RIGHT = 96
"""At least this many of the hundred must come out right. Raise it when more do."""


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    """How every sentence comes out."""
    return [judge(HEADER, sentence) for sentence in SENTENCES]


def show(verdicts: list[Verdict]) -> str:
    """The counts, and the sentences that did not come out right."""
    counts = Counter(verdict.kind for verdict in verdicts)
    letters = sum(verdict.to_the_letter for verdict in verdicts)
    return "\n".join(
        [f"{dict(counts)}, {letters} to the letter"]
        + [
            f"{verdict.kind}: {verdict.sentence.typed!r}\n"
            f"    came out as {verdict.fixed!r}\n    was meant as {verdict.sentence.meant!r}"
            for verdict in verdicts
            if verdict.kind != "right"
        ]
    )


def test_most_sentences_come_out_as_the_script_that_was_meant(verdicts: list[Verdict]) -> None:
    assert sum(verdict.kind == "right" for verdict in verdicts) >= RIGHT, show(verdicts)


def test_no_sentence_comes_out_as_another_script(verdicts: list[Verdict]) -> None:
    assert not [verdict for verdict in verdicts if verdict.kind == "wrong"], show(verdicts)


def test_there_are_a_hundred_sentences_and_most_have_a_script() -> None:
    assert len({sentence.typed for sentence in SENTENCES}) == len(SENTENCES) == 100
    assert sum(sentence.meant is not None for sentence in SENTENCES) >= 80


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence.typed)
def test_what_was_meant_is_a_script_in_canonical_form(sentence: Sentence) -> None:
    if sentence.meant is not None:
        assert dtmfdsl.format(sentence.meant) == f"{sentence.meant}\n"
        assert judge(HEADER, Sentence(sentence.meant, sentence.meant)).to_the_letter


@pytest.mark.parametrize(
    ("typed", "meant", "kind"),
    [
        ("press 12", "press 1\npress 2", "right"),
        ("press 1 every 1s", "press 1", "right"),
        ("press 12 every 1s", "press 1\nwait 1s\npress 2", "right"),
        ('press 1 for "Billing"', 'press 1 for "the billing"', "right"),
        ('press 1 for "billing"', "press 1", "label"),
        ("press 1", "press 12", "wrong"),
        ("press 1", None, "wrong"),
        ("press 1; wait 2s", "press 1", "wrong"),
        ("press 1; hang up", "press 1", "wrong"),
        ("call 1; press 1", "press 1", "wrong"),
        ('wait up to 2s for "a"', "wait 2s", "wrong"),
        ("if 1", "press 1", "left"),
        ("if 1", None, "right"),
    ],
)
def test_a_sentence_is_judged_by_what_it_plays(typed: str, meant: str | None, kind: str) -> None:
    assert judge(HEADER, Sentence(typed, meant)).kind == kind

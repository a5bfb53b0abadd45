"""Patterns that the rules share. They are text, which `re` compiles when a rule first needs it."""

from __future__ import annotations

from collections.abc import Iterable

from dtmfdsl.language.verbs import NAME as NAME

WORD = r"[^\W\d]\w*"
STRING = r'"(?:[^"\\]|\\.)*"'
NUMBER = r"[0-9]+(?:\.[0-9]+)?"


def any_of(words: Iterable[str]) -> str:
    """The pattern of one of some words, whole."""
    return rf"(?:{'|'.join(words)})(?!\w)"


def any_case_of(words: Iterable[str]) -> str:
    """The same in capitals too."""
    return rf"(?ai:{'|'.join(words)})(?!\w)"

"""Words that the rooms of a language share: what a statement may begin with, and a placeholder."""

from __future__ import annotations

VERBS = (
    *("press", "wait", "pace", "repeat", "let", "param", "secret", "define", "use", "raw", "call"),
    *("expect", "go", "phone", "hang"),
)
"""The words that begin a statement."""

AGAIN, HANG_UP = "again", "hang up"
"""The targets of a map that are no places."""

NAME = "[a-z][a-z0-9_]*"
"""The pattern of a name."""

WHOSE = "…"
"""Stands for the dialect of a dial string in a help, until it is known which one was asked for."""

"""What a statement may begin with: a verb, or the name of a define."""

from __future__ import annotations

VERBS = ("press", "wait", "pace", "repeat", "let", "param", "secret", "define", "use", "raw", "call", "hang")
"""The words that begin a statement."""

NAME = "[a-z][a-z0-9_]*"
"""The pattern of a name."""

"""The command line in a line of a test."""

from __future__ import annotations

import io
import sys

import pytest


def feed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Makes a text the standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

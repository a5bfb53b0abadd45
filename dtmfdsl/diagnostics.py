"""What is wrong, where, and the way out: data until `render` draws it.

Everything an author can do wrong raises `DtmfError` with all of its diagnostics.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Literal

import attrs

from dtmfdsl import limits
from dtmfdsl.source import Span

_WIDTH = 100
_CANDIDATES = 500
_DEFAULT = r"\bsecret\b[^=;]*=([^;]*)"


@attrs.frozen
class Note:
    """A further sentence, with the place it speaks of if there is one."""

    message: str
    span: Span | None = None


@attrs.frozen
class Diagnostic:
    """One mistake or warning.

    `code` is stable and explained by `dtmfdsl explain CODE`. `span` is None where no script is at hand
    (a value from outside, an argument of the Python API). `help` is the way out in words; `suggestion`
    is the text to put in place of the span, where one is likely.
    """

    code: str
    message: str
    span: Span | None = None
    notes: tuple[Note, ...] = ()
    help: str | None = None
    suggestion: str | None = None
    severity: Literal["error", "warning"] = "error"

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values for JSON. Lines and columns count from 1, `end` is exclusive."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            **_place(self.span),
            "notes": [{"message": note.message, **_place(note.span)} for note in self.notes],
            "help": self.help,
            "suggestion": self.suggestion,
        }


class DtmfError(Exception):
    """Everything that was found wrong in one run, in the order of the script."""

    def __init__(self, diagnostics: Iterable[Diagnostic] | Diagnostic):
        found = (diagnostics,) if isinstance(diagnostics, Diagnostic) else tuple(diagnostics)
        super().__init__(found)
        self.diagnostics: tuple[Diagnostic, ...] = found

    def __str__(self) -> str:
        return "\n".join(render(diagnostic) for diagnostic in self.diagnostics)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Diagnostics file by file in the order they were met, each file's from top to bottom, none twice."""
    unique = list(dict.fromkeys(diagnostics))
    files = list(dict.fromkeys(d.span.source.name for d in unique if d.span))
    unique.sort(key=lambda d: (files.index(d.span.source.name), d.span.start) if d.span else (-1, 0))
    if len(unique) > limits.DIAGNOSTICS:
        rest = len(unique) - limits.DIAGNOSTICS
        errors = any(each.severity == "error" for each in unique)
        unique[limits.DIAGNOSTICS :] = [
            Diagnostic(
                "too-many-mistakes",
                f"{rest} more are not shown",
                help="mend these first",
                severity="error" if errors else "warning",
            )
        ]
    return tuple(unique)


def render(diagnostic: Diagnostic, colour: bool = False) -> str:
    """Draws a diagnostic: place and sentence, the source line with the place underlined, then the way out.

    bank.dtmf:3:7: error: `a` is not a key [unknown-key]
      3 | press a
        |       ^
      help: write `A`: the tones A-D are upper case
    """
    paint = _paint if colour else _plain
    tone = "31;1" if diagnostic.severity == "error" else "33;1"
    place = f"{clean(str(diagnostic.span))}: " if diagnostic.span else ""
    lines = [
        paint("1", place) + paint(tone, f"{diagnostic.severity}:") + f" {clean(diagnostic.message)} "
        f"[{diagnostic.code}]"
    ]
    if diagnostic.span:
        lines += _snippet(diagnostic.span, paint, tone)
    for note in diagnostic.notes:
        where = f" ({clean(str(note.span))})" if note.span else ""
        lines.append("  " + paint("1", "note:") + f" {clean(note.message)}{where}")
        if note.span:
            lines += _snippet(note.span, paint, "34;1")
    if diagnostic.help:
        lines.append("  " + paint("32;1", "help:") + f" {clean(diagnostic.help)}")
    return "\n".join(lines)


def clean(text: str) -> str:
    """Text that cannot steer a terminal: what is not printable becomes a replacement character."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `word` was probably meant to be, or None."""
    likely = [each for each in candidates if abs(len(each) - len(word)) <= 3][-_CANDIDATES:]
    return next(iter(get_close_matches(word, likely, 1, 0.6)), None)


def _snippet(span: Span, paint: Any, tone: str) -> list[str]:
    """The source line and its underline; a long line is shown around the place."""
    number, column = span.position
    line = _without_secrets(span.source.line(number)).replace("\t", " ")
    start = min(column - 1, len(line))
    length = max(1, min(span.end - span.start, len(line) - start))
    first = max(0, start - _WIDTH // 2) if len(line) > _WIDTH else 0
    shown = line[first : first + _WIDTH]
    start -= first
    length = min(length, max(1, len(shown) - start))
    gutter = f"{number:>5} | "
    indent = " " * _cells(shown[:start])
    mark = "^" * max(1, _cells(shown[start : start + length]))
    return [
        paint("2", gutter) + clean(shown),
        paint("2", " " * 5 + " | ") + indent + paint(tone, mark),
    ]


def _without_secrets(line: str) -> str:
    """The line with the default of a `secret` masked: it is an error to write one, but it may be real."""
    if found := re.search(_DEFAULT, line):
        start, end = found.span(1)
        line = line[:start] + re.sub(r"[^\s]", "•", line[start:end]) + line[end:]
    return line


def _cells(text: str) -> int:
    """How many columns of a terminal a text takes; full-width characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _paint(style: str, text: str) -> str:
    return f"\033[{style}m{text}\033[0m" if text else ""


def _plain(style: str, text: str) -> str:
    return text


def _place(span: Span | None) -> dict[str, Any]:
    if not span:
        return {"file": None}
    line, column = span.position
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }

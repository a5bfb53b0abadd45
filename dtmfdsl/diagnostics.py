"""What is wrong, where, and the way out: data until `render` draws it.

Everything an author can do wrong raises `DtmfError` with all of its diagnostics.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Literal, Self, TypeAlias

import attrs

from dtmfdsl import limits
from dtmfdsl.source import Span

_WIDTH = 100
_CANDIDATES = 500
_LONG_WORD = 40
_LONGEST = 600


Severity: TypeAlias = Literal["error", "warning"]


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
    severity: Severity = "error"

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values for JSON. Lines and columns count from 1, `end` is exclusive."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": clean(self.message),
            **_place(self.span),
            "notes": [{"message": clean(note.message), **_place(note.span)} for note in self.notes],
            "help": self.help and clean(self.help),
            "suggestion": self.suggestion,
        }


class DtmfError(Exception):
    """Everything that was found wrong in one run, in the order of the script."""

    def __init__(self, diagnostics: Iterable[Diagnostic] | Diagnostic):
        found = (diagnostics,) if isinstance(diagnostics, Diagnostic) else tuple(diagnostics)
        super().__init__(found)
        self.diagnostics: tuple[Diagnostic, ...] = found

    @classmethod
    def of(
        cls,
        code: str,
        message: str,
        span: Span | None = None,
        notes: tuple[Note, ...] = (),
        *,
        help: str | None = None,
        suggestion: str | None = None,
    ) -> Self:
        """The error of a single mistake."""
        return cls(Diagnostic(code, message, span, notes, help, suggestion))

    def __str__(self) -> str:
        return "\n".join(render(diagnostic) for diagnostic in self.diagnostics)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Diagnostics file by file in the order they were met, each file's from top to bottom, none twice.

    Of very many, the first are kept, and a last one says that there are more.
    """
    found = list(dict.fromkeys(diagnostics))
    unique = [each for each in found if each.code != "too-many-mistakes"]
    files = list(dict.fromkeys(d.span.source.name for d in unique if d.span))
    unique.sort(key=lambda d: (files.index(d.span.source.name), d.span.start) if d.span else (-1, 0))
    kept = unique[: limits.DIAGNOSTICS]
    if len(unique) > len(kept) or len(unique) < len(found):
        severity: Severity = "error" if any(each.severity == "error" for each in unique) else "warning"
        message = f"there are more than these {limits.DIAGNOSTICS}"
        kept.append(Diagnostic("too-many-mistakes", message, help="fix these first", severity=severity))
    return tuple(kept)


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
    help, suggestion = diagnostic.help or "", diagnostic.suggestion
    if suggestion and suggestion.strip() and suggestion.strip() not in help:
        help = f"write `{suggestion.strip()}`" + (f"; {help}" if help else "")
    if help:
        lines.append("  " + paint("32;1", "help:") + f" {clean(help)}")
    return "\n".join(lines)


def clean(text: str) -> str:
    """Text that cannot steer a terminal: what is not printable becomes a replacement character."""
    text = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)


def closest(word: str, candidates: Iterable[str], likeness: float = 0.6) -> str | None:
    """The candidate that `word` was probably meant to be, or None; `likeness` 1 is the word itself."""
    if len(word) > _LONG_WORD:  # difflib's time grows with the square of the length
        return None
    likely = [each for each in candidates if abs(len(each) - len(word)) <= max(3, len(word) // 2)]
    return next(iter(get_close_matches(word, likely[-_CANDIDATES:], 1, likeness)), None)


def did_you_mean(meant: str | None, otherwise: str) -> str:
    """The help for an unknown word: the `closest` known one, or else what there is."""
    return f"did you mean `{meant}`?" if meant else otherwise


def _snippet(span: Span, paint: Any, tone: str) -> list[str]:
    """The source line and its underline; a long line is shown around the place."""
    number, column = span.position
    line = span.source.line(number).replace("\t", " ")
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
        "file": clean(span.source.name),
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }

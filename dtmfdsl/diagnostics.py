"""What is wrong, where, and how to fix it: data until `render` draws it.

Every mistake of an author raises `DtmfError`, which carries all of the diagnostics.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, Literal, Self, TypeAlias

import attrs

from dtmfdsl import limits
from dtmfdsl.printable import printable
from dtmfdsl.source import Span

_SNIPPET_CHARACTERS = 100
_SENTENCE_CHARACTERS = 600
_WORD_CHARACTERS = 40
_CANDIDATES = 500

Severity: TypeAlias = Literal["error", "warning"]
Paint: TypeAlias = Callable[[str, str], str]
"""Puts a terminal's style, such as `31;1`, around a text; without colour, returns the text alone."""


@attrs.frozen
class Note:
    """A further sentence, and the place it is about if there is one."""

    message: str
    span: Span | None = None


@attrs.frozen
class Diagnostic:
    """One mistake or warning.

    `code` is stable, and `dtmfdsl explain CODE` explains it. `span` is None if there is no script: for a
    value from outside, or an argument of the Python API. `help` tells in words how to fix it; `suggestion`
    is the text to put in place of the span, or None.
    """

    code: str
    message: str
    span: Span | None = None
    notes: tuple[Note, ...] = ()
    help: str | None = None
    suggestion: str | None = None
    severity: Severity = "error"

    def masked(self) -> Self:
        """The diagnostic as it may be shown: what may be secret in its script, as bullets.

        A suggestion that would repeat it is only part of the help, and masked there.
        """
        if self.span is None:
            return self
        hide = self.span.source.masked
        message, help, suggestion = hide(self.message), self.help, self.suggestion
        if suggestion and hide(suggestion, quoting=False) != suggestion:
            help, suggestion = self.way_out, None
        notes = tuple(attrs.evolve(note, message=hide(note.message)) for note in self.notes)
        return attrs.evolve(
            self, message=message, notes=notes, help=help and hide(help), suggestion=suggestion
        )

    @property
    def way_out(self) -> str:
        """The help, with the suggestion before it if it is not in it."""
        help, written = self.help or "", "; ".join((self.suggestion or "").strip().splitlines())
        if not written or written in help:
            return help
        return f"write `{written}`" + (f"; {help}" if help else "")

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, to the letter: whoever shows them on a terminal escapes or cleans them.

        Lines and columns count from 1, and the end is not in the span. What may be secret is masked.
        """
        self = self.masked()
        return {
            "code": self.code,
            "severity": self.severity,
            "message": _cut(self.message),
            **_place(self.span),
            "notes": [{"message": _cut(note.message), **_place(note.span)} for note in self.notes],
            "help": self.help and _cut(self.help),
            "suggestion": self.suggestion,
        }


class DtmfError(Exception):
    """All mistakes found in one run, in the order of the script. `str()` of it draws them."""

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
    """Diagnostics without repetition, file by file, each file from top to bottom.

    At most `limits.DIAGNOSTICS` are kept; of more, a last diagnostic reports it.
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


def render(diagnostic: Diagnostic, colour: bool = False, width: int | None = None) -> str:
    """Draws a diagnostic: place and sentence, the source line with the place underlined, and the help.

    bank.dtmf:3:7: error: `a` is not a key [unknown-key]
      3 | press a
        |       ^
      help: write `A`: the tones A-D are upper case

    Sentences go on in the next line where `width` columns are full; a word or file name is never broken.
    """

    diagnostic = diagnostic.masked()

    def paint(style: str, text: str) -> str:
        return f"\033[{style}m{text}\033[0m" if colour and text else text

    severity = "31;1" if diagnostic.severity == "error" else "33;1"
    place = f"{clean(str(diagnostic.span))}: " if diagnostic.span else ""
    sentence = f"{clean(diagnostic.message)} [{diagnostic.code}]"
    indent = len(place) + len(diagnostic.severity) + 1
    head = paint("1", place) + paint(severity, f"{diagnostic.severity}:")
    lines = [head + _filled(sentence, indent, 4, width)]
    if diagnostic.span:
        lines += _snippet(diagnostic.span, paint, severity, width)
    for note in diagnostic.notes:
        where = f" ({clean(str(note.span))})" if note.span else ""
        lines.append("  " + paint("1", "note:") + _filled(clean(note.message) + where, 7, 8, width))
        if note.span:
            lines += _snippet(note.span, paint, "34;1", width)
    if help := diagnostic.way_out:
        lines.append("  " + paint("32;1", "help:") + _filled(clean(help), 7, 8, width))
    return "\n".join(lines)


def _filled(text: str, used: int, indent: int, width: int | None) -> str:
    """A sentence after `used` columns of its line, broken only at blanks, later lines with an indent."""
    if width is None:
        return f" {text}"
    lines = [""]
    for word in text.split(" "):
        if used + 1 + _cells(word) > width and used > indent:
            lines.append(" " * (indent - 1))
            used = indent - 1
        lines[-1] += f" {word}"
        used += 1 + _cells(word)
    return "\n".join(lines)


def clean(text: str) -> str:
    """A `printable` text, cut after 600 characters."""
    return printable(_cut(text))


def _cut(text: str) -> str:
    return text if len(text) <= _SENTENCE_CHARACTERS else text[:_SENTENCE_CHARACTERS] + "…"


def closest(word: str, candidates: Iterable[str], likeness: float = 0.6) -> str | None:
    """The candidate that `word` was probably meant to be, or None; `likeness` 1 is the word itself."""
    if len(word) > _WORD_CHARACTERS:  # difflib's time grows with the square of the length
        return None
    likely = [each for each in candidates if abs(len(each) - len(word)) <= max(3, len(word) // 2)]
    return next(iter(get_close_matches(word, likely[-_CANDIDATES:], 1, likeness)), None)


def did_you_mean(meant: str | None, otherwise: str) -> str:
    """The help for an unknown word: the `closest` known one, or else a list of what there is."""
    return f"did you mean `{meant}`?" if meant else otherwise


def _snippet(span: Span, paint: Paint, style: str, width: int | None) -> list[str]:
    """The source line and its underline; of a long line, the part around the place."""
    most = _SNIPPET_CHARACTERS if width is None else min(max(width - 8, 12), _SNIPPET_CHARACTERS)
    number, column = span.position
    line = span.source.line(number).replace("\t", " ")
    start = min(column - 1, len(line))
    first = max(0, start - most // 2) if len(line) > most else 0
    shown = line[first : first + most]
    start -= first
    marked = shown[start : start + max(1, span.end - span.start)]
    mark = " " * _cells(shown[:start]) + paint(style, "^" * max(1, _cells(marked)))
    return [paint("2", f"{number:>5} | ") + clean(shown), paint("2", "      | ") + mark]


def _cells(text: str) -> int:
    """A text's columns in a terminal. Wide and full-width characters take two (Unicode Annex 11)."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _place(span: Span | None) -> dict[str, Any]:
    if not span:
        return {"file": None}
    place: dict[str, Any] = {"file": span.source.name}
    place["line"], place["column"] = span.position
    place["end_line"], place["end_column"] = span.source.position(span.end)
    return place

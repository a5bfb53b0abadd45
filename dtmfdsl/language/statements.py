"""A text before it is read: whether it is fit to be, and where its statements begin and end.

The parser needs this only for a text with mistakes in it, to look at each statement by itself.
"""

from __future__ import annotations

import re
from itertools import islice

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic
from dtmfdsl.source import Source, Span

CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"

# Patterns are text, which `re` compiles when a script first needs them: most have no mistakes.
# A text in quotes, even one that its line leaves open; a comment; other languages' `${name}`; the rest.
_OTHERS = r'"[^"\\\r\n]*+(?:\\.[^"\\\r\n]*+)*+"?|//[^\r\n]*+|\$\{\w*\}|#\{\w*\}|\{\{\w*\}\}'
# Each alternative begins with a plain character, which lets `re` skip the others three times as fast.
_BRACES = rf"{_OTHERS}|\{{|\}}"
_MARKS = rf"{_BRACES}|\r|\n|;"


class Piece:
    """One statement as text, or the head of one that opens a block, up to and with its `{`.

    `closing` is the offset of the matching `}`. An `unmatched` piece is a brace without its partner.
    """

    def __init__(self, source: Source, start: int, end: int, opens: bool = False, unmatched: bool = False):
        self.source, self.start, self.end = source, start, end
        self.opens, self.unmatched = opens, unmatched
        self.closing: int | None = None

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def extent(self) -> list[tuple[int, int]]:
        """The stretches to leave out when this piece cannot be read."""
        return [(self.start, self.end)] + ([(self.closing, self.closing + 1)] if self.closing else [])


def unreadable(source: Source) -> Diagnostic | None:
    """What makes a text unfit to be read at all: size, broken characters, blocks too deep."""
    text = source.text
    try:
        size = len(text) if text.isascii() else len(text.encode())
    except UnicodeEncodeError as error:
        return Diagnostic(
            "not-unicode",
            f"half a character (a lone surrogate, U+{ord(text[error.start]):04X}) stands here",
            Span(source, error.start, error.start + 1),
            help="the text was decoded wrongly before it came here: read it as UTF-8",
        )
    if size > limits.SOURCE_BYTES:
        return Diagnostic(
            "source-too-large",
            f"this script has {size:,} bytes; at most {limits.SOURCE_BYTES:,} are read",
            Span(source, 0, 0),
            help="move parts of it into other files and `use` them",
        )
    if text.count("{") > limits.NESTING:
        depth = 0
        for mark in re.finditer(_BRACES, text):
            depth += {"{": 1, "}": -1}.get(mark[0], 0)
            if depth > limits.NESTING:
                return Diagnostic(
                    "nested-too-deeply",
                    f"blocks are nested more than {limits.NESTING} deep here",
                    Span(source, *mark.span()),
                    help="give an inner block a name with `define` and call it",
                )
    return None


def control_characters(source: Source) -> list[Diagnostic]:
    """Every control character in a text; none may stand anywhere, not even in a comment."""
    return [
        Diagnostic(
            "control-character",
            f"an invisible control character (U+{ord(found[0]):04X}) stands here",
            Span(source, *found.span()),
            help="delete it, and type the line anew",
        )
        for found in islice(re.finditer(CONTROLS, source.text), limits.DIAGNOSTICS + 1)
    ]


def pieces(source: Source) -> tuple[list[Piece], list[Diagnostic]]:
    """A text cut into its statements, and the braces that have no partner."""
    found: list[Piece] = []
    open_heads: list[int] = []
    diagnostics: list[Diagnostic] = []
    start = 0

    def take(end: int, opens: bool = False) -> None:
        text = source.text[start:end]
        if text.strip(" \t"):
            left = start + len(text) - len(text.lstrip(" \t"))
            found.append(Piece(source, left, end if opens else start + len(text.rstrip(" \t")), opens))

    for mark in re.finditer(_MARKS, source.text):
        if len(diagnostics) > limits.DIAGNOSTICS:
            break
        if mark[0][0] == '"' or "{" in mark[0][:-1]:
            continue
        if mark[0] == "{":
            take(mark.end(), opens=True)
            open_heads.append(len(found) - 1)
        else:
            take(mark.start())
        if mark[0] == "}":
            if open_heads:
                found[open_heads.pop()].closing = mark.start()
            else:
                found.append(Piece(source, *mark.span(), unmatched=True))
                diagnostics.append(
                    Diagnostic(
                        "unopened-block",
                        "this `}` closes nothing",
                        Span(source, *mark.span()),
                        help="leave it out, or open the block with `{`",
                    )
                )
        start = mark.end()
    take(len(source.text))
    for head in open_heads:
        piece = found[head]
        piece.unmatched = True
        diagnostics.append(
            Diagnostic(
                "unclosed-block",
                "this `{` is never closed",
                Span(source, piece.end - 1, piece.end),
                help="end the block with `}`",
            )
        )
    return found, diagnostics

"""Where the statements of a text begin and end, to look at each of them alone if there are mistakes in it."""

from __future__ import annotations

import re
from itertools import islice

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic
from dtmfdsl.language.unreadable import BRACES
from dtmfdsl.language.verbs import NAME, VERBS
from dtmfdsl.source import Source, Span

CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"

# Patterns are text, and `re` compiles them when a script first needs them: most scripts have no mistakes.
_MARKS = rf"{BRACES}|\r|\n|;|for[ \t]*\([^(){{}}\r\n]*\)"  # the head of a loop may have `;` in it
# As the grammar's THEN: a `,` or `then` before a statement.
_VERB = "|".join(f"[{verb[0].upper()}{verb[0]}]{verb[1:]}" for verb in VERBS)
_THEN = (
    r"(?P<then>,[ \t]*+(?:(?:(?:and[ \t]++)?then|and)[ \t]++)?|(?<=[ \t])(?:(?:and[ \t]++)?then|and)[ \t]++)"
    rf"(?=(?:{_VERB})(?!\w)|{NAME}[ \t]*\()"
)
_SPOKEN = rf"{_MARKS}|\(|\)|{_THEN}"

_MAP = r"[Pp]hone(?!\w)"
_IN_A_MAP = ("", "phone a {", "phone a {menu a {")


class Piece:
    """The text of one statement. Of a statement that opens a block, it is the head, including the `{`.

    `closing` is the offset of the matching `}`. An `unmatched` piece has a brace without its partner. A line
    of a map reads as one only inside the blocks of a map: `around` opens them.
    """

    def __init__(self, source: Source, start: int, end: int, opens: bool = False, unmatched: bool = False):
        self.source, self.start, self.end = source, start, end
        self.opens, self.unmatched = opens, unmatched
        self.closing: int | None = None
        self.around = ""

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def as_script(self, text: str) -> str:
        """A text in the place of this piece, as a script of its own: inside a map if this is."""
        return self.around + text + "}" * (self.opens + self.around.count("{"))

    @property
    def extent(self) -> list[tuple[int, int]]:
        """The offsets of what to leave out when this piece cannot be read, as half-open pairs.

        Without its head, nothing inside a map can be read.
        """
        if self.opens and (self.around or re.match(_MAP, self.text)):
            return [(self.start, self.end if self.closing is None else self.closing + 1)]
        return [(self.start, self.end)] + ([(self.closing, self.closing + 1)] if self.closing else [])


def control_characters(source: Source) -> list[Diagnostic]:
    """A diagnostic for each control character in a text. None is allowed, not even in a comment."""
    return [
        Diagnostic(
            "control-character",
            f"an invisible control character (U+{ord(found[0]):04X}) stands here",
            Span(source, *found.span()),
            help="delete it, and type the line anew",
        )
        for found in islice(re.finditer(CONTROLS, source.text), limits.DIAGNOSTICS + 1)
    ]


def separated(text: str) -> str:
    """A text of the same length with `;` for each `, then` or `and` between two statements."""
    kept = []
    depth = start = 0
    for mark in re.finditer(_SPOKEN, text):
        if mark["then"]:
            if not depth:
                kept += [text[start : mark.start()], ";".ljust(len(mark[0]))]
                start = mark.end()
        elif mark[0] in "()":
            depth += 1 if mark[0] == "(" else -1
        elif len(mark[0]) == 1:
            depth = 0
    return "".join([*kept, text[start:]])


def pieces(source: Source, text: str) -> tuple[list[Piece], list[Diagnostic]]:
    """A source cut into statements, as its `separated` text says, and the braces that have no partner."""
    found: list[Piece] = []
    open_heads: list[Piece] = []
    diagnostics: list[Diagnostic] = []
    start = 0

    def take(end: int, opens: bool = False) -> None:
        statement = text[start:end]
        if statement.strip(" \t"):
            left = start + len(statement) - len(statement.lstrip(" \t"))
            right = end if opens else start + len(statement.rstrip(" \t"))
            found.append(Piece(source, left, right, opens))
            maps = next((at for at, head in enumerate(open_heads) if re.match(_MAP, head.text)), None)
            if maps is not None:
                found[-1].around = _IN_A_MAP[min(len(open_heads) - maps, 2)]

    def unclosed(piece: Piece, before: int | None = None) -> None:
        piece.unmatched = True
        brace = Span(source, piece.end - 1, piece.end)
        message, help = "this `{` is never closed", "end the block with `}`"
        diagnostics.append(Diagnostic("unclosed-block", message, brace, help=help))
        if piece.around or re.match(_MAP, piece.text):  # nothing inside can be read
            end = len(text) if before is None else before
            piece.closing = end - 1
            for each in found:
                each.unmatched |= piece.start < each.start < end

    for mark in re.finditer(_MARKS, text):
        if len(diagnostics) > limits.DIAGNOSTICS:
            break
        if mark[0][0] in '"f' or "{" in mark[0][:-1]:
            continue
        if mark[0] == "{":
            take(mark.end(), opens=True)
            if open_heads and _in_a_menu(open_heads[-1]) and _in_a_menu(found[-1]):
                # Menus do not stand in menus: the one before this has no end.
                unclosed(open_heads.pop(), found[-1].start)
                found[-1].around = _IN_A_MAP[1]
            open_heads.append(found[-1])
        else:
            take(mark.start())
        if mark[0] == "}":
            if open_heads:
                open_heads.pop().closing = mark.start()
            else:
                found.append(Piece(source, *mark.span(), unmatched=True))
                brace = Span(source, *mark.span())
                help = "leave it out, or open the block with `{`"
                diagnostics.append(Diagnostic("unopened-block", "this `}` closes nothing", brace, help=help))
        start = mark.end()
    take(len(text))
    for piece in open_heads:
        unclosed(piece)
    return found, diagnostics


def _in_a_menu(piece: Piece) -> bool:
    return bool(piece.around) and piece.text.startswith("menu")

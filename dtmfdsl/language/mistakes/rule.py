"""What a rule is given, a `Statement`, and the two forms of a rule: a `Row` of a table, or a function."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Literal

import attrs

from dtmfdsl.diagnostics import Diagnostic
from dtmfdsl.language.mistakes.patterns import NAME, WORD, any_of
from dtmfdsl.language.mistakes.words import RESERVED, VERBS
from dtmfdsl.language.mistakes.written import written
from dtmfdsl.language.statements import Piece
from dtmfdsl.source import Span


@attrs.frozen(eq=False, repr=False)
class Statement:
    """A statement that cannot be read, up to the `{` of its block if it has one.

    `offset` is where reading stopped, or where a rule is to look. Offsets and spans count from the
    statement's first character.
    """

    piece: Piece
    text: str
    offset: int

    def at(self, offset: int) -> Statement:
        """The same statement, to look at from an offset on, or from what follows the blanks there."""
        return attrs.evolve(self, offset=self.end_of(r"[ \t]*", offset))

    @property
    def word(self) -> str:
        """The word that it begins with, or nothing."""
        return self.text[: self.end_of(WORD, 0)]

    @property
    def verb(self) -> str:
        """Its verb, "a call" of a define, or "no verb"."""
        if self.word in VERBS:
            return self.word
        return "a call" if re.match(rf"(?!{any_of(RESERVED)}){NAME}[ \t]*\(", self.text) else "no verb"

    @property
    def rest(self) -> str:
        """The text from `offset` on."""
        return self.text[self.offset :]

    @property
    def run(self) -> tuple[int, int]:
        """The span between two blanks around `offset`."""
        start = max(self.text.rfind(" ", 0, self.offset), self.text.rfind("\t", 0, self.offset)) + 1
        return start, self.end_of(r"\S*", start)

    @property
    def whole(self) -> tuple[int, int]:
        """The span of all but the `{`."""
        return 0, len(self.text.rstrip("{ \t"))

    def end_of(self, pattern: str, start: int) -> int:
        """Where the match of a pattern ends that begins at `start`; `start` if it does not match."""
        found = re.compile(pattern).match(self.text, start)
        return found.end() if found else start

    def error(
        self,
        code: str,
        message: str,
        span: tuple[int, int],
        *,
        fix: str | None = None,
        help: str | None = None,
    ) -> Diagnostic:
        """A diagnostic with a place in this statement. `fix` is to be put in place of the span.

        The help is to write the fix, unless there is another.
        """
        start, end = (self.piece.start + offset for offset in span)
        if help is None and fix is not None:
            help = f"write `{fix.strip()}`"
        return Diagnostic(code, message, Span(self.piece.source, start, end), help=help, suggestion=fix)


Rule = Callable[[Statement], Diagnostic | None]
"""A mistake. It looks for itself in a statement; None means that it is not there."""

Rules = tuple[Rule, ...]
"""Mistakes in the order in which they are tried."""


def first(rules: Rules, statement: Statement) -> Diagnostic | None:
    """The diagnostic of the first rule that has one.

    A rule whose fix would lose or add a key or a time is passed over: it has not understood the statement.
    """
    for rule in rules:
        found = rule(statement)
        if found and _keeps(statement, found):
            return found
    return None


def _keeps(statement: Statement, found: Diagnostic) -> bool:
    if found.span is None or found.suggestion is None:
        return True
    start, end = found.span.start - statement.piece.start, found.span.end - statement.piece.start
    text = statement.text
    return same(statement.piece, text, f"{text[:start]}{found.suggestion}{text[end:]}")


def same(piece: Piece, text: str, fixed: str) -> bool:
    """Whether a text holds the keys and times of a piece's text still; in a map, all numbers count alike."""
    if piece.around:
        return re.findall("[0-9*#]+", text) == re.findall("[0-9*#]+", fixed)
    return written(text) == written(fixed)


Found = re.Match[str]


@attrs.frozen(eq=False, repr=False)
class Row:
    r"""The common rule: what matches `pattern` is the mistake.

    The pattern is matched at the `place`: the statement's start, the offset where reading stopped, or the
    start of the run between blanks in which it stopped. The span is the group `wrong`; if there is none,
    it is the whole statement for a match at its start, and the match elsewhere.

    Texts are templates, in which `\1` and `\g<0>` stand for groups, or functions of the match. Where the
    function of a `fix` returns None, this is not the mistake.
    """

    pattern: str
    code: str
    message: str | Callable[[Found], str]
    fix: str | Callable[[Found], str | None] | None = attrs.field(default=None, kw_only=True)
    help: str | Callable[[Found], str] | None = attrs.field(default=None, kw_only=True)
    place: Literal["start", "offset", "run"] = attrs.field(default="start", kw_only=True)

    def __call__(self, statement: Statement) -> Diagnostic | None:
        start = {"start": 0, "offset": statement.offset, "run": statement.run[0]}[self.place]
        found = re.compile(self.pattern).match(statement.text, start)
        if not found:
            return None
        message, fix, help = (
            text(found) if callable(text) else text and found.expand(text)
            for text in (self.message, self.fix, self.help)
        )
        if fix is None and self.fix is not None:
            return None
        named = "wrong" in found.re.groupindex
        span = found.span("wrong") if named else statement.whole if self.place == "start" else found.span()
        return statement.error(self.code, message or "", span, fix=fix, help=help)


Here = partial(Row, place="offset")
Around = partial(Row, place="run")

"""Calls of what a text does not define, by a word for one of our verbs: `pause(500ms)`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic
from dtmfdsl.language.mistakes.patterns import NAME, STRING
from dtmfdsl.language.mistakes.spoken import spoken
from dtmfdsl.language.mistakes.written import verb_of, written
from dtmfdsl.language.statements import Piece
from dtmfdsl.source import Span


def undefined_calls(statements: Sequence[Piece]) -> Iterator[Diagnostic]:
    """The calls that stand for a verb, with the statements that are meant.

    There are none in a text that takes names from a file.
    """
    texts = [piece.text for piece in statements]
    heads = [re.match(rf"(use[ \t])|define[ \t]+({NAME})", text) for text in texts if text[:1] in "ud"]
    if any(head and head[1] for head in heads):
        return
    defined = {head[2] for head in heads if head}
    calls = (
        (piece, call)
        for piece, text in zip(statements, texts, strict=True)
        if text[-1:] == ")"
        and len(text) <= limits.STATEMENT_EXPLAINED
        and (call := re.match(rf"({NAME})[ \t]*\(((?:[^()\"]|{STRING})*)\)$", text))
        and call[1] not in defined
    )
    for piece, call in islice(calls, limits.DIAGNOSTICS):
        meant = spoken(piece.text) or (verb_of(call[1]) and spoken(f"{call[1]} {call[2]}"))
        if isinstance(meant, str) and written(meant) == written(piece.text):
            message, place = f"there is no define `{call[1]}`", Span(piece.source, piece.start, piece.end)
            help = f"write `{'; '.join(meant.splitlines())}`"
            yield Diagnostic("unknown-name", message, place, help=help, suggestion=meant)

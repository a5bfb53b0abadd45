"""Why a statement cannot be read: from the place where Lark stopped to a sentence that an author can use.

Lark knows the grammar and not the author. Here each statement that it refuses is looked at by itself, as
text, for the mistakes that people make; whatever is none of them gets the plain "expected this or that".

A mistake is a rule: a function, or a row of a table (rule.py), in the file that is named for what the
statement does. `RULES` lists the rules of each verb in the order in which they are tried, and
any_statement.py has those of every statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic
from dtmfdsl.language.mistakes.any_statement import ALWAYS, LOOPS, NO_VERB, VERB, comment, no_block, run_on
from dtmfdsl.language.mistakes.mapped import EXPECT, GO, MAPPED, PHONE
from dtmfdsl.language.mistakes.naming import CALL, DEFINE, LET, PARAM, unclosed_call
from dtmfdsl.language.mistakes.others import DIAL, HANG_UP, RAW, REPEAT, REPEATED_STATEMENT, USE
from dtmfdsl.language.mistakes.pressing import DIAL_STRING, PRESS
from dtmfdsl.language.mistakes.rule import Rules, Statement, first
from dtmfdsl.language.mistakes.waiting import PACE, WAIT
from dtmfdsl.language.mistakes.words import TERMINALS, VERBS, one_of
from dtmfdsl.language.statements import Piece
from dtmfdsl.source import Source, Span

RULES: dict[str, Rules] = {
    "press": (*VERB, *PRESS),
    "wait": (*VERB, *WAIT),
    "pace": (*VERB, *PACE),
    "repeat": (REPEATED_STATEMENT, *VERB, *REPEAT),
    "let": (*VERB, *LET),
    "param": (*VERB, *PARAM),
    "secret": (),  # is among the rules of every statement
    "define": (*VERB, *DEFINE),
    "use": (*VERB, *USE),
    "raw": (*VERB, *RAW),
    "call": (*VERB, *DIAL),
    "expect": (*VERB, *EXPECT),
    "go": (*VERB, *GO),
    "phone": (*VERB, *PHONE),
    "hang": (*VERB, *HANG_UP),
    "a call": (DIAL_STRING, *LOOPS, unclosed_call, run_on, *CALL, comment),
    "no verb": NO_VERB,
}
"""The mistakes of each statement, in the order in which they are tried."""


def explain(piece: Piece, offset: int, expected: frozenset[str]) -> Diagnostic:
    """The mistake in a statement, of which `offset` characters could be read."""
    text = piece.text
    if (verb := re.match(r"[A-Z]\w*", text)) and verb[0].lower() in VERBS:
        text = text[0].lower() + text[1:]
    offset = min(offset, len(text))
    if len(text) > limits.STATEMENT_EXPLAINED:
        return unexpected(piece.source, piece.start + offset, expected)
    # Lark stops before the blank that a word would have taken in.
    statement = Statement(piece, text, offset).at(offset)
    rules = MAPPED if piece.around else (*ALWAYS, *RULES[statement.verb], no_block)
    return first(rules, statement) or unexpected(piece.source, piece.start + statement.offset, expected)


def unexpected(source: Source, offset: int, expected: Iterable[str] = ()) -> Diagnostic:
    """The plain answer: what stands there, and what could have.

    `expected` are names of terminals of the grammar.
    """
    offset = min(offset, len(source.text))
    word = re.match(r"\w+|\S", source.text[offset : offset + 80])
    what = f"`{word[0]}`" if word else "the end of the line"
    phrases = sorted(
        {TERMINALS[name] for name in expected if name in TERMINALS and name not in ("WS", "$END", "THEN")}
    )
    help = f"expected {one_of(phrases)}" if 0 < len(phrases) <= 8 else None
    end = offset + (len(word[0]) if word else 0)
    return Diagnostic("unexpected-text", f"{what} cannot stand here", Span(source, offset, end), help=help)


def names_defined(statement: str) -> list[str]:
    """The names that a statement may have meant to define: their uses are no further mistakes."""
    if re.match(r"(?i)(let|param|secret|define|set|var|def|phone|menu|end)\b", statement):
        words = re.findall(r"[A-Za-z_][\w-]*", statement)[1:]
        return [form for word in words for form in (word, word.lower(), word.lower().replace("-", "_"))]
    assigned = re.match(r"(\w+)[ \t]*=", statement)
    return [assigned[1], assigned[1].lower()] if assigned else []


def goes_on(before: Piece, piece: Piece) -> bool:
    """Whether a piece that cannot be read belongs to the mistake before it, and is no further one."""
    if re.match(r"(repeat|define)\b", before.text) and not before.opens:
        return piece.text == "{"
    return bool(re.match(r"(?i)\W*(\w+[ \t]+)?se?c?re?ts?\b", before.text)) and not re.search(
        "[a-z]", piece.text
    )

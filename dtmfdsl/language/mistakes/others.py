"""`repeat`, `use`, `raw`, `call` and `hang up`."""

from __future__ import annotations

import re

from dtmfdsl.diagnostics import Diagnostic
from dtmfdsl.language.mistakes.patterns import STRING, any_of
from dtmfdsl.language.mistakes.rule import Here, Row, Rules, Statement
from dtmfdsl.language.mistakes.words import NUMBERS, VERBS, quoted


def _count(statement: Statement) -> Diagnostic | None:
    """A count that is missing, or not in digits, or too large."""
    start = statement.end_of(r"repeat[ \t]*", 0)
    end = statement.end_of(r"[^{\s]*", start)
    count = statement.text[start:end]
    span = (start, end) if count else (0, 6)
    if re.fullmatch("[0-9]+", count):
        message = f"a count of {len(count)} digits is more than any call can take"
        return statement.error("bad-repeat", message, span) if len(count) > 9 else None
    message = "`repeat` needs a count in digits"
    digits = re.match(r"([0-9]++)(?!\.)", count)
    if number := NUMBERS.get(count) or (digits and digits[1]):
        fixed = f"{number} times" if digits and count[-1] in "x×" else number
        return statement.error("bad-repeat", message, span, fix=fixed)
    return statement.error("bad-repeat", message, span, help="write it like `repeat 3 { … }`")


# Tried before a second statement on the line is one.
REPEATED_STATEMENT = Row(
    rf"(repeat[ \t]+[0-9]{{1,9}}(?:[ \t]+times)?[ \t]+)({any_of(VERBS)}(?![^ \t]).*(?<!\{{))$",
    "missing-block", "`repeat` needs a block", fix=r"\1{ \2 }",
)  # fmt: skip
REPEAT: Rules = (
    _count,
    Row(r"repeat[ \t]*([^{\s]*).*(?<!\{)$", "missing-block",
        "`repeat` needs a block that begins on its line", help=r"write `repeat \1 { … }`"),
    Row(r"repeat[ \t]*[0-9]++[ \t]*(?P<wrong>\S.*?)[ \t]*\{$", "unexpected-text",
        r"`\1` cannot stand between the count and the block", fix="times", help="only `times` may"),
)  # fmt: skip

_DIALECT = "[a-z][a-z0-9]*(?:-[a-z0-9]+)*+"


_STRING: Rules = (
    Row(r"raw[ \t]*(?P<wrong>'[^']*'?|[^\s\"]\S*)$", "missing-string", "`raw` needs a text in double quotes",
        help=lambda m: f"and its dialect, such as `raw {quoted(m[1])} as bandwidth-v1`"),
    Row(r"(use|raw)[ \t]*(?P<wrong>'[^']*'?|[^\s\"]\S*)(.*)", "missing-string",
        r"`\1` needs a text in double quotes", fix=lambda m: quoted(m[2]),
        help=lambda m: f"write `{m[1]} {quoted(m[2])}{m[3]}`"),
)  # fmt: skip
USE: Rules = (
    *_STRING,
    Row(r"use[ \t]*$", "missing-string",
        "`use` needs a text in double quotes", help='write `use "bank.dtmf"`'),
)  # fmt: skip
RAW: Rules = (
    *_STRING,
    Row(r"raw[ \t]*$", "missing-string",
        "`raw` needs a text in double quotes", help='write `raw "1WWW,59#"`'),
    Row(rf"(raw[ \t]+{STRING})[ \t]*+(?!as[ \t]++(?:{_DIALECT}(?![\w\"'-])|[^A-Za-z\"']))"
        r"(?:(?:as|in|for)(?:[ \t]+|$))?[\"']?([A-Za-z][\w-]*)?[\"']?(.*)", "missing-dialect",
        "`raw` needs the dialect that its string is written in",
        fix=lambda m: f"{m[1]} as {m[2].lower()}{m[3]}" if m[2] else None),
    Row(rf"(raw[ \t]+{STRING})[ \t]*+(?!as[ \t])", "missing-dialect",
        "`raw` needs the dialect that its string is written in", help=r"such as `\1 as bandwidth-v1`"),
)  # fmt: skip
DIAL: Rules = (
    Row(r"call[ \t]*$", "bad-number",
        "`call` needs the number to call", help="such as `call +1 800 555 0199`"),
    Here(r"(?P<wrong>\S+)", "bad-number", r"`\1` cannot stand in a number to call",
         help="write digits, after a `+` if it needs one, such as `call +1 800 555 0199`"),
)  # fmt: skip
HANG_UP: Rules = (
    Row(r"hang[ \t]*$", "unexpected-text", "`hang` stands with `up`", fix="hang up"),
)  # fmt: skip

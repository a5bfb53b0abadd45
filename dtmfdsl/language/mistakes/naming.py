"""`let`, `param` and `define`, and the call of a define: names, and the values that they are given."""

from __future__ import annotations

import re

from dtmfdsl.diagnostics import Diagnostic, closest
from dtmfdsl.language.mistakes.patterns import NAME, any_of
from dtmfdsl.language.mistakes.pressing import NAMING_RULE, NO_KEYS
from dtmfdsl.language.mistakes.rule import Found, Here, Row, Rules, Statement, first
from dtmfdsl.language.mistakes.waiting import duration
from dtmfdsl.language.mistakes.words import OTHER_UNITS, RESERVED, VERBS
from dtmfdsl.notation import UNITS

_VERB = r"(?:let|param|define)[ \t]*"
_NO_NAME = rf"(?!{NAME}(?![\w-]))(?:\$[\w-]*|[\w-]+)"


def _as_name(found: Found) -> str | None:
    fixed = re.sub(r"^[\W\d_]+", "", found["wrong"]).lower().replace("-", "_")
    return fixed if re.fullmatch(NAME, fixed) else None


def _kind(statement: Statement) -> Diagnostic | None:
    """What follows the `:` of a `param`."""
    start = statement.end_of(r"[^:]*:[ \t]*", 0)
    if statement.offset > start:
        return None
    shown = statement.text[start : statement.end_of("[^=]*", start)].rstrip(" \t")
    help = "kinds are `16 digits`, `4..8 digits`, `6 keys`, `duration`, `letters`, `text` and `number`"
    if not shown:
        return statement.error("bad-kind", "the kind of value is missing", statement.whole, help=help)
    span = (start, start + len(shown))
    return statement.error("bad-kind", f"`{shown}` is not a kind of value", span, help=help)


def _keys_or_duration(statement: Statement, start: int) -> Diagnostic | None:
    """A value that is neither keys nor a duration; it begins at `start`."""
    written = re.match(r"[0-9.,]+[ \t]*([a-z]+)", statement.text[start:])
    if written and statement.offset > start:
        unit = written[1]
        if "," in written[0] or unit in OTHER_UNITS or closest(unit, UNITS, 0.75):
            return duration(statement, statement.word, start)
    return first(NO_KEYS, statement)


def _value(statement: Statement) -> Diagnostic | None:
    """What follows a `=`."""
    start = statement.end_of("[^=]*=[ \t]*", 0)
    return _keys_or_duration(statement, start) if start else None


def _argument(statement: Statement) -> Diagnostic | None:
    """A value between the parentheses of a call."""
    if statement.offset > statement.text.rindex(")"):
        return None
    comma = max(statement.text.rfind(",", 0, statement.offset), statement.text.index("("))
    return _keys_or_duration(statement, statement.at(comma + 1).offset)


def unclosed_call(statement: Statement) -> Diagnostic | None:
    """A call without its `)`."""
    if statement.text.count(")") >= statement.text.count("("):
        return None
    opening = statement.text.index("(")
    message, help = "this `(` is never closed", "end the values with `)`"
    return statement.error("unclosed-parenthesis", message, (opening, opening + 1), help=help)


def _parameter(statement: Statement) -> Diagnostic | None:
    """Something else than names and commas in the parentheses of a `define`."""
    if ")" in statement.text[: statement.offset]:
        return None
    name = statement.text[7 : statement.text.index("(")].strip()
    message = "between the parentheses stand plain names, with commas"
    span = (statement.offset, statement.end_of(r"\$?\w+|\S", statement.offset))
    help = f"write it like `define {name}(id, code) {{ … }}`"
    return statement.error("bad-name", message, span, help=help)


_NAMES: Rules = (
    Row(rf"{_VERB}(?P<wrong>(?=\$){_NO_NAME})", "bad-name", r"`\1` is not a name", fix=_as_name,
        help=f"{NAMING_RULE}; the `$` is for using it"),
    Row(rf"{_VERB}(?P<wrong>{_NO_NAME})", "bad-name", r"`\1` is not a name", fix=_as_name, help=NAMING_RULE),
    Row(rf"{_VERB}(?P<wrong>{_NO_NAME})", "bad-name", r"`\1` is not a name", help=NAMING_RULE),
    Row(r"(let|param|define)[ \t]*+(?![\w$-])", "bad-name", r"`\1` needs a name", help=NAMING_RULE),
)  # fmt: skip
_LET_OR_PARAM: Rules = (
    Row(rf"{_VERB}(?P<wrong>{NAME}(?:[ \t]+{NAME})+)(?=[ \t]*[=:])", "bad-name",
        r"`\1` is not a name: it is more than one word", fix=lambda m: re.sub(r"[ \t]+", "_", m[1])),
    *_NAMES,
    Row(r"let[ \t]+(\w++)(?P<wrong>[ \t]+(?:be|is|to|as|equals)[ \t]+)", "missing-value",
        r"`let \1` needs a `=` and a value", fix=" = ", help="write `=` in its place"),
    Row(r"param[ \t]+(\w++)[ \t]*=", "bad-kind", r"`param \1` needs a `:` and a kind",
        help=r"such as `param \1: 4 digits`, with or without a value after `=`"),
    Row(r"let[ \t]+(\w++)[ \t]*+(?!=)[:= ]*(.*)", "missing-value", r"`let \1` needs a `=` and a value",
        help=lambda m: f"{'write' if m[2] else 'such as'} `let {m[1]} = {m[2] or '2#'}`"),
    Row(r"param[ \t]+(\w++)[ \t]*+(?!:)[:= ]*(.*)", "bad-kind", r"`param \1` needs a `:` and a kind",
        help=lambda m: f"{'write' if m[2] else 'such as'} `param {m[1]}: {m[2] or '4 digits'}`"),
)  # fmt: skip
_VALUE: Rules = (
    Row(r"[^=]*=[ \t]*$", "missing-value", "a value is missing after `=`",
        help="give it keys, such as `2#`, or a duration, such as `4s`"),
    _value,
)  # fmt: skip

LET: Rules = (*_LET_OR_PARAM, *_VALUE)
PARAM: Rules = (*_LET_OR_PARAM, _kind, *_VALUE)
DEFINE: Rules = (
    Row(rf"define[ \t]*(?P<wrong>{any_of((*VERBS, *RESERVED))})(?!-)", "bad-name",
        r"`\1` is a word of the language", help="choose another name"),
    *_NAMES,
    Row(r"define[ \t]*(?P<wrong>\w++)[ \t]*+(?!\()", "unclosed-parenthesis",
        r"`define \1` needs parentheses", fix=r"\1()"),
    Row(r"define[^(]*(?P<wrong>\()[^)]*$", "unclosed-parenthesis",
        "this `(` is never closed", help="end the names with `)`"),
    _parameter,
    Row(r"define.*(?<!\{)$", "missing-block",
        "`define` needs a block that begins on its line", help=r"write `\g<0> { … }`"),
)  # fmt: skip
CALL: Rules = (
    Here(r"\)|,(?=.*\))", "missing-value",
         "a value is missing here", help="values stand between the commas"),
    _argument,
)  # fmt: skip

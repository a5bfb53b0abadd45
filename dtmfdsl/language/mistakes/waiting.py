"""`wait` and `pace`, and what is wrong with a duration, whatever statement it stands in."""

from __future__ import annotations

import re

from dtmfdsl.diagnostics import Diagnostic
from dtmfdsl.language.mistakes.patterns import NAME, NUMBER, WORD, any_case_of, any_of
from dtmfdsl.language.mistakes.rule import Found, Here, Row, Rules, Statement, first
from dtmfdsl.language.mistakes.words import NUMBERS, OTHER_UNITS, VERBS, quoted
from dtmfdsl.language.mistakes.written import likely_unit
from dtmfdsl.notation import UNITS

_SOUND = rf"(?:[ \t]*{NUMBER}[ \t]*(?:{'|'.join(UNITS)})(?![^\W\d]))"
# All that stands where a duration should; a match goes on before it.
_SHOWN = r'(?=(?P<shown>[^\s"{]+))'
_NO_DURATION = r"`\g<shown>` is not a duration"
_NO_UNIT = rf"(?=[ \t]++(?:{any_of(('every', 'for', 'until', *VERBS))}|(?!{WORD}|[0-9]))|[;{{]|$)"
# Neither durations nor a name; a text in quotes counts as one word.
_OTHER = rf'(?!{_SOUND}+(?![^\s"{{])|\${NAME}(?![\w-]))(?:"[^"]*"?|[^\s"{{]+|\{{.*)'
_LIMIT = r"wait[ \t]*up[ \t]+to(?![^ \t])[ \t]*((?:(?!\b(?:for|until)\b).)*?)[ \t]*"


def duration(statement: Statement, verb: str, start: int) -> Diagnostic | None:
    """Why no duration stands at an offset, where `verb` needs one."""
    if re.match(r"[{ \t]*$|[ \t]*(?:for|every|until)(?!\w)", statement.text[start:]):
        message, help = f"`{verb}` needs a duration", f"such as `{verb} 3.5s`"
        return statement.error("missing-duration", message, statement.whole, help=help)
    return first(DURATIONS, statement.at(start))


def _after_verb(statement: Statement) -> Diagnostic | None:
    return duration(statement, statement.word, len(statement.word))


def _limit(statement: Statement) -> Diagnostic | None:
    """The duration after `wait up to`, if reading came no further."""
    found = re.match(rf"{_LIMIT}(?=\b(?:for|until)\b|$)", statement.text)
    if not found or statement.offset > found.end(1):
        return None
    return duration(statement, "wait up to", found.start(1))


def _seconds(word: str) -> str:
    """A unit of ours, or else seconds."""
    return word if word in UNITS else "s"


def _spoken(found: Found) -> str:
    """`half a second` in digits."""
    number = {"a": "1", "an": "1"}.get(found[1], NUMBERS.get(found[1], "0.5"))
    return f"{number} {found[2] if found[2] in UNITS else 'second'}"


def _in_our_units(found: Found) -> str:
    ours, times = OTHER_UNITS[found[3].lower()]
    return f"{int(found[2]) * times}{ours}"


def _likely_unit(found: Found) -> str | None:
    number, unit = found[2], found[3].lower()
    meant = unit if unit in UNITS else likely_unit(unit)
    return meant and (f"{number} {meant}" if len(meant) > 2 else f"{number}{meant}")


DURATIONS: Rules = (
    Here(rf"{_SOUND}++(?P<wrong>\.)(?!\S)", "bad-duration", "a duration has no full stop", fix="",
         help="leave it out"),
    Here(r"([0-9]+),([0-9]{3})[ \t]*ms(?!\w)", "decimal-comma",
         "thousands stand without a comma", fix=r"\1\2ms"),
    Here(r"[0-9]+,[0-9]+[ \t]*ms(?!\w)", "decimal-comma",
         "a number has no comma", help="times are whole milliseconds, such as `35ms`"),
    Here(r"([0-9]+),([0-9]{3})(?![0-9])[ \t]*(\w*)", "decimal-comma", "a number has no comma",
         help=lambda m: f"write `{m[1]}.{m[2]}{_seconds(m[3])}` or `{m[1]}{m[2]}{_seconds(m[3])}`"),
    Here(r"([0-9]+),([0-9]+)[ \t]*(\w*)", "decimal-comma",
         "a decimal is written with a point", fix=lambda m: f"{m[1]}.{m[2]}{_seconds(m[3])}"),
    Here(rf"{_SHOWN}([0-9]{{1,5}}):([0-9]{{2}})(?!\w)", "bad-duration",
         _NO_DURATION, fix=lambda m: f"{int(m[2])}m {int(m[3])}s"),
    Here(rf"{_SHOWN}\.[0-9]+[ \t]*[a-z]+", "bad-duration", _NO_DURATION, fix=r"0\g<0>"),
    Here(rf"{_SHOWN}\.[0-9]+", "bad-duration", _NO_DURATION, fix=r"0\g<0>s"),
    Here(rf'"({NUMBER}[ \t]*[a-z]+)"', "bad-duration", "a duration stands without quotes", fix=r"\1"),
    Here(rf"(a|an|half[ \t]+an?|{'|'.join(NUMBERS)})[ \t]+([a-z]+)", "bad-duration",
         r"`\g<0>` is not a duration", fix=_spoken),
    Here(rf"{_SOUND}*+[ \t]*(?P<wrong>[0-9]{{3,}}){_NO_UNIT}", "missing-unit",
         r"`\1` has no unit", help=r"write `\1ms` or `\1s`"),
    Here(rf"{_SOUND}*+[ \t]*(?P<wrong>{NUMBER}){_NO_UNIT}", "missing-unit", r"`\1` has no unit", fix=r"\1s"),
    Here(rf"{_SOUND}*+[ \t]*(?P<wrong>([0-9]{{1,8}})[ \t]*({any_case_of(OTHER_UNITS)}))", "unknown-unit",
         r"`\3` is not a unit of time", fix=_in_our_units),
    Here(rf"{_SOUND}*+[ \t]*(?P<wrong>({NUMBER})[ \t]*({WORD}))", "unknown-unit",
         r"`\3` is not a unit of time", fix=_likely_unit),
    Here(rf"{_SOUND}*+[ \t]*(?P<wrong>({NUMBER})[ \t]*({WORD}))", "unknown-unit",
         r"`\3` is not a unit of time", help="units are ms, s and m"),
    Here(rf"{_SOUND}++(?P<wrong>[ \t]*(?:and|,|\+)[ \t]*)(?=[0-9])", "bad-duration",
         "the parts of a duration simply follow each other", fix=" ", help="leave this out"),
    Here(rf"(?={NAME}(?![^\s\"{{])){_OTHER}", "bad-duration", r"`\g<0>` is not a duration",
         help=r"write it like 3.5s, 500ms or 1m 30s, or `$\g<0>` for a name"),
    Here(_OTHER, "bad-duration",
         r"`\g<0>` is not a duration", help="write it like 3.5s, 500ms or 1m 30s"),
)  # fmt: skip
"""What stands where a duration should, and is none."""

WAIT: Rules = (
    Row(rf"wait[ \t]*(?P<wrong>for[ \t]+)(?=(?:an?|half|{'|'.join(NUMBERS)})[ \t]+(?:an?[ \t]+)?"
        rf"{any_of(UNITS)})", "unexpected-text", "`wait` takes the duration without `for`", fix="",
        help="leave it out"),
    Row(r"wait[ \t]*(?P<wrong>for[ \t]+quiet(?!\w).*)", "wait-without-limit", "a wait needs a limit",
        help="a wait for quiet is to come; until then write `wait 3s`, or "
             '`wait up to 12s for "enter your PIN"`'),
    Row(r"wait[ \t]*(?:until|for)[ \t]++(?:(\S.*?)[ \t]+)?(?:for[ \t]+)?(?:up[ \t]+to|at[ \t]+most)[ \t]+"
        rf"({NUMBER}[ \t]*[a-z]+)$", "wait-without-limit", "the limit of a wait comes first",
        fix=lambda m: f"wait up to {m[2]} for {quoted(m[1] or 'enter your PIN')}"),
    Row(r"(?P<wrong>wait[ \t]*(?:until|for|'?till?)(?!\w)[ \t]*(?![ \t0-9$.])(.*))$",
        "wait-without-limit", "a wait needs a limit",
        help=lambda m: f"such as `wait up to 12s for {quoted(m[2] or 'enter your PIN')}`"),
    Row(r"wait[ \t]*(?P<wrong>for[ \t]+)([0-9$.].*)", "unexpected-text",
        "`wait` takes the duration without `for`", fix="", help=r"write `wait \2`"),
    Row(r"wait[ \t]*(?!up[ \t]+to(?:[ \t]|$))(?P<wrong>(up[ \t]*to|at[ \t]+most)(?!\w)[ \t]*)",
        "unexpected-text", r"`\2` cannot stand here", fix="up to "),
    _limit,
    Row(rf"{_LIMIT}\b(?:for|until)[ \t]+\$", "missing-string", "`wait up to` needs its cue in double quotes",
        help="a cue is a text, such as `\"enter your PIN\"`"),
    Row(rf"{_LIMIT}\b(?:for|until)\b(.*\S)", "missing-string", "`wait up to` needs its cue in double quotes",
        fix=lambda m: f"wait up to {m[1]} for {quoted(m[2])}"),
    Row(rf"{_LIMIT}(?:\b(?:for|until)\b|$)", "missing-string", "`wait up to` needs its cue in double quotes",
        help=r'write `wait up to \1 for "enter your PIN"`, or `wait` for the whole time'),
    Row(rf"wait({_SOUND}+)[ \t]+(?:for|until)[ \t]+(.*)$", "unexpected-text",
        "a wait with a cue is a `wait up to`", fix=lambda m: f"wait up to {m[1].strip()} for {quoted(m[2])}"),
    _after_verb,
)  # fmt: skip
PACE: Rules = (_after_verb,)

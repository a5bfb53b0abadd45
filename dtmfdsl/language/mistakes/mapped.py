"""Maps of phone menus: their lines, and the statements that name a place of a map."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dtmfdsl.diagnostics import Diagnostic, closest
from dtmfdsl.language.mistakes.any_statement import ALWAYS
from dtmfdsl.language.mistakes.patterns import NAME, NUMBER, STRING, any_of
from dtmfdsl.language.mistakes.rule import Found, Row, Rules, Statement
from dtmfdsl.language.mistakes.words import VERBS, one_of
from dtmfdsl.notation import UNITS

OF_PHONE = {
    "answers within": "answers within 1..3s",
    "keys arrive after": "keys arrive after 50..400ms",
    "menu": "menu main { … }",
    "end": "end balance",
}
OF_MENU = {
    "starts after": "starts after 100..900ms",
    "says": 'says "For billing, press 1" for 4..5s',
    "keys stop it": "keys stop it",
    "keys stop it and are eaten": "keys stop it and are eaten",
    "keys wait for its end": "keys wait for its end",
    "keys are lost while it speaks": "keys are lost while it speaks",
    "keys ahead are kept": "keys ahead are kept",
    "keys ahead are lost": "keys ahead are lost",
    "between keys": "between keys 3s",
    "whole entry within": "whole entry within 10s",
    "on": "on 1 -> billing",
    "on silence for": "on silence for 5s -> again",
    "on wrong keys": 'on wrong keys says "That is not valid" for 1.5s -> again',
    "after": "after 3 tries -> hang up",
}
"""The words that lines of a map begin with, and an example of each."""

_BEGINS = rf"(?:[^\"]|{STRING})*?"
_ONCE = r"(?:within|arrive[ \t]+after|starts[ \t]+after|between[ \t]+keys|for)[ \t]+"
_TIME = rf"{NUMBER}(?:[ \t]*(?:{'|'.join(sorted(UNITS, key=len, reverse=True))})(?!\w))?"
_TARGET = r"(?:[A-Za-z]\w*|hang[ \t]+up)"
_LEADS = rf"(?:on|after)[ \t](?!{_BEGINS}(?<!-)->){_BEGINS}"
"""The beginning of a line that leads on, but has no arrow."""
_PLACE = rf"{NAME}(?:\.{NAME})?"
_ARROW = "a line leads on with `->`"


def _in_lower_case(found: Found) -> str:
    return found["wrong"].lower().replace("-", "_")


def _words(statement: Statement) -> Diagnostic | None:
    """A line that does not begin with the words of one: with a slip, in the wrong block, or not at all."""
    in_menu = statement.piece.around.count("{") > 1
    ours, others = (OF_MENU, OF_PHONE) if in_menu else (OF_PHONE, OF_MENU)
    written = re.match(r"[A-Za-z]+(?:[ \t]+[A-Za-z]+)*", statement.text)
    words = written[0].split() if written else []
    known = _known(" ".join(words), ours)
    if known and (known != "on" or len(words) == 1):
        return None
    first = (0, len(words[0])) if words else statement.whole
    if words and words[0] in VERBS:
        message, help = (
            f"`{words[0]}` is a step of a script",
            "a map says what the line at the other end does",
        )
        return statement.error("bad-map-line", message, first, help=help)
    if begun := [ours[phrase] for phrase in ours if phrase.startswith(" ".join([*words, ""]))]:
        message = f"`{' '.join(words)}` is not all that such a line says"
        return statement.error("bad-map-line", message, statement.whole, help=_like(begun))
    for count in range(min(len(words), 6), bool(known), -1):
        if meant := closest(" ".join(words[:count]), ours, 0.75):
            end = statement.end_of(r"[ \t]+".join(words[:count]), 0)
            message = f"no line of a map begins with `{' '.join(words[:count])}`"
            return statement.error("bad-map-line", message, (0, end), fix=meant)
    if known:
        return None
    if _known(" ".join(words), others):
        message, help = ("outside the menus", "before them") if in_menu else ("in a menu", "into one")
        return statement.error(
            "bad-map-line", f"`{words[0]}` stands {message}", first, help=f"move it {help}"
        )
    message = f"`{words[0]}` begins no line of a map" if words else "this is no line of a map"
    heads = dict.fromkeys(phrase.split()[0] for phrase in ours)
    help = f"lines here begin with {one_of([f'`{head}`' for head in heads])}"
    return statement.error("bad-map-line", message, first, help=help)


def _known(said: str, phrases: Iterable[str]) -> str | None:
    """The longest of some phrases that a text begins with."""
    return max((phrase for phrase in phrases if re.match(any_of((phrase,)), said)), key=len, default=None)


def _form(statement: Statement) -> Diagnostic | None:
    """The right beginning, and then something else than belongs there."""
    phrase = _known(" ".join(statement.text.split()), OF_PHONE | OF_MENU)
    if phrase is None:
        return None
    message = f"this is not how a line with `{phrase}` goes on"
    return statement.error(
        "bad-map-line", message, statement.whole, help=_like([(OF_PHONE | OF_MENU)[phrase]])
    )


def _like(examples: list[str]) -> str:
    return f"write it like {one_of([f'`{example}`' for example in examples])}"


MAPPED: Rules = (
    *ALWAYS,
    Row(r"(?:menu|end)[ \t]+(?P<wrong>(?=[\w-]*[A-Z-])[A-Za-z][\w-]*)", "bad-name",
        r"`\g<wrong>` is not a name of a place", fix=_in_lower_case),
    Row(r".*->[ \t]*(?P<wrong>(?=[\w-]*[A-Z-])[A-Za-z][\w-]*)$", "bad-name",
        r"`\g<wrong>` is not a name of a place", fix=_in_lower_case),
    Row(rf"(menu[ \t]+{NAME})$", "missing-block",
        "`menu` needs a block that begins on its line", help=r"write `\1 { … }`"),
    Row(r"(menu|end)[ \t]*\{?$", "bad-name", r"`\1` needs a name", help=r"such as `\1 billing`"),
    _words,
    Row(rf"{_BEGINS}{_ONCE}(?P<wrong>([0-9]+),([0-9]+))", "decimal-comma",
        "a decimal point is missing: the comma separates", fix=r"\2.\3"),
    Row(rf"{_BEGINS}{_ONCE}(?P<wrong>(?:{NUMBER}[ \t]*\.\.[ \t]*)?{NUMBER})(?=[ \t]*(?:->|,|$))",
        "missing-unit", r"`\g<wrong>` has no unit", fix=r"\g<wrong>s"),
    Row(rf"{_BEGINS}{_ONCE}(?P<wrong>({_TIME})[ \t]*(?:-|–|…|\.{{3}}|to(?!\w))[ \t]*({_TIME}))", "bad-range",
        "a time from here to there is written with `..`", fix=r"\2..\3"),
    Row(r"says[ \t]+(?P<wrong>'[^']*')", "missing-string", "`says` needs a text in double quotes",
        fix=lambda m: '"' + m[1][1:-1].replace('"', "") + '"'),
    Row(rf"says[ \t]+{STRING}[ \t]*(?:afresh)?(?P<wrong>)$", "bad-map-line", "how long it takes is missing",
        help="add the time, such as `for 4..5s`"),
    Row(r"on[ \t]+[0-9]+(?:[ \t]*\.\.[ \t]*[0-9]+)?[ \t]+(?P<wrong>keys?)(?!\w)", "bad-map-line",
        "a menu takes digits", fix="digits"),
    Row(r"on[ \t]+(?P<wrong>([0-9]+)[ \t]*(?:-|–|to)[ \t]*([0-9]+))[ \t]+digits?(?!\w)", "bad-range",
        "a number from here to there is written with `..`", fix=r"\2..\3"),
    Row(rf"{_LEADS}(?P<wrong>[ \t]*(?:=+>|→|➜|>|=|:|--+>|-(?!>)|–)[ \t]*)(?={_TARGET}$)", "bad-map-line",
        _ARROW, fix=" -> "),
    Row(rf"{_LEADS}(?P<wrong>[ \t]+(?:(?:goes|leads)[ \t]+to|to|then)[ \t]+)(?={_TARGET}$)", "bad-map-line",
        _ARROW, fix=" -> "),
    Row(rf"on[ \t]+[0-9A-D*#]+(?P<wrong>[ \t]+)(?={_TARGET}$)", "bad-map-line", _ARROW, fix=" -> "),
    Row(r"(?:on|after)[ \t].*?->(?P<wrong>)[ \t]*$", "bad-map-line", "a place is missing after `->`",
        help="write a menu, an end, `again` or `hang up`"),
    Row(rf"{_LEADS}.*", "bad-map-line", _ARROW,
        help="write where it leads: a menu, an end, `again` or `hang up`"),
    _form,
)  # fmt: skip
"""The mistakes of a line in a map."""

PHONE: Rules = (
    Row(r"phone[ \t]+(?P<wrong>(?=[\w-]*[A-Z-])[A-Za-z][\w-]*)", "bad-name",
        r"`\g<wrong>` is not a name", fix=_in_lower_case),
    Row(r"phone[ \t]*\{?$", "bad-name", "`phone` needs a name", help="such as `phone acme { … }`"),
    Row(r"phone[ \t]+\w+$", "missing-block",
        "`phone` needs a block that begins on its line", help=r"write `\g<0> { … }`"),
)  # fmt: skip
EXPECT: Rules = (
    Row(rf"expect(?P<wrong>[ \t]+(?:(?:to[ \t]+be[ \t]+)?(?:at|in|on)[ \t]+)?)(?={_PLACE}$)",
        "unexpected-text", "`expect` stands with `at`", fix=" at ", help="write `expect at` and a place"),
    Row(r"expect.*", "unexpected-text", "`expect at` needs a place of a map",
        help="such as `expect at billing`, or with the map's name `expect at acme.billing`"),
)  # fmt: skip
GO: Rules = (
    Row(rf"go(?P<wrong>[ \t]+)(?={_PLACE}(?:[ \t]+with[ \t].*)?$)", "unexpected-text",
        "`go` stands with `to`", fix=" to ", help="write `go to` and a place"),
    Row(r"go.*", "unexpected-text", "`go to` needs a place of a map",
        help="such as `go to billing`, or `go to acme.balance with $card`"),
)  # fmt: skip

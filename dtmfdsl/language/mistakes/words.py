"""The words that the rules know: our own, and what people say for them."""

from __future__ import annotations

from collections.abc import Callable

from dtmfdsl.language.verbs import VERBS as VERBS
from dtmfdsl.notation import NotationError

RESERVED = ("else",)
"""Words that no define may have as its name: statements to come will begin with them."""

SYNONYMS = {
    **dict.fromkeys(("enter", "dial", "hit", "push", "type", "key", "send", "punch", "tap"), "press"),
    **dict.fromkeys(("pause", "sleep", "delay", "hold"), "wait"),
    **dict.fromkeys(("loop", "retry"), "repeat"),
    **dict.fromkeys(("set", "var", "const"), "let"),
    **dict.fromkeys(("import", "include", "source"), "use"),
    **dict.fromkeys(("def", "function", "macro", "sub"), "define"),
}
"""What people call our statements."""

NUMBERS = dict(zip("zero one two three four five six seven eight nine".split(), "0123456789", strict=True))
"""Digits in words."""

_TENS = dict(zip("twenty thirty forty fifty sixty".split(), range(20, 70, 10), strict=True))
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
NUMBER_WORDS = {
    **NUMBERS,
    **{word: str(number) for number, word in enumerate(_TEENS, 10)},
    **{word: str(number) for word, number in _TENS.items()},
    **{f"{ten} {one}": f"{_TENS[ten] + int(digit)}" for ten in _TENS for one, digit in NUMBERS.items()},
}
"""Numbers in words, and their digits. A `-` may stand for the blank."""

LEADING = r"(?i:(?:(?:please|then|and|now|next|first|finally|just|you|to|the|a|an)(?!\w)[ \t,]*)*)"
"""What may stand before the first word of a statement, as a pattern."""

OTHER_UNITS = {
    **dict.fromkeys(("millisecond", "milliseconds", "msec", "msecs", "millis"), ("ms", 1)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), ("min", 60)),
}
"""Units that we do not have, and how many of ours one of them is."""

FILLERS = ("the", "key", "keys", "button", "sign", "mark", "digit", "number")
"""Words beside a key that name none."""

CHOICE = (
    "a script does not hear what the line says, and cannot choose",
    "write the steps of one case; another case is a script of its own",
)
SPEECH = (
    "a script presses keys, and cannot speak",
    "many menus take a key too, such as `press 1`",
)
HELD = (
    "a key cannot be held: how long a tone lasts is up to the carrier",
    "to wait after the key, add a step: `press 1; wait 2s`",
)
"""What no script can do: a message and a help."""

TERMINALS = {
    **{word.upper(): f"`{word}`" for word in VERBS if word not in ("go", "hang")},
    **{word.upper(): f"`{word}`" for word in ("every", "for", "as", "spell", "with")},
    **dict.fromkeys(("RANGE", "LASTING"), "a time such as `5.5..7s`"),
    "GO_TO": "`go to`", "EXPECT": "`expect at`", "PLACE": "a place of a map",
    "MENU": "`menu`", "END": "`end`", "LINE_TIME": "`answers within`",
    "MENU_TIME": "`starts after`", "SAYS": "`says`", "KEYS_DO": "`keys stop it`", "DIGITS_WANTED": "digits",
    **dict.fromkeys(("ON", "ON_SILENCE", "ON_WRONG_KEYS", "ON_WRONG_KEYS_SAYS"), "`on`"), "AFTER": "`after`",
    "WITHIN": "`within`", "MEANWHILE": "`, keys stop it`", "TO": "`->` and a place",
    "PRESS_LINE": "`press`", "WAIT_LINE": "`wait`", "PRESS_STMT": "`press`", "WAIT_STMT": "`wait`",
    **dict.fromkeys(("CALL", "CALL_LINE", "CALL_STMT"), "a define's name with `(`"),
    "WAIT_UP_TO": "`wait up to`", "AND_SPELL": "`spell`",
    "DIAL": "`call`", "NUMBER_TO_CALL": "a number to call", "NUMBER_WITH_PLUS": "a number to call",
    "HANG_UP": "`hang up`",
    "NAME": "a name", "VAR": "a `$name`", "AND_VAR": "a `$name`",
    "KEYS": "keys", "AND_KEYS": "keys", "DURATION": "a duration such as `3.5s`",
    "STRING": "a text in double quotes", "KIND": "a kind such as `4 digits`", "DIALECT": "a dialect's name",
    "LBRACE": "`{`", "RBRACE": "`}`", "RPAR": "`)`", "EQUAL": "`=`", "COLON": "`:`", "_COMMA": "`,`",
    "SEP": "the end of the line", "THEN": "`then` and a statement", "$END": "the end of the script",
    "WS": "a blank",
}  # fmt: skip
"""Each terminal of the grammar in an author's words."""


def one_of(phrases: list[str]) -> str:
    """`this`, `this or that`, `this, that or another`."""
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} or {phrases[-1]}"


def quoted(text: str) -> str:
    """A text in double quotes, whatever quotes it came in."""
    return '"' + text.strip(" \t'\"`").replace('"', "") + '"'


def accepted(read: Callable[[str], str], text: str) -> bool:
    """Whether `read_keys` or `spell` finds keys in a text."""
    try:
        return bool(read(text))
    except NotationError:
        return False

"""What comes with a paste, and is put into plain words first: Markdown, calls of programs, odd characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, cast

from dtmfdsl.language.mistakes.patterns import any_of
from dtmfdsl.language.mistakes.words import NUMBER_WORDS, NUMBERS
from dtmfdsl.notation import KEY_NAMES, UNITS, write_duration


class _Pattern:
    """A pattern that is compiled when it is first used: most scripts have no mistakes."""

    def __init__(self, pattern: str, flags: int = 0):
        self.pattern, self.flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        method = getattr(re.compile(self.pattern, self.flags), name)
        setattr(self, name, method)
        return method


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern that is compiled when it is first used."""
    return cast("re.Pattern[str]", _Pattern(text, flags))


LIST_MARK = (
    r"\s*(?:(?:[-–—•◦▪‣●○·>]|\(?[0-9]{1,3}[.):]|\(?[a-z][.)](?=\s)|(?i:step)\s+[0-9]{1,3}[.):]?)\s*)"
    r"(?:\[[ xX]?\]\s*)?(?=[^\W\d])"
)
"""The mark of a list's entry before a word: `1.`, `•`, `Step 2:`."""

LISTED_KEYS = r"\s*(?P<wrong>\(?[0-9]{1,3}[.):][ \t]+(?!\*\*[^\W\d])|\*\*(?=[0-9*#]+\*\*$))[0-9*#]"
"""Keys behind what may be the mark of a list, or one of emphasis, and may be keys too: `1. 2#`, `**1**`."""

_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″＂", '"'),
        **dict.fromkeys("‘’‚`", "'"),
        **dict.fromkeys("\ufe0e\ufe0f\u20e3"),  # these only change how a character looks
        "½": " 1/2",
        "¼": " 1/4",
        "¾": " 3/4",
    }
)
_FRACTIONS = {"1/2": "5", "1/4": "25", "3/4": "75"}
_DIALED = r"[0-9A-D*#w]*[0-9A-D*#][0-9A-D*#w]*"
_OBJECT = r"(?:await[ \t]+)?(?:[a-z_]\w*\.)*"
_DIGIT = rf"(?<!\w)(?:[0-9]{{1,2}}|{any_of(NUMBER_WORDS)})"
_DIGIT_WORD = rf"(?i:{any_of((*NUMBERS, *KEY_NAMES, 'oh'))})"


def _steps(found: re.Match[str]) -> str:
    """The steps of a string of keys in which each `w` is half a second, as everywhere where it is allowed."""
    runs = re.findall("w+|[^w]+", found["keys"])
    return "; ".join(
        f"wait {write_duration(500 * len(run))}" if run[0] == "w" else f"press {run}" for run in runs
    )


def _decimal(found: re.Match[str]) -> str:
    """`1 1/2` as `1.5`."""
    return f"{found['before']}{found['whole'] or 0}.{_FRACTIONS[found['fraction']]}"


def _once(found: re.Match[str]) -> str:
    """`five (5)` as `five`, if both are the same."""
    first, second = (NUMBER_WORDS.get(each.lower(), each) for each in found.groups())
    return first if first == second else found[0]


# `**Press 1**`, `_press_ 1`: one `*` may be a key.
_EMPHASIS = pattern(
    r"^([-–—•◦▪‣●○·>\s]*(?:[0-9]{1,3}[.):][ \t]*)?)(\*\*|__?|`)(?=[^\W\d])(.+?)\2(?!\w)", re.M
)
_FORMS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (pattern(r"<([0-9A-D*#]+)>"), r"[\1]"),
    (pattern(r"(?<![\w$])(press|wait)(?=[0-9]+(?![\w(]*\())", re.I), r"\1 "),
    (pattern(rf"({_DIGIT})[ \t]*\(({_DIGIT})\)(?=[ \t]*{any_of(UNITS)})", re.I), _once),
    (pattern(rf"(?<![\w-]){_DIGIT_WORD}(?:-{_DIGIT_WORD})+(?!-)"), lambda found: found[0].replace("-", " ")),
    (
        pattern(
            r"(?P<before>\b(?:an?|wait|pause|sleep|delay|hold|for|about|after|every)[ \t]+)"
            rf"(?:(?P<whole>[0-9]+)[ \t]+(?:and[ \t]+)?)?(?P<fraction>{any_of(_FRACTIONS)})"
            rf"(?=[ \t-]*{any_of(UNITS)})",
            re.I,
        ),
        _decimal,
    ),
    # The verbs of carriers, and calls of programs.
    (pattern(r"^[ \t]*(?:digits|dtmf|tones)[ \t]*[:=][ \t]*(?=[0-9*#])", re.I | re.M), "press "),
    (pattern(rf"<Play\b[^<>]*[ \t]digits=\"(?P<keys>{_DIALED})\"[^<>]*>(?:</Play>)?"), _steps),
    (
        pattern(
            rf"(?i:[\"']?{_OBJECT}(?:(?:send|play|press)_?(?:digits?|dtmf|tones?|keys)[\"']?[ \t(:=]"
            r"|(?:digits|dtmf)[ \t]*[(:=])[ \t]*(?:digits[ \t]*[:=][ \t]*)?)"
            rf"(?P<quote>[\"'])(?P<keys>{_DIALED})(?P=quote)(?:[ \t]*\))?"
        ),
        _steps,
    ),
    (pattern(r"<Pause[ \t]+length=\"([0-9]+)\"[ \t]*/?>(?:</Pause>)?"), r"wait \1s"),
    (pattern(rf"<Hangup[ \t]*/?>(?:</Hangup>)?|(?i:{_OBJECT}hang_?up\(\))"), "hang up"),
    (pattern(r"\b(?:Thread\.sleep|Task\.Delay|delay)\(([0-9]+)\)"), r"wait \1ms"),
    (pattern(rf"(?i:{_OBJECT}(?:sleep|pause))\(([0-9]+(?:\.[0-9]+)?)\)"), r"wait \1"),
    (pattern(r"\b(?:call[ \t]+)?tel:(?=[+(0-9])", re.I), "call "),
)


def plain(text: str) -> str:
    """A text as its author would type it into a script.

    It has straight quotes, ASCII digits for those of any form (`①`, `１`, `٣`), no emphasis of Markdown, and
    words for the calls of programs.
    """
    text = "".join(map(_plain, _EMPHASIS.sub(r"\1\3", text).translate(_CHARACTERS)))
    for form, words in _FORMS:
        text = form.sub(words, text)
    return text


def _plain(character: str) -> str:
    if character.isspace() and character not in "\r\n":
        return " "
    digit = None if character.isascii() else unicodedata.digit(character, None)
    return character if digit is None else str(digit)


def unlisted(line: str) -> str:
    """A line without the mark of a list's entry; `1. press 1 2. wait 3s` has a `;` for each further mark."""
    mark = re.match(LIST_MARK, line)
    if not mark:
        return line
    number = re.search("[0-9]+", mark[0])
    following = int(number[0]) + 1 if number else 0

    def parted(found: re.Match[str]) -> str:
        nonlocal following
        if int(found[1]) != following:
            return found[0]
        following += 1
        return "; "

    rest = line[mark.end() :]
    return re.sub(r"(?<=\s)\(?([0-9]{1,3})[.)][ \t]*(?=[^\W\d])", parted, rest) if number else rest

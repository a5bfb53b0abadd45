"""What stands in contacts, calendars and `tel:` links: a number, and what a phone plays after it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

# Patterns are text, and `re` compiles them when a phone's string is first read.
_NUMBER = r"(?i)(?P<tel>tel:)?(?P<number>\+?[ \xa0().-]*[0-9][0-9 \xa0().-]*)(?![^,;%pwxe])"
_EYE = " \xa0\t().-"

# After a number: an extension by RFC 3966 or as people write it, a post-dial part by RFC 2806, the letters
# that old phones show for a pause and for a wait, and what a link must write with `%`.
_AFTER = (
    r"(?i)(?P<extension>;ext=|[ \xa0]{0,3},?[ \xa0]{0,3}(?:extension|ext|x)[ \xa0.:]{0,3}(?=[0-9]))"
    r"|(?P<postd>;postd=)|(?P<pause>p)|(?P<wait>w)|(?P<coded>%(?:20|23|2A|2B|2C|3B))"
)
_LONGEST_PLACE = 100


class Dialled(NamedTuple):
    """A string of a phone: its number, if it has one, and the rest in the phone's own characters.

    `places` has the offset of each character of `rest` in the string, and last the string's length.
    """

    number: str | None
    rest: str
    places: Sequence[int]


def read_dialled(text: str, *, number: bool = True) -> Dialled:
    """Reads `+1 555 123 4567 x5678`, `tel:+18885550100;777#`, `14155550133,,195632# US (San Jose)`.

    A number is digits after `+` or `tel:`, 7 to 15 digits, or at least 3 before a pause; blanks, `-`, `.` and
    parentheses are for the eye. What is no number, or with `number=False` all of it, is read as keys.
    """
    end = _without_place(text)
    match = re.compile(_NUMBER).match(text, 0, end) if number else None
    called = re.sub(r"[^+0-9]", "", match["number"]) if match else ""
    least = 7 if match and match.end() == end else 3
    if not match or not (match["tel"] or called.startswith("+") or least <= len(called) <= 15):
        places = [at for at, character in enumerate(text) if character not in _EYE]
        return Dialled(None, "".join(text[at] for at in places), [*places, len(text)])
    rest: list[str] = []
    places = []
    at, after = match.end(), re.compile(_AFTER)
    while at < end:
        part = after.match(text, at, end)
        match part and part.lastgroup:
            case "extension" | "pause":
                plain = ","
            case "wait":
                plain = ";"
            case "coded":
                plain = chr(int(text[at + 1 : at + 3], 16))
            case "postd":
                plain = ""
            case _:
                plain = text[at]
        if plain and plain not in _EYE:
            rest.append(plain)
            places.append(at)
        at = part.end() if part else at + 1
    return Dialled(called, "".join(rest), [*places, len(text)])


def write_number(number: str, rest: str) -> str:
    """A number as it can stand before `rest` and is read back: short ones need a `tel:`."""
    return number if read_dialled(number + rest).number == number else f"tel:{number}"


def _without_place(text: str) -> int:
    """Where a text ends if the place at its end is left out, as calendars write it: ` US (San Jose)`."""
    place = re.search(r"[ \xa0]+(?:[^\W\d_]{2,}[ \xa0]+)*\([^\W\d_][^()\d]*\)$", text[-_LONGEST_PLACE:])
    return len(text) - len(place[0]) if place else len(text)

"""Keys and durations as text, and what the text means. Pure functions.

read_keys("1-800 pound") == "1800#"        spell("Smith") == "76484"
read_duration("1m 30s") == 90_000          write_duration(3500) == "3.5s"
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

KEYS = "0123456789ABCD*#"
"""The sixteen keys of a DTMF keypad. A-D are tones of their own (ITU-T Q.23), not letters."""

KEY_NAMES = {"star": "*", "asterisk": "*", "pound": "#", "hash": "#"}

UNITS = {
    "ms": 1,
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1000),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60_000),
}
"""Units of a duration, in milliseconds."""

LOOKALIKES = {
    **dict.fromkeys("Oo", "0"),
    **dict.fromkeys("lI", "1"),
    **{key.lower(): key for key in "ABCD"},
    **dict.fromkeys("×✱✴∗•", "*"),
    **dict.fromkeys("♯№", "#"),
    # The full-width forms stand in Unicode from U+FF01 in the order of ASCII from U+0021.
    **{chr(0xFF01 + ord(key) - 0x21): key for key in KEYS},
}
"""Characters that people type or paste when they mean a key, and the key."""

_PLAIN = re.compile(r"[0-9A-D*#]+").fullmatch
_PUNCTUATION = " \t.()-"
_SPOKEN = re.compile(rf"(?s)[{_PUNCTUATION}]+|[a-z]+|.")
_TIME = re.compile(r"([0-9]+)(?:\.([0-9]+))?[ \t]*([a-z]+)[ \t]*")

# The letters on the keys, by ITU-T E.161.
_E161 = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999", strict=True))


class NotationError(ValueError):
    """A text that cannot be read: a diagnostic's `code`, `message` and `help`, not yet with a place."""

    def __init__(self, code: str, message: str, help: str | None = None):
        super().__init__(message)
        self.code, self.message, self.help = code, message, help


def read_keys(text: str, shown: bool = True) -> str:
    """The keys that a text means: `(919) 333 pound` is `919333#`.

    For a secret, `shown=False` keeps the text's characters out of the error.
    Raises NotationError for anything but keys, names of keys, and blanks, dots, hyphens and brackets.
    """
    if _PLAIN(text):
        return text
    keys = []
    for match in _SPOKEN.finditer(text):
        word = KEY_NAMES.get(match[0], match[0])
        if word in KEYS:
            keys.append(word)
        elif word[0] not in _PUNCTUATION:
            raise _unknown_key(word[0], shown)
    return "".join(keys)


def read_number(text: str) -> str:
    """The number to call that a text stands for: `+1 (800) 555-0199` is `+18005550199`.

    Blanks, `-`, `.` and parentheses are for the eye. Raises NotationError for anything else.
    """
    number = re.sub(r"[ \t.()-]+", "", text)
    if not re.fullmatch(r"\+?[0-9]+", number):
        message = "this is not a number to call"
        raise NotationError("bad-number", message, "write its digits, after a `+` if it needs one")
    return number


def _unknown_key(character: str, shown: bool) -> NotationError:
    if not shown:
        return NotationError("unknown-key", "this value holds a character that is not a key")
    meant = LOOKALIKES.get(character)
    help = f"write `{meant}`" if meant else "keys are 0-9, *, # and the tones A-D"
    if meant and meant in "ABCD":
        help += ": the tones A-D are upper case"
    return NotationError("unknown-key", f"`{character}` is not a key", help)


def spell(text: str) -> str:
    """The keys that carry a text's letters (ITU-T E.161): `Smith` is `76484`. Digits are kept, and blanks,
    `-`, `'` and `.` are dropped.

    Raises NotationError for any other character.
    """
    keys = []
    for character in text:
        if key := _E161.get(character.upper()):
            keys.append(key)
        elif character in "0123456789":
            keys.append(character)
        elif character not in " -'.’":
            help = "a keypad has the letters A-Z; write the nearest one"
            raise NotationError("cannot-spell", f"`{character}` is on no key of a phone", help)
    return "".join(keys)


@lru_cache(maxsize=4096)
def read_duration(text: str) -> int:
    """A duration such as `3.5s`, `1m 30s` or `500 ms` in milliseconds, exactly.

    Raises NotationError for any other text, for more than 100 characters, and for a part of a millisecond.
    """
    total = offset = 0
    if len(text) > 100:
        raise NotationError("too-long", "this duration has too many digits")
    while match := _TIME.match(text, offset):
        whole, fraction, unit = match[1], match[2] or "", match[3]
        if unit not in UNITS:
            break
        milliseconds, rest = divmod(int(whole + fraction) * UNITS[unit], 10 ** len(fraction))
        if rest:
            message = f"`{text}` is not a whole number of milliseconds"
            raise NotationError("fraction-of-millisecond", message, "the shortest time is a millisecond")
        total += milliseconds
        offset = match.end()
    if unitless := re.fullmatch(r"[0-9]+(\.[0-9]+)?[ \t]*", text[offset:]):
        number = unitless[0].rstrip()
        help = (
            f"write `{number}ms` or `{number}s`"
            if len(number) > 2 and number.isdigit()
            else f"write `{number}s`"
        )
        raise NotationError("missing-unit", f"`{number}` has no unit", help)
    if not text or offset < len(text):
        help = "write it like 3.5s, 500ms or 1m 30s"
        raise NotationError("bad-duration", f"`{text}` is not a duration", help)
    return total


@lru_cache(maxsize=4096)
def write_duration(milliseconds: int) -> str:
    """The shortest usual text for a duration in milliseconds: `500ms`, `3.5s`, `2m`, `1m 30s`."""
    minutes, rest = divmod(milliseconds, 60_000)
    words = [f"{minutes}m"] if minutes else []
    if rest >= 1000:
        seconds, fraction = divmod(rest, 1000)
        words.append(f"{seconds}.{fraction:03}".rstrip("0").rstrip(".") + "s")
    elif rest or not minutes:
        words.append(f"{rest}ms" if rest else "0s")
    return " ".join(words)


def quote(text: str) -> str:
    """A text as the language's string: in double quotes, with `\\"` and `\\\\`."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquote(text: str) -> str:
    """The text that a string of the language, with its quotes, stands for."""
    inner = text[1:-1]
    return re.sub(r"\\(.)", r"\1", inner) if "\\" in inner else inner


_NO_TIME = rf"(?![ \t]*(?:{'|'.join(UNITS)})\b)"
_KEYS_IN_A_ROW = re.compile(rf"(?<![0-9])[0-9](?:[ .()-]?[0-9*#]){{3,}}+{_NO_TIME}")


def without_keys(text: str) -> str:
    """A text from outside as it may be shown: four keys or more in a row, which may be a PIN, as bullets."""
    return _KEYS_IN_A_ROW.sub(lambda found: bullets(found[0]), text)


def key_runs(text: str) -> Iterator[tuple[int, int]]:
    """Where four keys or more stand in a row, which are no time: pairs of offsets."""
    return (found.span() for found in _KEYS_IN_A_ROW.finditer(text))


def bullets(text: str) -> str:
    """A text that must not be shown: a bullet for each character but blanks."""
    return re.sub(r"\S", "•", text)


class SecretText(str):
    """A text that holds a secret. It is equal to its text and works like it; `str()` gives the text itself.

    Its `repr` has bullets, so that it does not stand in clear in `vars()`, in a log of what holds it, or in a
    traceback with local variables. It cannot be pickled.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(mask(self))

    def __reduce_ex__(self, protocol: object) -> tuple[object, ...]:
        raise TypeError("a secret cannot be pickled: pickle the script, and give its values again")

    def __copy__(self) -> SecretText:
        return self

    def __deepcopy__(self, memo: object) -> SecretText:
        return self


def mask(keys: str) -> str:
    """A secret as it may be shown: a bullet for each key."""
    return "•" * len(keys)


def counted(count: int, noun: str) -> str:
    """`1 key`, `3 keys`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"

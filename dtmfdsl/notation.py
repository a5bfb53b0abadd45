"""How keys and durations are written, and what the writing means. Pure functions on text.

read_keys("1-800 pound") == "1800#"        spell("Smith") == "76484"
read_duration("1m 30s") == 90_000          write_duration(3500) == "3.5s"
"""

from __future__ import annotations

import re
from functools import lru_cache

KEYS = "0123456789ABCD*#"
"""The sixteen keys of a DTMF keypad. A-D are tones of their own (ITU-T Q.23), not letters."""

KEY_NAMES = {"star": "*", "asterisk": "*", "pound": "#", "hash": "#"}

UNITS = {
    "ms": 1,
    "s": 1000,
    "sec": 1000,
    "secs": 1000,
    "second": 1000,
    "seconds": 1000,
    "m": 60_000,
    "min": 60_000,
    "mins": 60_000,
    "minute": 60_000,
    "minutes": 60_000,
}
"""Units of a duration, in milliseconds."""

LOOKALIKES = {
    "O": "0",
    "o": "0",
    "l": "1",
    "I": "1",
    "a": "A",
    "b": "B",
    "c": "C",
    "d": "D",
    "×": "*",
    "✱": "*",
    "✴": "*",
    "∗": "*",
    "•": "*",
    "♯": "#",
    "№": "#",
    **{chr(0xFF01 + ord(key) - 0x21): key for key in KEYS},
}
"""Characters that people type or paste where a key was meant, full-width forms among them."""

_PLAIN = re.compile(r"[0-9A-D*#]+").fullmatch
_SPOKEN = re.compile(r"[ \t.()-]+|[a-z]+|[0-9A-D*#]")
_TIME = re.compile(r"([0-9]+)(?:\.([0-9]+))?[ \t]*([a-z]+)[ \t]*")

# The letters of the keypad by ITU-T E.161.
_E161 = {
    letter: key
    for key, letters in zip("23456789", "ABC DEF GHI JKL MNO PQRS TUV WXYZ".split(), strict=True)
    for letter in letters
}


class NotationError(ValueError):
    """A text that means nothing here: a diagnostic's `code`, sentence and `help`, as yet without a place."""

    def __init__(self, code: str, message: str, help: str | None = None):
        super().__init__(message)
        self.code, self.message, self.help = code, message, help


def read_keys(text: str, shown: bool = True) -> str:
    """The keys that a text stands for: `(919) 333 pound` is `919333#`.

    `shown=False` keeps the text's own characters out of the error, for secrets.
    Raises NotationError for anything that is no key, key name or punctuation for the eye.
    """
    if _PLAIN(text):
        return text
    keys = []
    offset = 0
    while offset < len(text):
        match = _SPOKEN.match(text, offset)
        word = match[0] if match else text[offset]
        if word in KEY_NAMES:
            keys.append(KEY_NAMES[word])
        elif word in KEYS:
            keys.append(word)
        elif not match or word.isalpha():
            raise unknown_key(text, offset, shown)
        offset += len(word)
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


def unknown_key(text: str, offset: int, shown: bool = True) -> NotationError:
    """The error for a character that is no key, with the key that was probably meant."""
    if not shown:
        return NotationError("unknown-key", "this value holds a character that is not a key")
    character = text[offset]
    help = "keys are 0-9, *, # and the tones A-D"
    if meant := LOOKALIKES.get(character):
        help = f"write `{meant}`"
        if meant in "ABCD":
            help += ": the tones A-D are upper case"
    return NotationError("unknown-key", f"`{character}` is not a key", help)


def spell(text: str) -> str:
    """Letters to keys by the E.161 keypad: `Smith` is `76484`. Digits stay; blanks, `-`, `'`, `.` go.

    Raises NotationError for any other character.
    """
    keys = []
    for character in text:
        if key := _E161.get(character.upper()):
            keys.append(key)
        elif character in "0123456789":
            keys.append(character)
        elif character not in " -'.’":
            raise NotationError(
                "cannot-spell",
                f"`{character}` is on no key of a phone",
                "a keypad has the letters A-Z; write the nearest one",
            )
    return "".join(keys)


@lru_cache(maxsize=4096)
def read_duration(text: str) -> int:
    """A duration in whole milliseconds: `3.5s`, `1m 30s`, `500 ms`. Exact; no floats.

    Raises NotationError if it is none, or no whole number of milliseconds.
    """
    total = 0
    offset = 0
    if len(text) > 100:
        raise NotationError("too-long", "this duration has too many digits", None)
    while match := _TIME.match(text, offset):
        whole, fraction, unit = match[1], match[2] or "", match[3]
        if unit not in UNITS:
            break
        scaled = int(whole + fraction) * UNITS[unit]
        milliseconds, rest = divmod(scaled, 10 ** len(fraction))
        if rest:
            raise NotationError(
                "fraction-of-millisecond",
                f"`{text}` is not a whole number of milliseconds",
                "a millisecond is the smallest time there is here",
            )
        total += milliseconds
        offset = match.end()
    if not text or offset < len(text):
        raise NotationError(
            "bad-duration", f"`{text}` is not a duration", "write it like 3.5s, 500ms or 1m 30s"
        )
    return total


def write_duration(milliseconds: int) -> str:
    """The shortest usual way to write a duration: `500ms`, `3.5s`, `2m`, `1m 30s`."""
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
    """The text of a string of the language, quotes and all."""
    inner = text[1:-1]
    return re.sub(r"\\(.)", r"\1", inner) if "\\" in inner else inner


def mask(keys: str) -> str:
    """A secret as it may be shown: one bullet a key."""
    return "•" * len(keys)


def counted(count: int, noun: str) -> str:
    """`1 key`, `3 keys`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"

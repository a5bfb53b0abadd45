"""Where a script's text may hold a secret by mistake. This is hidden when a line is shown.

A secret's value must not stand in a script, but people try: `secret pin: 4 digits = 0471`, `sercet pin 0471`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from dtmfdsl.diagnostics import closest
from dtmfdsl.notation import key_runs
from dtmfdsl.source import Source

WORDS = frozenset(
    """secret secrets password passwords passwd passwort passcode passcodes passphrase passkey pass pwd
    pin pins pincode code codes credential credentials token tokens otp cvv cvc ssn""".split()
)
"""What people call a secret."""

_LONG = ("secret", "password", "passcode", "passphrase", "credential")
"""Those that are known through a slip."""

# Letters, and the parts of a name like `userPin`.
_WORD = re.compile(r"[^\W\d_]+|(?<=[a-z])[A-Z][a-z]+")
_STRETCH = r"(?:=[ \t]*+;|[^;}])+"
# Where a statement may begin, also in a comment or after another one and `, then`; and its first two words.
_START = r"(?:^|(?<=[{,])|(?<=[ \t]and)|(?<=[ \t]then))[ \t]*+(?:#+|//|--)?[ \t]*+"
_HEAD = rf"{_START}\$?([^\W\d]\w*)([ \t]+\$?[^\W\d][\w-]*)?"
_KIND = (
    r"[ \t]*:?[ \t]*(?:(?:[0-9]+(?:[ \t]*\.\.[ \t]*[0-9]+)?[ \t]+)?(?:digits?|keys?)\b|"
    r"(?:duration|letters|text|number)\b)?[ \t]*=?"
)


@lru_cache(maxsize=8)
def secret_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where in a text the values of secrets may stand, as half-open pairs of offsets in order.

    After a word that declares a secret, that is all up to the end of the statement. In a statement or comment
    that only mentions one, it is four keys or more in a row: `press 4711 // my PIN`.
    """
    named = [word for word in {*_WORD.findall(text)} if _is_secret(word)]
    if not named:
        return ()
    source = Source("", text)
    hidden: list[tuple[int, int]] = []
    end = -1
    for mention in re.finditer("|".join(sorted(map(re.escape, named), key=len, reverse=True)), text):
        if mention.start() >= end:
            start, end = source.line_bounds(source.position(mention.start())[0])
            hidden += ((start + first, start + last) for first, last in _in_line(text[start:end]))
    return tuple(hidden)


@lru_cache(maxsize=1024)
def _in_line(line: str) -> tuple[tuple[int, int], ...]:
    return tuple(_hidden_in(line))


def _hidden_in(line: str) -> Iterator[tuple[int, int]]:
    comment = re.search(r"(?://|^[ \t]*#).*", line)
    noted = comment is not None and _mentions(comment[0])
    for stretch in re.finditer(_STRETCH, line):
        if (at := _declared_in(stretch[0])) is not None:
            yield stretch.start() + at, stretch.end()
        elif noted or _mentions(stretch[0]):
            yield from ((stretch.start() + a, stretch.start() + b) for a, b in key_runs(stretch[0]))


def _mentions(text: str) -> bool:
    return any(_is_secret(word) for word in _WORD.findall(text))


def _declared_in(stretch: str) -> int | None:
    """Where the value of a secret begins in a part of a line that declares one, or None if it does not."""
    declared = re.search(r"(?i):[ \t]*secret\b", stretch)
    for head in re.finditer(_HEAD, stretch):
        if declared:
            return head.end()
        first = _is_secret(head[1])
        if first or _is_like_secret(head[2] or ""):
            kind = re.compile(_KIND).match(stretch, head.end())
            at = kind.end() if kind else head.end()
            rest = stretch[at:].lstrip(" \t")
            if rest[:1] in ("", *"(),{}"):  # no value: a call of `define pin(x)`, or one of its names
                continue
            return None if rest.startswith("//") and not re.search("[0-9]", rest) else at
    return None


@lru_cache(maxsize=4096)
def _is_secret(word: str) -> bool:
    """Whether a word names a secret, or is close to a long one that does."""
    parts = unicodedata.normalize("NFKC", word).lower().split("_")
    return not WORDS.isdisjoint(parts) or any(map(_is_like_secret, parts))


@lru_cache(maxsize=4096)
def _is_like_secret(word: str) -> bool:
    word = unicodedata.normalize("NFKC", word).strip(" \t$").lower()
    # Comparing takes time, and a word without most of the letters cannot be close.
    likely = [each for each in _LONG if len(set(word) & set(each)) > len(set(each)) // 2]
    return word.startswith("secret") or (bool(likely) and closest(word, likely, 0.7) is not None)

"""The words, phrases and marks of a sentence of spoken steps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

import attrs

from dtmfdsl.language.mistakes.phrases import LONGEST, PHRASES
from dtmfdsl.language.mistakes.written import (
    KEY_WORDS,
    LENGTH,
    SPELLED,
    STRING,
    count_at,
    digits_of,
    multiple_at,
    name_at,
    time_at,
    verb_of,
)
from dtmfdsl.notation import KEY_NAMES, KEYS

_KEYS = rf"(?:\([0-9]+\)[ \t]*)?[{re.escape(KEYS)}]++(?:[-.][{re.escape(KEYS)}]++)*+(?!\w)"
_WORDS = r"[^\W\d_](?:[^\W_]|['’-](?=[^\W_]))*(?:[ \t]+[^\W\d_](?:[^\W_]|['’-](?=[^\W_]))*)*"
_KEYS_OR_TIME = rf"[ \t]+(?:[\"'(\[$*#0-9]|{SPELLED}|for(?!\w))"
_ABBREVIATED = ("approx", "ext")


@attrs.frozen
class Token:
    """A word, phrase or mark of a sentence: its kind, what it means, and its place."""

    kind: str
    value: str
    start: int
    end: int
    time: Decimal = Decimal(0)


def tokens_of(text: str, names: Mapping[str, str]) -> list[Token]:
    """Cuts a text into tokens. Its end is one too."""
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        token = _token_at(text, at, names)
        if token:
            tokens.append(token)
        at = token.end if token else at + 1
    return [*tokens, *[Token("end", "", at, at)] * 2]


def _token_at(text: str, at: int, names: Mapping[str, str]) -> Token | None:
    """What stands at an offset, or None for a blank. `names` are values by the words for them."""
    if text[at] in " \t":
        return None
    if found := STRING.match(text, at):
        return Token("string", found[0][1:-1], at, found.end())
    if name := name_at(text, at):
        return Token("name", name[0], at, name[1])
    if multiple := multiple_at(text, at):
        return Token("multiple", str(multiple[0]), at, multiple[1])
    if count := count_at(text, at):
        return Token("count", count[0], at, count[1])
    if time := time_at(text, at, near=True):
        return Token("time", text[at : time[2]], at, time[2], time[0])
    if found := LENGTH.match(text, at):
        return Token("length", found[0], at, found.end())
    if found := re.compile(_KEYS).match(text, at):
        return Token("keys", found[0], at, found.end())
    if found := re.compile(SPELLED, re.I).match(text, at):
        return Token("keys", digits_of(found[0]), at, found.end())
    phrase, end, word = text[at], at + 1, False
    if found := re.compile(r"[-=]+>|--+(?=[ \t])|&&|,{2,}|;{2,}|\.{2,}").match(text, at):
        phrase, end = {">": "→", "-": "–"}.get(found[0][-1], found[0]), found.end()
    elif found := re.compile(_WORDS).match(text, at):
        word = True
        for each in reversed([*re.finditer(r"[^ \t]+", found[0])][:LONGEST]):
            phrase, end = " ".join(found[0][: each.end()].lower().split()), at + each.end()
            if phrase in names:
                return Token("value", names[phrase], at, end)
            if (phrase in PHRASES or phrase in KEY_WORDS) and not names.keys() & set(phrase.split()):
                break
    if word and phrase not in PHRASES and re.compile(_KEYS_OR_TIME, re.I).match(text, end):
        phrase = next((verb for verb in ("press", "wait") if verb == verb_of(phrase)), phrase)
    if phrase == "each" and time_at(text, end + 1):
        phrase = "every"
    if phrase in _ABBREVIATED and text[end : end + 1] == ".":
        end += 1
    if phrase in KEY_WORDS:
        return Token("keys", phrase if phrase in KEY_NAMES else KEY_WORDS[phrase], at, end)
    if phrase == "," and text[end : end + 1] not in ("", " ", "\t") and text[end] in KEYS:
        return Token("glued", phrase, at, end)
    beside = text[max(at - 1, 0)] + text[end : end + 1]
    if (phrase in "-+/" and not beside.isspace()) or (phrase in "–—" and {*beside} <= {*KEYS}):
        return Token("glued", phrase, at, end)
    if phrase in ":=-–—":
        return Token("-" if phrase in "–—" else phrase, phrase, at, end)
    return Token(PHRASES.get(phrase, "word" if word else phrase), phrase, at, end)

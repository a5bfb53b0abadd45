"""Where a script's text may hold a secret by mistake. This is hidden when a line is shown.

A secret's value must not stand in a script, but people try: `secret pin: 4 digits = 0471`, `sercet pin 0471`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from dtmfdsl.diagnostics import closest
from dtmfdsl.source import Source

# Only lines with a word like this are searched. Hardly any line has one.
_LIKELY = r"[sS]\w{3,8}[tT]|[ſｓＳ]"
_STRETCH = r"(?:=[ \t]*+;|[^;}])+"
# Where a statement may begin, also in a comment or after another one and `, then`; and its first two words.
_START = r"(?:^|(?<=[{,])|(?<=[ \t]and)|(?<=[ \t]then))[ \t]*+(?:#+|//|--)?[ \t]*+"
_HEAD = rf"{_START}([^\W\d]\w*)([ \t]+\$?[^\W\d][\w-]*)?"
_KIND = (
    r"[ \t]*:?[ \t]*(?:(?:[0-9]+(?:[ \t]*\.\.[ \t]*[0-9]+)?[ \t]+)?(?:digits?|keys?)\b|"
    r"(?:duration|letters|text|number)\b)?[ \t]*=?"
)


@lru_cache(maxsize=8)
def secret_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where in a text the values of secrets may stand, as half-open pairs of offsets in order."""
    source = Source("", text)
    hidden: list[tuple[int, int]] = []
    end = -1
    for likely in re.finditer(_LIKELY, text):
        if likely.start() >= end:
            start, end = source.line_bounds(source.position(likely.start())[0])
            for stretch in re.finditer(_STRETCH, text[start:end]):
                if (at := _secret_in(stretch[0])) is not None:
                    hidden.append((start + stretch.start() + at, start + stretch.end()))
    return tuple(hidden)


def _secret_in(stretch: str) -> int | None:
    """Where the value of a `secret` begins in a part of a line, or None if there is none."""
    declared = re.search(r"(?i):[ \t]*secret\b", stretch)
    for head in re.finditer(_HEAD, stretch):
        if declared:
            return head.end()
        if _is_secret(head[1]) or _is_secret(head[2] or ""):
            kind = re.compile(_KIND).match(stretch, head.end())
            at = kind.end() if kind else head.end()
            rest = stretch[at:].lstrip(" \t")
            return None if rest.startswith("//") and not re.search("[0-9]", rest) else at
    return None


def _is_secret(word: str) -> bool:
    word = unicodedata.normalize("NFKC", word).strip(" \t$").lower()
    if word.startswith("secret"):
        return True
    # Comparing takes time, and a word without three of the letters cannot be close.
    return len(set(word) & set("secrt")) > 2 and closest(word, ["secret"], 0.7) is not None

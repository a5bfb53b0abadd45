"""Whether a text can be parsed at all. This is asked of every text, so it must be quick."""

from __future__ import annotations

import re
from itertools import islice

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic
from dtmfdsl.language.verbs import VERBS
from dtmfdsl.source import Source, Span

# A string, even without its last quote; a comment; `${name}` and `{{name}}` as in other languages.
_OTHERS = (
    r'"[^"\\\r\n]*+(?:\\.[^"\\\r\n]*+)*+"?|//[^\r\n]*+|\$\{\w*\}|#\{\w*\}|\{\{ ?\w* ?\}\}|\{(?!(?:'
    + "|".join(VERBS)
    + r")\})[A-Za-z]\w*\}"
)
# Each alternative begins with a plain character, which lets `re` skip the others three times as fast.
BRACES = rf"{_OTHERS}|\{{|\}}"
"""The braces of blocks, and whatever may have other braces in it."""

# A name, a text, keys, `,` and the like. What costs Lark little is no word.
_WORD = r'//[^\r\n]*+|("(?:[^"\\\r\n]|\\.)*+"?|\$?[\w.*#+-]++|[,=:])'

_TOO_LARGE_HELP = "move parts of it into other files and `use` them"


def unreadable(source: Source) -> Diagnostic | None:
    """The diagnostic for a text that cannot be parsed at all, or None.

    It has half a character, is larger than `limits.SOURCE_BYTES` or `limits.WORDS`, or has blocks deeper than
    `limits.NESTING`.
    """
    text = source.text
    try:
        size = len(text) if text.isascii() else len(text.encode())
    except UnicodeEncodeError as error:
        message = f"half a character (a lone surrogate, U+{ord(text[error.start]):04X}) stands here"
        help = "the text was decoded wrongly before it came here: read it as UTF-8"
        return Diagnostic("not-unicode", message, Span(source, error.start, error.start + 1), help=help)
    if size > limits.SOURCE_BYTES:
        message = f"this script has {size:,} bytes; at most {limits.SOURCE_BYTES:,} are read"
        return Diagnostic("source-too-large", message, Span(source, 0, 0), help=_TOO_LARGE_HELP)
    if len(text) > limits.WORDS:
        words = (word for word in re.finditer(_WORD, text) if word[1])
        for word in islice(words, limits.WORDS, None):
            message = f"this script has more than {limits.WORDS:,} words and marks"
            return Diagnostic("source-too-large", message, Span(source, *word.span()), help=_TOO_LARGE_HELP)
    if text.count("{") > limits.NESTING:
        depth = 0
        for mark in re.finditer(BRACES, text):
            depth += {"{": 1, "}": -1}.get(mark[0], 0)
            if depth > limits.NESTING:
                message = f"blocks are nested more than {limits.NESTING} deep here"
                help = "give an inner block a name with `define` and call it"
                return Diagnostic("nested-too-deeply", message, Span(source, *mark.span()), help=help)
    return None

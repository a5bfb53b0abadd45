"""What stand-ins for carriers that take documents have in common: a document's keys, and when it ends."""

from __future__ import annotations

import re

import attrs


@attrs.frozen
class Document:
    """The string that a document plays, and how long the call stays after it, in milliseconds."""

    keys: str
    stays_ms: float


def read_document(text: str, root: str, verbs: str) -> Document | None:
    """A document of `root` that holds the verbs of a pattern, and nothing else; None for any other.

    The pattern has the groups `keys` and `pause`, of which one is there: a string, or a number of seconds. A
    pause between two strings is written as pauses of half a second.
    """
    whole = re.fullmatch(rf"(?:<\?xml[^>]*\?>)?\s*<{root}>(.*)</{root}>\s*", text, re.DOTALL)
    if not whole or not re.fullmatch(rf"(?:\s*(?:{_plain(verbs)}))*\s*", whole[1]):
        return None
    keys, stays_ms = "", 0.0
    for verb in re.finditer(verbs, whole[1]):
        if verb["pause"]:
            stays_ms += float(verb["pause"]) * 1000
        else:
            keys += "w" * round(stays_ms / 500) + verb["keys"]
            stays_ms = 0.0
    return Document(keys, stays_ms)


def _plain(pattern: str) -> str:
    return re.sub(r"\?P<\w+>", "?:", pattern)

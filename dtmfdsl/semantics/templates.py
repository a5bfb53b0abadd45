"""Marks in a pasted string where a program would have put a value: `${card}`, `%(card)s`, `<card>`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, TypeAlias

import attrs

Template: TypeAlias = Literal["ruby", "braces"]
"""What `#{card}` is: Ruby's mark, or the key `#` before the mark `{card}`."""

# An expression that is little more than a name: `card`, `@card`, `card.to_s`, `user.cardNumber`.
_NAME = r"[ \t]*(?P<name{0}>[@$]*[A-Za-z_][A-Za-z0-9_.\-]{{0,99}})(?:\(\))?[ \t]*"
_FORMS = (r"(?P<hash>#?)\{{%s\}}", r"\$\{{%s\}}", r"\{{\{{%s\}}\}}", r"%%\(%s\)s", "<%s>")
_MARK = re.compile("|".join((form % _NAME).format(number) for number, form in enumerate(_FORMS)))


@attrs.frozen
class Mark:
    """A place of a value: the text from `start` up to `end`, and its `name` in our form."""

    start: int
    end: int
    name: str


def marks_of(text: str, template: Template | None = None) -> list[Mark]:
    """The marks of a text in order; `template` tells what `#{card}` is, by default Ruby's mark."""
    found = []
    for match in _MARK.finditer(text):
        start = match.start() + (template == "braces" and match["hash"] == "#")
        written = next(match[f"name{number}"] for number in range(len(_FORMS)) if match[f"name{number}"])
        found.append(Mark(start, match.end(), _in_our_form(written)))
    return found


def templates_of(texts: Iterable[str]) -> tuple[Template, ...]:
    """The templates that the texts may be written for: one, or both where every brace follows a `#`."""
    hashes = [match["hash"] for text in texts for match in _MARK.finditer(text) if match["hash"] is not None]
    return ("ruby", "braces") if hashes and all(hashes) else ("braces",)


def _in_our_form(written: str) -> str:
    """`@cardNumber.to_s` as a name of a script: `card_number`."""
    plain = re.sub(r"\.(to_s|toString|strip|trim)$", "", written)
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()
    return re.sub(r"[^a-z0-9]+", "_", parted).strip("_0123456789") or "value"

"""What each diagnostic code means, from the pages in docs/diagnostics.

An entry of a page is a heading with the code, a line with the title, and Markdown: paragraphs and fenced
examples. The pages are the only source of `dtmfdsl explain`, and tests run their examples.
"""

from __future__ import annotations

import re
import textwrap
from importlib import resources
from importlib.resources.abc import Traversable

import attrs

_WIDTH = 88
_ENTRY = re.compile(r"^## ([a-z0-9-]+)\n\n\*(.+)\*\n", re.MULTILINE)
_EXAMPLE = re.compile(r"^```[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@attrs.frozen
class Explanation:
    """One code explained: its title, without a full stop, and the Markdown below the title."""

    code: str
    title: str
    body: str

    def as_text(self) -> str:
        """The explanation for a terminal: paragraphs of at most 88 columns, examples indented."""
        # Splitting at the examples puts them at the odd places, between the prose.
        parts = [f"{self.code}: {self.title}"]
        for index, part in enumerate(_EXAMPLE.split(self.body)):
            parts += [textwrap.indent(part.rstrip("\n"), "    ")] if index % 2 else _paragraphs(part)
        return "\n\n".join(parts)


def explanations() -> dict[str, Explanation]:
    """Every code's explanation, in alphabetical order.

    Raises FileNotFoundError if the pages are missing from this installation.
    """
    found = {}
    for page in _folder().iterdir():
        if page.name.endswith(".md"):
            _, *parts = _ENTRY.split(page.read_text(encoding="utf-8"))
            for entry in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
                found[entry[0]] = Explanation(*entry)
    return dict(sorted(found.items()))


def _folder() -> Traversable:
    """The folder of the pages: inside the package in the wheel, beside it in a checkout."""
    for path in ("docs/diagnostics", "../docs/diagnostics"):
        if (folder := resources.files("dtmfdsl").joinpath(path)).is_dir():
            return folder
    raise FileNotFoundError("the explanations are missing from this installation of dtmfdsl")


def _paragraphs(prose: str) -> list[str]:
    return [
        textwrap.fill(paragraph, _WIDTH, break_long_words=False, break_on_hyphens=False)
        for paragraph in prose.strip().split("\n\n")
        if paragraph
    ]

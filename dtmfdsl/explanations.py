"""What each diagnostic code means, as the pages of docs/diagnostics explain it.

On a page, an entry is a heading with the code, a line with its title, and Markdown: paragraphs and fenced
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
    """One code explained: a title without a full stop, and the Markdown that follows it."""

    code: str
    title: str
    body: str

    def as_text(self) -> str:
        """The explanation for a terminal: paragraphs of at most 88 columns, examples indented."""
        parts = [f"{self.code}: {self.title}"]
        prose, *rest = _EXAMPLE.split(self.body)
        parts += _paragraphs(prose)
        for example, after in zip(rest[::2], rest[1::2], strict=True):
            parts += [textwrap.indent(example.rstrip("\n"), "    "), *_paragraphs(after)]
        return "\n\n".join(parts)


def explanations() -> dict[str, Explanation]:
    """Every code's explanation, in the order of the alphabet.

    Raises FileNotFoundError if the pages are missing from this installation.
    """
    pages = [page.read_text(encoding="utf-8") for page in _folder().iterdir() if page.name.endswith(".md")]
    found = []
    for page in pages:
        _, *parts = _ENTRY.split(page)
        found += [Explanation(*entry) for entry in zip(parts[::3], parts[1::3], parts[2::3], strict=True)]
    return {each.code: each for each in sorted(found, key=lambda each: each.code)}


def _folder() -> Traversable:
    """Where the pages are. In the wheel they lie inside the package, in a checkout beside it."""
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

"""A text with a name, and places in it. Lines and columns are computed here and nowhere else."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Sequence
from functools import lru_cache

import attrs

_LINE_END = r"\r\n|\r|\n"


@lru_cache(maxsize=64)
def _line_starts(text: str) -> list[int]:
    """The offset at which each line begins."""
    return [0, *(end.end() for end in re.finditer(_LINE_END, text))]


@attrs.frozen
class Source:
    """A script's text and what to call it.

    `name` stands in diagnostics; `path` tells a `Loader` which file it is, or is None for text from
    elsewhere. Offsets into `text` are code points, and every span is half open. `hiding` finds in a text
    what may be secret and must not be shown, as pairs of offsets in order.
    """

    name: str
    text: str = attrs.field(repr=False)
    path: str | None = attrs.field(default=None, eq=False, repr=False)
    hiding: Callable[[str], Sequence[tuple[int, int]]] | None = attrs.field(
        default=None, eq=False, repr=False
    )

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset, both counted from 1."""
        starts = _line_starts(self.text)
        line = bisect.bisect_right(starts, max(offset, 0))
        return line, offset - starts[line - 1] + 1

    def line(self, number: int) -> str:
        """A line as it may be shown, without its end: what is hidden is bullets. `number` counts from 1."""
        start, end = self.line_bounds(number)
        shown = self.text[start:end]
        for first, last in self.hiding(self.text) if self.hiding else ():
            if first < end and start < last:
                first, last = max(first - start, 0), min(last, end) - start
                shown = shown[:first] + re.sub(r"\S", "•", shown[first:last]) + shown[last:]
        return shown

    def line_bounds(self, number: int) -> tuple[int, int]:
        """The offsets at which a line starts and ends, its line end left out. `number` counts from 1."""
        starts = _line_starts(self.text)
        end = starts[number] if number < len(starts) else len(self.text)
        start = starts[number - 1]
        return start, start + len(self.text[start:end].rstrip("\r\n"))


@attrs.frozen(repr=False)
class Span:
    """A stretch of a source: from offset `start` up to and without `end`."""

    source: Source
    start: int
    end: int

    @property
    def position(self) -> tuple[int, int]:
        """The line and column at which it begins, both counted from 1."""
        return self.source.position(self.start)

    @property
    def text(self) -> str:
        """What stands there."""
        return self.source.text[self.start : self.end]

    def __str__(self) -> str:
        line, column = self.position
        return f"{self.source.name}:{line}:{column}"

    def __repr__(self) -> str:
        return f"<Span {self}>"

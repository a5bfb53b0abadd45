"""A text with a name, and places in it. Lines and columns are computed here and nowhere else."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Sequence
from functools import lru_cache

import attrs

from dtmfdsl.notation import bullets, key_runs


@lru_cache(maxsize=8)
def _line_starts(text: str) -> list[int]:
    """The offset at which each line begins."""
    return [0, *(end.end() for end in re.finditer(r"\r\n|\r|\n", text))]


def _pieces(hidden: str) -> list[str]:
    """What a message must not have of a hidden part: the whole, its texts, and words with digits."""
    whole = hidden.strip(" \t=:\"'")
    texts = re.findall(r'"([^"]+)"', hidden)
    return [each for each in (whole, *texts, *re.findall(r"\w*[0-9]\w*", hidden)) if len(each) > 2]


@attrs.frozen
class Source:
    """A script's text and its name.

    Diagnostics show `name`; `path` is the file for a `Loader`, or None for a text without one. Offsets count
    the characters of `text`, and every span is half open. `hiding` finds what must not be shown in a text, as
    it may be secret: pairs of offsets, in order.
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
        """A line without its end, as it may be shown: hidden text as bullets. `number` counts from 1."""
        start, end = self.line_bounds(number)
        shown = self.text[start:end]
        for first, last in self._hidden():
            if first < end and start < last:
                first, last = max(first - start, 0), min(last, end) - start
                shown = shown[:first] + bullets(shown[first:last]) + shown[last:]
        return shown

    def masked(self, about: str, *, quoting: bool = True) -> str:
        """A text about this one as it may be shown: what is hidden, as bullets.

        Keys may stand in it in another form, such as digits for words. Those that the shown text does not
        have are hidden too; in a sentence, which is `quoting` with backquotes, only between these.
        """
        shown, hidden, end = "", [], 0
        for first, last in self._hidden():
            shown += self.text[end:first]
            hidden.append(self.text[first:last])
            end = last
        if not hidden:
            return about
        shown = re.sub("[ .()-]", "", shown + self.text[end:])
        for piece in (piece for each in hidden for piece in _pieces(each)):
            about = about.replace(piece, bullets(piece))
        for start, stop in reversed([*key_runs(about)]):
            new = re.sub("[ .()-]", "", about[start:stop]) not in shown
            if new and (not quoting or about.count("`", 0, start) % 2):
                about = about[:start] + bullets(about[start:stop]) + about[stop:]
        return about

    def _hidden(self) -> Sequence[tuple[int, int]]:
        return self.hiding(self.text) if self.hiding else ()

    def line_bounds(self, number: int) -> tuple[int, int]:
        """The offsets at which a line starts and ends, without its line end. `number` counts from 1."""
        starts = _line_starts(self.text)
        start = starts[number - 1]
        end = starts[number] if number < len(starts) else len(self.text)
        return start, start + len(self.text[start:end].rstrip("\r\n"))


@attrs.frozen(repr=False)
class Span:
    """A part of a source: from offset `start` up to `end`, which is not in it."""

    source: Source
    start: int
    end: int

    @property
    def position(self) -> tuple[int, int]:
        """The line and column where it begins, both counted from 1."""
        return self.source.position(self.start)

    @property
    def text(self) -> str:
        """The text in the span."""
        return self.source.text[self.start : self.end]

    def __str__(self) -> str:
        line, column = self.position
        return f"{self.source.name}:{line}:{column}"

    def __repr__(self) -> str:
        return f"<Span {self}>"

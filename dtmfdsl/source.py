"""A text with a name, and places in it. Lines and columns are computed here and nowhere else."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import attrs

from dtmfdsl.notation import bullets, key_runs

Hiding: TypeAlias = Callable[[str], Sequence[tuple[int, int]]]
"""Finds what must not be shown in a text, as it may be secret: pairs of offsets, in order, half open."""


@lru_cache(maxsize=8)
def _line_starts(text: str) -> list[int]:
    """The offset at which each line begins."""
    return [0, *(end.end() for end in re.finditer(r"\r\n|\r|\n", text))]


def _pieces(hidden: str) -> list[str]:
    """What a message must not have of a hidden part: the whole, its texts, and words with digits."""
    whole = hidden.strip(" \t=:\"'")
    texts = re.findall(r'"([^"]+)"', hidden)
    return [each for each in (whole, *texts, *re.findall(r"\w*[0-9]\w*", hidden)) if len(each) > 2]


MANY = 200
"""If more pieces than this are hidden, a message is searched for their words: looking for each takes time."""


class _Hidden(NamedTuple):
    """What is hidden in a text: its places, and its pieces and their words, which no message may have.

    `shown` is the rest without what is for the eye, and `runs` are its rows of keys.
    """

    spans: Sequence[tuple[int, int]]
    pieces: tuple[str, ...]
    words: frozenset[str]
    shown: str
    runs: frozenset[str]


@lru_cache(maxsize=8)
def _hidden_in(text: str, hiding: Hiding) -> _Hidden:
    spans = hiding(text)
    ends = [0, *(last for _, last in spans)]
    shown = "".join(text[end:first] for end, (first, _) in zip(ends, spans, strict=False)) + text[ends[-1] :]
    pieces = dict.fromkeys(piece for first, last in spans for piece in _pieces(text[first:last]))
    words = frozenset(word for piece in pieces for word in re.findall(r"\w{3,}", piece))
    runs = frozenset(_keys_of(shown[start:stop]) for start, stop in key_runs(shown))
    return _Hidden(spans, tuple(pieces), words, _keys_of(shown), runs)


def _keys_of(text: str) -> str:
    """A text without what is for the eye among keys."""
    return re.sub("[ .()-]", "", text)


@attrs.frozen
class Source:
    """A script's text and its name.

    Diagnostics show `name`; `path` is the file for a `Loader`, or None for a text without one. Offsets count
    the characters of `text`, and every span is half open. `hiding` finds what must not be shown in a text.
    """

    name: str
    text: str = attrs.field(repr=False)
    path: str | None = attrs.field(default=None, eq=False, repr=False)
    hiding: Hiding | None = attrs.field(default=None, eq=False, repr=False)

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset, both counted from 1."""
        starts = _line_starts(self.text)
        line = bisect.bisect_right(starts, max(offset, 0))
        return line, offset - starts[line - 1] + 1

    def line(self, number: int) -> str:
        """A line without its end, as it may be shown: hidden text as bullets. `number` counts from 1."""
        start, end = self.line_bounds(number)
        shown = self.text[start:end]
        spans = _hidden_in(self.text, self.hiding).spans if self.hiding else ()
        at = bisect.bisect_right(spans, start, key=lambda span: span[1])
        while at < len(spans) and spans[at][0] < end:
            first, last = max(spans[at][0] - start, 0), min(spans[at][1], end) - start
            shown = shown[:first] + bullets(shown[first:last]) + shown[last:]
            at += 1
        return shown

    def masked(self, about: str, *, quoting: bool = True) -> str:
        """A text about this one as it may be shown: what is hidden, as bullets.

        Keys may stand in it in another form, such as digits for words. Those that the shown text does not
        have are hidden too; in a sentence, which is `quoting` with backquotes, only between these.
        """
        hidden = _hidden_in(self.text, self.hiding) if self.hiding else None
        if not hidden or not hidden.spans:
            return about
        if len(hidden.pieces) > MANY:
            words = hidden.words
            about = re.sub(r"\w+", lambda word: bullets(word[0]) if word[0] in words else word[0], about)
        else:
            for piece in hidden.pieces:
                about = about.replace(piece, bullets(piece))
        for start, stop in reversed([*key_runs(about)]):
            keys = _keys_of(about[start:stop])
            new = keys not in hidden.runs and keys not in hidden.shown
            if new and (not quoting or about.count("`", 0, start) % 2):
                about = about[:start] + bullets(about[start:stop]) + about[stop:]
        return about

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

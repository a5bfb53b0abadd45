"""A timeline as a picture: SVG or PNG, by matplotlib, which is the extra `dtmfdsl[plot]`.

A row a statement, from top to bottom, and time from left to right. The upper edge of a key or a pause is its
earliest time and the lower edge its latest: it is a rectangle if they are known to be the same.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import attrs
import matplotlib
import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.notation import counted, write_duration
from dtmfdsl.printable import printable
from dtmfdsl.program import Tones
from dtmfdsl.timing import Bounds, Item, TimedChunk, TimedKey, TimedPause, Timeline

MOST_ROWS = 400
"""More rows than these, in all dialects together, are no picture that anybody reads."""

_WIDTH, _LEFT, _RIGHT = 11.0, 3.5, 0.35
_ROW, _HEAD, _FOOT = 0.25, 0.4, 0.45
_LEGEND = 0.3
"""Inches: the picture, what stands left and right of the time axis; a row, a panel's title, its
axis; the legend."""

_SMALL, _USUAL = 7.5, 8.5
_CHARACTER = 0.66
"""The width of a character of the fixed font, as a part of its height."""

_TEXT_WIDTH = 49
"""Characters of a row's text."""

_TICKS_MS = [
    *(100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000),
    *(60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000),
]


@attrs.frozen
class _Colours:
    """Those of Okabe and Ito, which colour-blind readers tell apart (https://jfly.uni-koeln.de/color/)."""

    ground: str
    text: str
    faint: str
    lane: str
    key: str
    on_key: str
    carrier: str
    sender: str
    listener: str


_LIGHT = _Colours(
    "#ffffff", "#1a1a1a", "#6b6b6b", "#f2f4f6", "#0072b2", "#ffffff", "#c9ced4", "#e69f00", "#009e73"
)
_DARK = _Colours(
    "#15181c", "#eceff1", "#9aa4ae", "#20252b", "#56b4e9", "#10141a", "#4b5560", "#e69f00", "#00b686"
)


def to_svg(timelines: Sequence[Timeline], *, dark: bool = False) -> bytes:
    """The picture as SVG, where text stays text. The same timelines give the same bytes.

    Each shape has an id: `a-key-0`, `a-pause-0`, `a-chunk-0` and `a-cue-0` are the first of the first
    timeline, `b-key-0` of the second. Raises DtmfError for more than `MOST_ROWS` rows.
    """
    return _written(timelines, dark, "svg", {"Date": None, "Creator": None})


def to_png(timelines: Sequence[Timeline], *, dark: bool = False) -> bytes:
    """The picture as PNG. Raises DtmfError for more than `MOST_ROWS` rows."""
    return _written(timelines, dark, "png", {"Software": None})


def _written(timelines: Sequence[Timeline], dark: bool, form: str, metadata: dict[str, None]) -> bytes:
    own = {
        "svg.fonttype": "none",
        "svg.hashsalt": "dtmfdsl",
        "hatch.linewidth": 0.6,
    }
    with matplotlib.style.context(["default", own]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # SVG has the text; PNG has a box there
        out = io.BytesIO()
        draw(timelines, dark=dark).savefig(out, format=form, metadata=metadata)
    return out.getvalue()


@attrs.frozen
class _Row:
    """What one statement does in one string: its text, and the keys and pauses, each with its number."""

    text: str
    items: tuple[tuple[int, Item], ...]
    chunk: int | None


def _rows(line: Timeline) -> list[_Row]:
    """The rows of a timeline; each string has one of its own before those of its statements."""
    counts = {TimedKey: 0, TimedPause: 0, TimedChunk: 0}

    def numbered() -> Iterator[tuple[int, Item]]:
        for item in line.items:
            yield counts[type(item)], item
            counts[type(item)] += 1

    def of(numbered: tuple[int, Item]) -> tuple[object, ...]:
        _, item = numbered
        if isinstance(item, TimedChunk):
            return (id(item),)
        return id(item.event), item.chunk

    rows = []
    total = sum(isinstance(item, TimedChunk) for item in line.items)
    for _, group in groupby(numbered(), key=of):
        items = tuple(group)
        number, first = items[0]
        if isinstance(first, TimedChunk):
            rows.append(_Row(f"string {number + 1} of {total}  {first.shown}", items, number))
        else:
            rows.append(_Row(_text(items), items, first.chunk))
    return rows


def _text(items: Sequence[tuple[int, Item]]) -> str:
    """What a row's statement does: `3  5077 0811  card number`."""
    first = next(item for _, item in items if not isinstance(item, TimedChunk))
    line = "" if first.line is None else str(first.line)
    if isinstance(first.event, Tones):
        keys = "".join(item.shown for _, item in items if isinstance(item, TimedKey))
        words = ["press" if keys else "between keys", keys, first.event.label or ""]
    else:
        words = ["wait" if first.cue is None else f"wait for “{first.cue}”"]
    return f"{line:>4}  {'  '.join(word for word in words if word)}"


def draw(timelines: Sequence[Timeline], *, dark: bool = False) -> Figure:
    """The picture as a Figure, one panel a timeline, with the same time axis."""
    colours = _DARK if dark else _LIGHT
    panels = [_rows(line) for line in timelines]
    count = sum(map(len, panels))
    if count > MOST_ROWS:
        message = f"this picture would have {counted(count, 'row')}, and at most {MOST_ROWS} can be drawn"
        raise DtmfError.of("picture-too-long", message, help="draw a part of the script, or fewer dialects")
    heights = [_HEAD + _ROW * max(len(rows), 1) + _FOOT for rows in panels]
    height = sum(heights) + _LEGEND
    figure = Figure(figsize=(_WIDTH, height), dpi=150, facecolor=colours.ground)
    most = max([1000, *(line.ends.latest_ms for line in timelines)])
    top = height
    for number, (line, rows) in enumerate(zip(timelines, panels, strict=True)):
        below = top - heights[number] + _FOOT
        inside = _WIDTH - _LEFT - _RIGHT
        box = (_LEFT / _WIDTH, below / height, inside / _WIDTH, _ROW * max(len(rows), 1) / height)
        panel = _Panel(figure.add_axes(box), colours, "abcdefghijklmnopqrstuvwxyz"[number % 26], most, inside)
        panel.draw(line, rows)
        top -= heights[number]
    _legend(figure, colours, height)
    return figure


def _legend(figure: Figure, colours: _Colours, height: float) -> None:
    at, above = _LEFT / _WIDTH, (_LEGEND / 2 - 0.02) / height
    em = _SMALL / 72 / _WIDTH
    parts = (
        ("■", "key", colours.key),
        ("■", "pause in the string", colours.faint),
        ("■", "the sender waits", colours.sender),
        ("■", "until a cue is heard", colours.listener),
        ("⚑", "cue", colours.listener),
        ("", "upper edge: earliest, lower edge: latest", colours.faint),
    )
    for sign, text, colour in parts:  # words in these colours could hardly be read
        if sign:
            figure.text(at, above, sign, color=colour, size=_SMALL)
            at += 1.2 * em
        figure.text(at, above, text, color=colours.text, size=_SMALL)
        at += (len(text) * 0.54 + 2) * em


class _Panel:
    """Draws one timeline. Rows count from the top, and times are in milliseconds."""

    def __init__(self, axes: Axes, colours: _Colours, name: str, most: int, inches: float):
        self.axes = axes
        self.colours = colours
        self.name = name
        self.most = most
        self.inches = inches
        self.cues = 0

    def draw(self, line: Timeline, rows: Sequence[_Row]) -> None:
        axes, colours = self.axes, self.colours
        axes.set_facecolor("none")
        axes.set_xlim(0, self.most)
        axes.set_ylim(max(len(rows), 1), 0)
        step = next((step for step in _TICKS_MS if self.most / step <= 12), _TICKS_MS[-1])
        ticks = range(0, self.most + 1, step)
        axes.set_xticks(ticks, [write_duration(at) for at in ticks], size=_SMALL, color=colours.faint)
        axes.set_yticks([])
        axes.tick_params(length=3, color=colours.faint)
        axes.grid(axis="x", color=colours.faint, linewidth=0.4, alpha=0.35)
        axes.set_axisbelow(True)
        for side, spine in axes.spines.items():
            spine.set_visible(side == "bottom")
            spine.set_color(colours.faint)
        ends = _range(line.ends)
        self.words(0, -1.0, line.dialect.name, size=_USUAL + 1.5, weight="bold", left=True)
        self.words(0, -1.0, f"over after {ends}, {counted(len(line.chunks), 'string')}", size=_USUAL)
        for at, row in enumerate(rows):
            self.row(at, row)

    def words(self, ms: float, at: float, text: str, *, left: bool = False, **style: Any) -> None:
        """Writes a text at a time, or in the column left of the time axis."""
        style = {"size": _SMALL, "color": self.colours.text, "va": "center_baseline", **style}
        x = -(_LEFT - 0.15) / self.inches * self.most if left else ms
        self.axes.text(x, at + 0.5, printable(text), parse_math=False, clip_on=False, **style)

    def row(self, at: int, row: _Row) -> None:
        colours = self.colours
        heads = isinstance(row.items[0][1], TimedChunk)
        if row.chunk is not None:
            self.axes.axhspan(
                at, at + 1, xmin=-(_LEFT - 0.1) / self.inches, facecolor=colours.lane, clip_on=False, zorder=0
            )
        text = row.text if len(row.text) <= _TEXT_WIDTH else row.text[: _TEXT_WIDTH - 1] + "…"
        family = {"family": ["DejaVu Sans Mono", "DejaVu Sans"]}
        self.words(0, at, text, left=True, color=colours.faint if heads else colours.text, **family)
        for number, item in row.items:
            match item:
                case TimedKey():
                    self.key(at, number, item)
                case TimedPause():
                    self.pause(at, number, item, alone=len(row.items) == 1)
                case TimedChunk():
                    self.chunk(at, number, item)

    def shape(
        self, start: Bounds, end: Bounds, top: float, height: float, name: str, **style: Any
    ) -> Polygon:
        """Adds the shape of what lies between two times: earliest above, latest below."""
        corners = [
            (start.earliest_ms, top),
            (end.earliest_ms, top),
            (end.latest_ms, top + height),
            (start.latest_ms, top + height),
        ]
        shape = Polygon(corners, closed=True, **style)
        shape.set_gid(f"{self.name}-{name}")
        self.axes.add_patch(shape)
        return shape

    def key(self, at: int, number: int, key: TimedKey) -> None:
        colour = self.colours.key
        self.shape(
            key.start,
            key.end,
            at + 0.12,
            0.76,
            f"key-{number}",
            facecolor=colour,
            edgecolor=colour,
            linewidth=0.9,
            zorder=3,
        )
        if self.width(key.end.earliest_ms - key.start.latest_ms) > 0.1:  # else it would not fit
            middle = (key.start.latest_ms + key.end.earliest_ms) / 2
            self.words(middle, at, key.shown, ha="center", color=self.colours.on_key, zorder=4)

    def pause(self, at: int, number: int, pause: TimedPause, *, alone: bool) -> None:
        colours = {
            "carrier": self.colours.carrier,
            "sender": self.colours.sender,
            "listener": self.colours.listener,
        }
        colour = colours[pause.waiting]
        hatch = {} if pause.waiting == "carrier" else {"hatch": "////"}
        self.shape(
            pause.start,
            pause.end,
            at + 0.22,
            0.56,
            f"pause-{number}",
            facecolor=colour + "66",
            edgecolor=self.colours.faint if pause.waiting == "carrier" else colour,
            linewidth=0.6,
            zorder=2,
            **hatch,
        )
        if alone:
            self.length(at, pause)

    def length(self, at: int, pause: TimedPause) -> None:
        """Writes how long a pause is, with a flag if it has a cue."""
        text = write_duration(pause.length.latest_ms)
        if pause.length.earliest_ms != pause.length.latest_ms:
            text = f"at most {text}"
        if pause.cue is not None:
            self.flag(at, pause)
        self.beside(at, pause.start, pause.end, text)

    def beside(self, at: int, start: Bounds, end: Bounds, *texts: str) -> None:
        """Writes the first of these texts that fits into a shape, or right of it, or left of it.

        If none does, the last one stands over the shape.
        """
        middle, faint = (start.latest_ms + end.earliest_ms) / 2, self.colours.faint
        for text in texts:
            needs = len(text) * _SMALL * _CHARACTER / 72 + 0.1
            if needs < self.width(end.earliest_ms - start.latest_ms):
                break
            if needs < self.width(self.most - end.latest_ms):
                self.words(end.latest_ms + self.ms(0.06), at, text, ha="left", color=faint)
                return
            if needs < self.width(start.earliest_ms):
                self.words(start.earliest_ms - self.ms(0.06), at, text, ha="right", color=faint)
                return
        self.words(middle, at, text, ha="center", zorder=4)

    def flag(self, at: int, pause: TimedPause) -> None:
        """A flag where a cue may be heard."""
        x, pole = pause.start.earliest_ms, self.colours.listener
        self.axes.plot([x, x], [at + 0.04, at + 0.96], color=pole, linewidth=1.2, zorder=5)
        corners = [(x, at + 0.04), (x + self.ms(0.13), at + 0.22), (x, at + 0.4)]
        cloth = Polygon(corners, closed=True, facecolor=pole, edgecolor=pole, linewidth=0.5, zorder=5)
        cloth.set_gid(f"{self.name}-cue-{self.cues}")
        self.cues += 1
        self.axes.add_patch(cloth)

    def chunk(self, at: int, number: int, chunk: TimedChunk) -> None:
        end = chunk.start + chunk.playing
        colour = self.colours.faint
        self.shape(
            chunk.start,
            end,
            at + 0.14,
            0.72,
            f"chunk-{number}",
            facecolor=colour + "30",
            edgecolor=colour,
            linewidth=0.6,
            zorder=2,
        )
        plays, sent = f"plays {_range(chunk.playing)}", f"sent at {_range(chunk.send)}"
        self.beside(at, chunk.start, end, *([f"{sent}, {plays}", sent] if number else [plays]))

    def width(self, ms: float) -> float:
        """How many inches a time is long."""
        return ms / self.most * self.inches

    def ms(self, inches: float) -> float:
        return inches / self.inches * self.most


def _range(bounds: Bounds) -> str:
    """A time, or its bounds to the tenth of a second: `3.5s`, `3.8s to 5.9s`."""
    if bounds.earliest_ms == bounds.latest_ms:
        return write_duration(bounds.latest_ms)
    least, most = bounds.earliest_ms, -(-bounds.latest_ms // 100) * 100
    if least >= 1000:
        least -= least % 100
    return f"{write_duration(least)} to {write_duration(most)}"

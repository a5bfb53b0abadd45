"""The picture of timelines, imported when one is asked for: matplotlib is an extra, and takes a second."""

from __future__ import annotations

from collections.abc import Callable

from dtmfdsl.picture import to_png, to_svg

DRAW: dict[str, Callable[..., bytes]] = {"svg": to_svg, "png": to_png}
"""How each kind of picture is drawn, by the option that asks for it."""

"""What the commands share on the way out: diagnostics on standard error, JSON on standard output."""

from __future__ import annotations

import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dtmfdsl.diagnostics import Diagnostic


class Refusal(Exception):
    """A command line that makes no sense; the exit status is 2."""


def prepare_output() -> None:
    """A character that the terminal's encoding lacks is escaped, never a crash."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def show(diagnostics: Iterable[Diagnostic]) -> None:
    """Draws diagnostics on standard error, in colour on a terminal."""
    from dtmfdsl.diagnostics import render

    colour = sys.stderr is not None and sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    for diagnostic in diagnostics:
        print(render(diagnostic, colour), file=sys.stderr)


def show_json(value: object) -> None:
    """Writes a value on standard output as JSON."""
    import json

    print(json.dumps(value, indent=2, ensure_ascii=False))

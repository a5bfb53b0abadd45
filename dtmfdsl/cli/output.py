"""What the commands share on the way out: diagnostics on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from dtmfdsl.cli.streams import has_colour, width_of, write_error
from dtmfdsl.diagnostics import Diagnostic, render


def show(diagnostics: Iterable[Diagnostic]) -> None:
    """Draws diagnostics on standard error, in the colours and the width that it has."""
    colour, width = has_colour(sys.stderr), width_of(sys.stderr)
    for diagnostic in diagnostics:
        write_error(f"{render(diagnostic, colour, width)}\n")  # `render` cleans between the colours

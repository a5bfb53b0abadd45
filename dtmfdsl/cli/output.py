"""What the commands share on the way out: diagnostics on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from dtmfdsl.cli.streams import has_colour, tell, width_of
from dtmfdsl.diagnostics import Diagnostic, render


def show(diagnostics: Iterable[Diagnostic]) -> None:
    """Draws diagnostics on standard error, in the colours and the width that it has."""
    colour, width = has_colour(sys.stderr), width_of(sys.stderr)
    for diagnostic in diagnostics:
        tell(render(diagnostic, colour, width))

"""What the commands share on the way out: diagnostics on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from dtmfdsl.cli.streams import tell
from dtmfdsl.diagnostics import Diagnostic, render


def show(diagnostics: Iterable[Diagnostic]) -> None:
    """Draws diagnostics on standard error, in colour on a terminal."""
    colour = sys.stderr is not None and sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    for diagnostic in diagnostics:
        tell(render(diagnostic, colour))

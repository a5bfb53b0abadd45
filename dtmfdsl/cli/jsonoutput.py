"""What `--json` writes."""

from __future__ import annotations

import json
import re

from dtmfdsl.cli.streams import give
from dtmfdsl.printable import printable


def show(value: object) -> None:
    """Writes a value on standard output as JSON."""
    give(f"{as_text(value)}\n")


def as_text(value: object) -> str:
    """A value as JSON. What could control a terminal is escaped in it."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return re.sub(r"[^\n -~]", lambda found: _escaped(found[0]), text)


def _escaped(character: str) -> str:
    return character if printable(character) == character else json.dumps(character)[1:-1]

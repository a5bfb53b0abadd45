"""List the dialects: their keys, pauses and limits.

With --settings, show instead which dialect, rounding and character for half a second a script gets, and which
file says so.
"""

from __future__ import annotations

import argparse
import os

from dtmfdsl.cli import jsonoutput
from dtmfdsl.cli.input import settle
from dtmfdsl.cli.settings import settings_above
from dtmfdsl.cli.streams import say
from dtmfdsl.dialects import DIALECTS
from dtmfdsl.notation import write_duration


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="the table as JSON")
    parser.add_argument(
        "--settings",
        metavar="FILE",
        nargs="?",
        const="",
        help="the settings for a script, or for this folder",
    )


def run(options: argparse.Namespace) -> int:
    if options.settings is not None:
        return _show_settings(options)
    if options.json:
        jsonoutput.show(
            [
                {
                    "name": dialect.name,
                    "title": dialect.title,
                    "keys": dialect.keys,
                    "pauses": dict(dialect.pauses),
                    "waits": {character: cue for character, cue, _ in dialect.waits},
                    "number": dialect.number,
                    "limit": dialect.limit,
                    "tone_ms": dialect.tone_ms,
                    "gap_ms": dialect.gap_ms,
                    "pause_adds": dialect.pause_adds,
                    "sources": list(dialect.sources),
                }
                for dialect in DIALECTS.values()
            ]
        )
        return 0
    rows = [("NAME", "KEYS", "PAUSES", "LIMIT", "WHERE")]
    for dialect in DIALECTS.values():
        pauses = "  ".join(f"{character} {write_duration(ms)}" for character, ms in dialect.pauses)
        pauses += "".join(f'  {character} for "{cue}"' for character, cue, _ in dialect.waits)
        limit = "none known" if dialect.limit is None else str(dialect.limit)
        rows.append((dialect.name, dialect.keys, pauses, limit, dialect.title))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


def _show_settings(options: argparse.Namespace) -> int:
    file = os.path.join(options.settings, "-") if os.path.isdir(options.settings) else options.settings
    settings = settings_above(file)
    options.dialect = None
    dialect = settle(options, file)
    halves = [character for character, ms in dialect.pauses if ms == 500]
    known = {"dialect": dialect.name, "rounding": options.rounding, "half-second": "".join(halves[:1])}
    if options.json:
        jsonoutput.show({**known, "file": settings.get("file")})
        return 0
    for name, value in known.items():
        whence = settings["file"] if name in settings else "as usual"
        say(f"{name:<13}{value:<15}{whence}")
    return 0

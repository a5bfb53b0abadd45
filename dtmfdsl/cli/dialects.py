"""List the dialects: their keys, pauses and limits."""

from __future__ import annotations

import argparse

from dtmfdsl.cli import jsonoutput
from dtmfdsl.dialects import DIALECTS
from dtmfdsl.notation import write_duration


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="the table as JSON")


def run(options: argparse.Namespace) -> int:
    if options.json:
        jsonoutput.show(
            [
                {
                    "name": dialect.name,
                    "title": dialect.title,
                    "keys": dialect.keys,
                    "pauses": dict(dialect.pauses),
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
        limit = "none known" if dialect.limit is None else str(dialect.limit)
        rows.append((dialect.name, dialect.keys, pauses, limit, dialect.title))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0

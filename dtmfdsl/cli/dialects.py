"""List the dialects, or show one: its keys, pauses and limits, and where they are documented.

With --settings, show instead which dialect, rounding and character for half a second a script gets, and which
file says so.
"""

from __future__ import annotations

import argparse
import os

from dtmfdsl.cli import jsonoutput
from dtmfdsl.cli.input import named, settle
from dtmfdsl.cli.settings import settings_above
from dtmfdsl.cli.streams import say
from dtmfdsl.dialects import DIALECTS, Dialect
from dtmfdsl.notation import counted, write_duration


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="show this dialect alone, with its sources")
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
    one = None if options.name is None else named(options.name)
    if options.json:
        shown = [_as_dict(dialect) for dialect in ([one] if one else DIALECTS.values())]
        jsonoutput.show(shown[0] if one else shown)
    elif one:
        _show(one)
    else:
        _list()
    return 0


def _as_dict(dialect: Dialect) -> dict[str, object]:
    each = dialect.counted
    return {
        "name": dialect.name,
        "title": dialect.title,
        "keys": dialect.keys,
        "spelt": dict(dialect.spelt),
        "pauses": dict(dialect.pauses),
        "counted": each and each._asdict(),
        "waits": {character: cue for character, cue, _ in dialect.waits},
        "number": dialect.number,
        "limit": dialect.limit,
        "strings": dialect.strings,
        "tone_ms": dialect.tone_ms,
        "gap_ms": dialect.gap_ms,
        "tone_set_ms": dialect.tone_set_ms,
        "gap_set_ms": dialect.gap_set_ms,
        "lead_ms": dialect.lead_ms,
        "cadence_ms": dialect.cadence_ms,
        "local": dialect.local,
        "pause_adds": dialect.pause_adds,
        "sources": list(dialect.sources),
        "read_on": dialect.read_on or None,
        "unknown": dialect.unknown or None,
    }


def _list() -> None:
    """A line for each dialect."""
    rows = [("NAME", "KEYS", "PAUSES", "LIMIT", "STRINGS", "WHERE")]
    for dialect in DIALECTS.values():
        limit = "none known" if dialect.limit is None else str(dialect.limit)
        strings = "" if dialect.strings is None else str(dialect.strings)
        rows.append((dialect.name, dialect.keys, pauses_of(dialect), limit, strings, dialect.title))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def pauses_of(dialect: Dialect) -> str:
    """The pauses of a dialect in a line: `w 500ms  W 1s`."""
    pauses = [f"{character} {write_duration(ms)}" for character, ms in dialect.pauses]
    if each := dialect.counted:
        most = f", at most {each.most}" if each.most else ""
        pauses.append(f"{each.before}n{each.after} n times {write_duration(each.unit_ms)}{most}")
    pauses += [f'{character} for "{cue}"' for character, cue, _ in dialect.waits]
    return "  ".join(pauses) or "none"


def facts_of(dialect: Dialect) -> dict[str, str]:
    """What is known of a dialect, each fact in words; what is not documented is left out."""
    rules = {True: "add to the gap between keys", False: "replace the gap between keys", None: ""}
    rule = rules[dialect.pause_adds]
    facts = {
        "keys": dialect.keys + "".join(f", {key} as {' or '.join(each)}" for key, each in dialect.spelt),
        "pauses": pauses_of(dialect) + (f"; they {rule}" if rule else ""),
        "a string": f"at most {counted(dialect.limit, 'character')}" if dialect.limit else "",
        "a call": f"at most {counted(dialect.strings, 'string')}" if dialect.strings else "",
        "tone": _length(dialect.tone_ms, dialect.tone_set_ms),
        "gap": _length(dialect.gap_ms, dialect.gap_set_ms),
        "before the first key": write_duration(dialect.lead_ms) if dialect.lead_ms else "",
        "from key to key": f"at least {write_duration(dialect.cadence_ms)}" if dialect.cadence_ms else "",
        "without a name": "never guessed" if dialect.by_name_only else "",
        "not documented": dialect.unknown,
        "read on": dialect.read_on,
    }
    return {name: fact for name, fact in facts.items() if fact}


def _length(usual: tuple[int, int] | None, can_be: tuple[int, int] | None) -> str:
    """`250ms, can be set to 50ms to 24s`; empty if nothing is documented."""
    words = []
    if usual:
        words.append(" to ".join(dict.fromkeys(map(write_duration, usual))))
    if can_be:
        words.append(f"can be set to {write_duration(can_be[0])} to {write_duration(can_be[1])}")
    return ", ".join(words)


def _show(dialect: Dialect) -> None:
    """All about one dialect."""
    say(f"{dialect.name}: {dialect.title}")
    facts = facts_of(dialect)
    for name, fact in [*facts.items(), *(("source", source) for source in dialect.sources)]:
        say(f"  {name:<22}{fact}")


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

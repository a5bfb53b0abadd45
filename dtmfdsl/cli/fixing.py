"""The fixes of `check`, and what becomes of a script after them."""

from __future__ import annotations

import argparse

from dtmfdsl.cli.rewriting import rewrite, show_diff, written
from dtmfdsl.cli.streams import give, tell
from dtmfdsl.language.fixer import Fixed, fix_read, fixable
from dtmfdsl.language.parser import Parsed

__all__ = ["fixable", "fixed"]


def fixed(options: argparse.Namespace, file: str | None, parsed: Parsed) -> tuple[Fixed, Parsed] | None:
    """Fixes a script, and shows, prints or writes it. None, after a message, if it cannot be written."""
    source = parsed.script.source
    result, parsed = fix_read(parsed)
    if options.diff:
        show_diff(source.name, source.text, result.text, "fixed")
    elif file in (None, "-"):
        give(result.text)
    elif result.text != source.text:
        mark = "\ufeff" if written(file).startswith("\ufeff") else ""
        if not rewrite(file, mark + result.text):
            return None
        if not options.quiet:
            tell(f"fixed {source.name}")
    if result.more:
        tell(f"dtmfdsl: {source.name} has more to fix: run `check --fix` again")
    return result, parsed

"""The fixes of `check`, and what becomes of a script after them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from dtmfdsl.cli.rewriting import rewrite, show_diff, written
from dtmfdsl.cli.streams import give, tell
from dtmfdsl.diagnostics import Diagnostic
from dtmfdsl.language.fixer import Fixed, fix_found, fixable
from dtmfdsl.source import Source

__all__ = ["fixable", "fixed"]


def fixed(
    options: argparse.Namespace, file: str | None, source: Source, of_syntax: Sequence[Diagnostic] | None
) -> Fixed | None:
    """Fixes a script with these mistakes of syntax, None if it is correct, and shows, prints or writes it.

    Returns None, after a message, if it cannot be written.
    """
    result = Fixed(source.text) if of_syntax is None else fix_found(source, of_syntax)
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
    return result

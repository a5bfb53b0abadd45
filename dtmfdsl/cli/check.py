"""Show everything that is wrong with scripts, and fix what is safe.

Values of params are not needed. Diagnostics go to standard error, in another format than text to standard
output. --fix rewrites only statements that cannot be read. The fixed text of standard input and of -e is
printed.
"""

from __future__ import annotations

import argparse
import sys

import attrs

from dtmfdsl.cli import late
from dtmfdsl.cli.input import add_dialect, add_scripts, add_spelling, chosen, dialect_of, load
from dtmfdsl.cli.output import show
from dtmfdsl.cli.streams import Refusal, tell
from dtmfdsl.compiler import check
from dtmfdsl.diagnostics import Diagnostic, DtmfError, clean
from dtmfdsl.language.fixer import Fixed, fix
from dtmfdsl.loader import Disk
from dtmfdsl.notation import counted
from dtmfdsl.source import Source


def configure(parser: argparse.ArgumentParser) -> None:
    add_scripts(parser, many=True)
    add_dialect(parser)
    add_spelling(parser)
    parser.add_argument("--fix", action="store_true", help="put the safe suggestions into the scripts")
    parser.add_argument(
        "--diff", action="store_true", help="show what --fix would change, change nothing, and exit 1"
    )
    parser.add_argument(
        "--output-format",
        choices=["text", "json", "github", "sarif"],
        default="text",
        help="diagnostics for people (text), as JSON, as commands of a GitHub workflow, or as SARIF 2.1.0",
    )
    parser.add_argument(
        "--json", action="store_const", const="json", dest="output_format", help="--output-format json"
    )


def run(options: argparse.Namespace) -> int:
    files = chosen(options)
    fixing = options.fix or options.diff
    printing = options.diff or (options.fix and not {None, "-"}.isdisjoint(files))
    if printing and options.output_format != "text":
        raise Refusal("both the fixed script and --output-format would go to standard output")
    found: list[Diagnostic] = []
    fixed = 0
    failed = False
    fixable: set[Diagnostic] = set()
    for file in files:
        try:
            source = load(file, options.text, options.stdin_filename)
        except DtmfError as error:
            found += error.diagnostics
            continue
        mistakes = _check(options, source)
        result = Fixed(source.text)
        if any(mistake.suggestion is not None for mistake in mistakes):
            result = fix(source)
            fixable.update(result.changes)
        if fixing:
            if not _give_back(options, file, source, result.text):
                failed = True
            elif result.changes:
                mistakes = _check(options, attrs.evolve(source, text=result.text))
                fixed += len(result.changes)
        found += mistakes
    found = list(dict.fromkeys(found))  # files may use the same file
    if options.output_format == "text":
        show(found)
    else:
        late("reports").show(options.output_format, found)
    errors = sum(mistake.severity == "error" for mistake in found)
    if not options.quiet and (found or fixed or len(files) > 1):
        counts = [
            (fixed, f"{fixed} {'would be ' if options.diff else ''}fixed"),
            (len(found) - errors, counted(len(found) - errors, "warning")),
            (count := len(fixable.intersection(found)), f"{count} fixable"),
        ]
        words = [counted(len(files), "file"), counted(errors, "error") if errors else "no errors"]
        tell(", ".join(words + [text for count, text in counts if count]))
    return 1 if errors or failed or (fixed and options.diff) else 0


def _check(options: argparse.Namespace, source: Source) -> tuple[Diagnostic, ...]:
    loader = Disk(outside=options.allow_outside)
    return check(source, loader=loader, dialect=dialect_of(options), rounding=options.rounding)


def _give_back(options: argparse.Namespace, file: str | None, source: Source, text: str) -> bool:
    """Shows, prints or writes a script after its fixes. False, and a message, if it cannot be written."""
    name = clean(source.name)
    if options.diff:
        late("rewriting").show_diff(name, source.text, text, "fixed")
    elif file in (None, "-"):
        sys.stdout.write(text)
    elif text != source.text:
        rewriting = late("rewriting")
        mark = "\ufeff" if rewriting.written(file).startswith("\ufeff") else ""
        if not rewriting.rewrite(file, mark + text):
            return False
        if not options.quiet:
            tell(f"fixed {name}")
    return True

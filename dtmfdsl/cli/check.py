"""Show everything that is wrong with scripts, and fix what is safe.

Values of params are not needed. Diagnostics go to standard error, in another format than text to standard
output. --fix rewrites only statements that cannot be read, and calls that stand for a verb. The fixed text of
standard input and of -e is printed.
"""

from __future__ import annotations

import argparse

from dtmfdsl.cli.input import add_dialect, add_scripts, add_spelling, chosen, load, settle
from dtmfdsl.cli.late import late
from dtmfdsl.cli.output import show
from dtmfdsl.cli.streams import Refusal, give, tell
from dtmfdsl.compiler import check
from dtmfdsl.diagnostics import Diagnostic, DtmfError
from dtmfdsl.language.parser import Parsed, read
from dtmfdsl.loader import Disk
from dtmfdsl.notation import counted


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


class _Findings:
    """What was found in all scripts: the mistakes, those that --fix can fix, and how many it did."""

    def __init__(self) -> None:
        self.mistakes: list[Diagnostic] = []
        self.fixable: set[Diagnostic] = set()
        self.fixed = self.unwritten = 0


def run(options: argparse.Namespace) -> int:
    files = chosen(options)
    printing = options.diff or (options.fix and not {None, "-"}.isdisjoint(files))
    if printing and options.output_format != "text":
        raise Refusal("both the fixed script and --output-format would go to standard output")
    findings = _Findings()
    for file in files:
        _look_at(argparse.Namespace(**vars(options)), file, findings)
    found = list(dict.fromkeys(findings.mistakes))  # files may use the same file
    if options.output_format == "text":
        show(found)
    else:
        late("reports").show(options.output_format, found)
    errors = sum(mistake.severity == "error" for mistake in found)
    if not options.quiet and (found or findings.fixed or len(files) > 1):
        words = [counted(len(files), "file"), counted(errors, "error") if errors else "no errors"]
        if findings.fixed:
            words.append(f"{findings.fixed} {'would be ' if options.diff else ''}fixed")
        if warnings := len(found) - errors:
            words.append(counted(warnings, "warning"))
        if fixable := len(findings.fixable.intersection(found)):
            words.append(f"{fixable} fixable")
        tell(", ".join(words))
    return 1 if errors or findings.unwritten or (findings.fixed and options.diff) else 0


def _look_at(options: argparse.Namespace, file: str | None, findings: _Findings) -> None:
    """Checks one script, by the settings above it, and fixes it if that is asked for."""
    dialect = settle(options, file)

    def checked(parsed: Parsed) -> tuple[Diagnostic, ...]:
        loader = Disk(outside=options.allow_outside)
        return check(parsed, loader=loader, dialect=dialect, rounding=options.rounding)

    try:
        source = load(file, options.text, options.stdin_filename)
    except DtmfError as error:
        findings.mistakes += error.diagnostics
        return
    parsed = read(source)
    mistakes = checked(parsed)
    rewriting = options.fix or options.diff
    if not any(mistake.severity == "error" for mistake in mistakes):
        if options.fix and not options.diff and file in (None, "-"):
            give(source.text)
    elif rewriting and (after := late("fixing").fixed(options, file, parsed)):
        fixed, parsed = after
        if fixed.changes:
            findings.fixed += len(fixed.changes)
            findings.fixable.update(fixed.more)
            mistakes = checked(parsed)
    else:
        findings.unwritten += rewriting
        findings.fixable.update(late("fixing").fixable(parsed))
    findings.mistakes += mistakes

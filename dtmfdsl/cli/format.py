"""Rewrite scripts in canonical form, in place.

Standard input and the text of -e are written to standard output.
"""

from __future__ import annotations

import argparse
import difflib
import errno
import os
import re
import sys
import tempfile

from dtmfdsl.cli.input import add_scripts, chosen, load
from dtmfdsl.cli.output import show
from dtmfdsl.cli.streams import tell
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.language.formatter import format


def configure(parser: argparse.ArgumentParser) -> None:
    add_scripts(parser, many=True)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 if something would change"
    )
    parser.add_argument(
        "--diff", action="store_true", help="change nothing; show what would change, and exit 1"
    )


def run(options: argparse.Namespace) -> int:
    status = 0
    for file in chosen(options):
        try:
            source = load(file, options.text)
            formatted = format(source)
        except DtmfError as error:
            show(error.diagnostics)
            status = 1
            continue
        inspecting = options.check or options.diff
        if not (source.path and os.path.isfile(source.path)) and not inspecting:
            sys.stdout.write(formatted)
        elif formatted != (written := _written(source.path) or source.text):
            if options.diff:
                _show_diff(source.name, written, formatted)
            elif options.check:
                tell(f"would reformat {source.name}")
            else:
                try:
                    _replace(source.path or "", formatted)
                except OSError as error:
                    reason = error.strerror or "no reason given"
                    tell(f"dtmfdsl: {source.name} cannot be written: {reason}")
                    status = 1
                    continue
                tell(f"reformatted {source.name}")
            if inspecting:
                status = 1
    return status


def _written(path: str | None) -> str | None:
    """The file to the letter, byte-order mark and line ends included, which a source leaves out."""
    if path is None or not os.path.isfile(path):
        return None
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def _show_diff(name: str, before: str, after: str) -> None:
    lines = difflib.unified_diff(
        re.findall(r"[^\n]*\n|[^\n]+", before),
        re.findall(r"[^\n]*\n|[^\n]+", after),
        f"{name} (as it is)",
        f"{name} (formatted)",
    )
    for line in lines:
        print(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n", end="")


def _replace(path: str, text: str) -> None:
    """Writes beside the file and moves into its place, so that no fault leaves half a script.

    A file that may not be written stays as it is, and one of several names or another's is written in place.
    """
    path = os.path.realpath(path)
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "it is not ours to write")
    status = os.stat(path)
    if status.st_nlink > 1 or (hasattr(os, "getuid") and status.st_uid != os.getuid()):
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        return
    descriptor, draft = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".dtmfdsl-")
    try:
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(draft, status.st_mode & 0o7777)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise

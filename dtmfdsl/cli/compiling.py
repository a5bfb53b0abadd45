"""What commands share that compile a script with its values, to write a file of it."""

from __future__ import annotations

import argparse
import os
from functools import partial

from dtmfdsl.cli.input import load
from dtmfdsl.cli.streams import Refusal
from dtmfdsl.cli.values import asker, assigned
from dtmfdsl.compiler import Compiled, compile, prepare
from dtmfdsl.diagnostics import Diagnostic
from dtmfdsl.dialects import Dialect, Waits
from dtmfdsl.loader import Disk
from dtmfdsl.semantics.names import Names
from dtmfdsl.semantics.uses import UsedFile


def compiled(options: argparse.Namespace, file: str | None, dialect: Dialect, *, waits: Waits) -> Compiled:
    """A script of the command line, compiled. Its values are looked up, and a secret is asked for.

    Raises DtmfError with every mistake, and Refusal if the output would replace a file that was read.
    """
    values = assigned(options)
    names = prepare(load(file, options.text), loader=Disk(outside=options.allow_outside))
    found = compile(
        names,
        values=values,
        lookup=asker(options, names.params),
        exposed=values,
        dialect=dialect,
        rounding=options.rounding,
        waits=waits,
    )
    if options.output:
        keep_files(options.output, names, options)
    return found


def keep_files(output: str, names: Names, options: argparse.Namespace) -> None:
    """Raises Refusal if an output would replace a file that was read for a script."""
    if any(map(partial(_same, output), _files_of(names, options))):
        raise Refusal(f"{output} is read for this script: name another file for the output")


def warnings_of(compiled: Compiled) -> tuple[Diagnostic, ...]:
    """Its warnings, and one if there is nothing to write."""
    if compiled.chunks or compiled.last_wait_ms:
        return compiled.warnings
    message = "this script presses no key and waits for nothing"
    return (*compiled.warnings, Diagnostic("empty-program", message, severity="warning"))


def _files_of(names: Names, options: argparse.Namespace) -> list[str | None]:
    """The files that were read for a script: itself, those that it uses, and its values."""
    used = [file for file in names.uses.found.values() if isinstance(file, UsedFile)]
    scripts = [names.script.source, *(file.parsed.script.source for file in used)]
    return [*(source.path for source in scripts), options.values]


def _same(path: str, other: str | None) -> bool:
    """Whether both are one file that exists."""
    try:
        return other is not None and os.path.samefile(path, other)
    except OSError:
        return False

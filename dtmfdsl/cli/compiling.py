"""What commands share that compile a script with its values."""

from __future__ import annotations

import argparse

from dtmfdsl.cli.input import load
from dtmfdsl.cli.values import asker, assigned
from dtmfdsl.compiler import Compiled, compile, prepare
from dtmfdsl.dialects import Dialect, Waits
from dtmfdsl.loader import Disk


def compiled(options: argparse.Namespace, file: str | None, dialect: Dialect, *, waits: Waits) -> Compiled:
    """A script of the command line, compiled. Its values are looked up, and a secret is asked for.

    Raises DtmfError with every mistake, and Refusal for an assignment that is none.
    """
    values = assigned(options)
    names = prepare(load(file, options.text), loader=Disk(outside=options.allow_outside))
    return compile(
        names,
        values=values,
        lookup=asker(options, names.params),
        exposed=values,
        dialect=dialect,
        rounding=options.rounding,
        waits=waits,
    )

"""Programs to look at: a value that is missing gets a stand-in, and nothing is asked for."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from dtmfdsl.cli.compiling import keep_files
from dtmfdsl.cli.values import asker, assigned
from dtmfdsl.compiler import prepare, to_program
from dtmfdsl.language.tree import Param
from dtmfdsl.loader import Disk
from dtmfdsl.semantics.lowering import Lowered
from dtmfdsl.source import Source


def pretended(
    source: Source, options: argparse.Namespace, outputs: Iterable[str] = ()
) -> tuple[Lowered, str]:
    """The program of a script, and a line that names the values that are made up; "" if none is.

    Raises DtmfError with all that is wrong, and Refusal if an output would replace a file that was read.
    """
    values = assigned(options)
    names = prepare(source, loader=Disk(outside=options.allow_outside))
    for output in outputs:
        keep_files(output, names, options)
    ask = asker(options, names.params, prompt=False)
    made_up: list[str] = []

    def lookup(param: Param) -> str | None:
        value = ask(param)
        if value is None and param.default is None:
            made_up.append(f"${param.name.name}")
        return value

    lowered = to_program(names, values=values, lookup=lookup, exposed=values, pretend=True).valid()
    return lowered, f"with made-up values for {', '.join(dict.fromkeys(made_up))}" if made_up else ""

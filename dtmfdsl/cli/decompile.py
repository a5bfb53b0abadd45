"""Turn a dial string back into a script.

Several strings are the chunks of one; without any, they are read from standard input, one a line.
"""

from __future__ import annotations

import argparse
import sys

from dtmfdsl.cli.input import add_dialect, dialect_of, read_input
from dtmfdsl.cli.output import show
from dtmfdsl.decompiler import decompile
from dtmfdsl.diagnostics import DtmfError


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("strings", metavar="STRING", nargs="*", help="a dial string; - is standard input")
    add_dialect(parser)


def run(options: argparse.Namespace) -> int:
    dialect = dialect_of(options)
    try:
        strings = options.strings
        if strings in ([], ["-"]):
            lines = read_input().text.replace("\r", "\n").split("\n")
            strings = [line.strip() for line in lines if line.strip()] or [""]
        script = decompile(strings, dialect)
    except DtmfError as error:
        show(error.diagnostics)
        return 1
    sys.stdout.write(script)
    return 0

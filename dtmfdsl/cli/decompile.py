"""Turn a dial string back into a script.

Several strings are the chunks of one; without any, they are read from standard input, one a line. Without
--dialect a string means what all dialects that allow it agree on; where they differ, the readings are listed.
"""

from __future__ import annotations

import argparse

from dtmfdsl.cli.input import dial_strings, dialect_of
from dtmfdsl.cli.output import show
from dtmfdsl.cli.streams import give
from dtmfdsl.decompiler import read_back
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.language.formatter import to_text


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("strings", metavar="STRING", nargs="*", help="a dial string; - is standard input")
    parser.add_argument(
        "--dialect", metavar="NAME", help="the dialect of the string (what all that allow it agree on)"
    )
    parser.add_argument(
        "--template",
        choices=["ruby", "braces"],
        help="what #{card} is: a mark of Ruby's, or the key # before {card}",
    )


def run(options: argparse.Namespace) -> int:
    dialect = dialect_of(options) if options.dialect is not None else None
    try:
        found = read_back(dial_strings(options), dialect, template=options.template)
    except DtmfError as error:
        show(error.diagnostics)
        return 1
    show(found.warnings)
    give(to_text(found.script))
    return 0

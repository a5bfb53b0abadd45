"""Prints the man page, made from the parser of the command line: `make man` writes it to docs/dtmfdsl.1."""

from __future__ import annotations

import os
import re
import sys

from argparse_manpage.manpage import Manpage

import dtmfdsl
from dtmfdsl.cli.commands import COMMANDS, make_parser

os.environ["COLUMNS"] = "80"
DATA = {
    "date": f"version {dtmfdsl.__version__}",  # the page changes when the parser does, and with no day
    "project_name": "dtmfdsl",
    "version": dtmfdsl.__version__,
    "description": "phone-key scripts in words, compiled to the strings that carriers accept",
    "manual_title": "User Commands",
}
sys.stdout.reconfigure(encoding="utf-8")
page = str(Manpage(make_parser([*COMMANDS]), DATA, format="single-commands-section"))
# A usage and an indented recipe keep their lines.
page = re.sub(r"^(?:usage:| {4}).*\n(?: +.*\n)*", r".nf\n\g<0>.fi\n", page, flags=re.MULTILINE)
# Else these would be shown as accents and typographic quotes.
sys.stdout.write(page.translate(str.maketrans({"~": r"\(ti", "^": r"\(ha", "`": r"\(ga"})))

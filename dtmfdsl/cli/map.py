"""Check a map of phone menus, or draw it.

`check` shows what is wrong or suspicious in the maps of a file, and what they leave out and is assumed.
`draw` prints each map as a graph: for Mermaid, or with --dot for Graphviz.
"""

from __future__ import annotations

import argparse

from dtmfdsl.cli.input import load
from dtmfdsl.cli.output import show
from dtmfdsl.cli.streams import give, say
from dtmfdsl.compiler import prepare
from dtmfdsl.diagnostics import DtmfError, in_order
from dtmfdsl.loader import Disk
from dtmfdsl.notation import counted
from dtmfdsl.phone.drawing import dot, mermaid
from dtmfdsl.phone.map import PhoneMap
from dtmfdsl.semantics.maps import maps_of


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", metavar="ACTION", choices=["check", "draw"], help="check, or draw")
    parser.add_argument("file", metavar="FILE", help="a script with maps; - is standard input")
    parser.add_argument(
        "--allow-outside", action="store_true", help="let `use` read files outside the script's folder"
    )
    graph = parser.add_mutually_exclusive_group()
    graph.add_argument("--mermaid", action="store_true", help="draw it for Mermaid, as without an option")
    graph.add_argument("--dot", action="store_true", help="draw it for Graphviz")


def run(options: argparse.Namespace) -> int:
    try:
        maps = _maps(options)
    except DtmfError as error:
        show(error.diagnostics)
        return 1
    for phone in maps:
        if options.action == "draw":
            give(dot(phone) if options.dot else mermaid(phone))
        else:
            _tell(phone)
    return 0


def _maps(options: argparse.Namespace) -> tuple[PhoneMap, ...]:
    """The maps of a file and of the files that it uses. Shows warnings; raises DtmfError for errors."""
    names = prepare(load(options.file, None), loader=Disk(outside=options.allow_outside))
    found = in_order([*names.parsed.diagnostics, *names.diagnostics])
    if any(diagnostic.severity == "error" for diagnostic in found):
        raise DtmfError(found)
    show(found)
    maps = tuple(maps_of(names).values())
    if not maps:
        help = "write one, such as `phone acme { menu main { on 1 -> billing } end billing }`"
        raise DtmfError.of("no-map", "this script has no map of a phone line", help=help)
    return maps


def _tell(phone: PhoneMap) -> None:
    """What a map has, and what it leaves out."""
    say(f"{phone.name}: {counted(len(phone.menus), 'menu')}, {counted(len(phone.ends), 'end')}")
    for assumed in phone.assumed:
        say(f"  assumed: {assumed}")

"""Print the completion script of a shell.

Write it to the file where the shell looks for it; for zsh, that is a folder of $fpath:

    dtmfdsl completion bash > ~/.local/share/bash-completion/completions/dtmfdsl
    dtmfdsl completion fish > ~/.config/fish/completions/dtmfdsl.fish
    dtmfdsl completion zsh > ~/.zfunc/_dtmfdsl
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import shtab

from dtmfdsl.cli.commands import COMMANDS, make_parser
from dtmfdsl.cli.streams import give
from dtmfdsl.dialects import DIALECTS


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=["bash", "fish", "zsh"], help="the shell")


def run(options: argparse.Namespace) -> int:
    parser = make_parser([*COMMANDS])
    for action in _options(parser):
        if action.dest in ("dialect", "source", "name"):
            action.choices = tuple(DIALECTS)
        elif action.dest in ("file", "files", "values"):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    give(f"{shtab.complete(parser, options.shell)}\n")
    return 0


def _options(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _options(command)
        yield action

"""Print the completion script of a shell.

For bash: dtmfdsl completion bash > ~/.local/share/bash-completion/completions/dtmfdsl
For zsh: dtmfdsl completion zsh > a file named _dtmfdsl in a folder of $fpath
"""

from __future__ import annotations

import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=["bash", "zsh"], help="the shell")


def run(options: argparse.Namespace) -> int:
    import shtab

    from dtmfdsl.cli.arguments import make_parser

    print(shtab.complete(make_parser(), options.shell))
    return 0

"""The command `dtmfdsl`. Each command is a file here; it imports what it needs when it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import dtmfdsl

INTERRUPTED = 130
BROKEN_PIPE = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command line and returns its exit status: 0 fine, 1 the script is wrong, 2 usage."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    try:
        try:
            status = _run(arguments)
        finally:
            _flush()
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return BROKEN_PIPE


def _run(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        print(f"dtmfdsl {dtmfdsl.__version__}")
        return 0
    # Late, so that `--version` waits for none of it.
    from dtmfdsl.cli.arguments import make_parser
    from dtmfdsl.cli.output import Refusal, prepare_output

    prepare_output()
    try:
        options = make_parser().parse_args(arguments)
        status: int = options.run(options)
        return status
    except Refusal as refusal:
        print(f"dtmfdsl: {refusal}", file=sys.stderr)
        return 2
    except SystemExit as stop:  # argparse
        return stop.code if isinstance(stop.code, int) else 2


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def _drop_output() -> None:
    """Leaves the interpreter nothing to complain of when it flushes at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(nowhere, stream.fileno())
        except (AttributeError, OSError, ValueError):
            continue

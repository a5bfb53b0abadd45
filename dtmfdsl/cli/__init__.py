"""The command `dtmfdsl`. Each command is a file here, and `commands` finds it."""

from __future__ import annotations

import errno
import gc
import os
import sys

import dtmfdsl
from dtmfdsl.cli.late import late
from dtmfdsl.cli.streams import drop, prepare_output, say, tell

INTERRUPTED = 130
BROKEN_PIPE = 141


def run() -> None:
    """The command as a process of its own, which ends with the command's exit status.

    It is so short that looking for garbage, and taking everything apart at the end, is a fifth of its time.
    """
    gc.set_threshold(100_000)
    os._exit(main())  # all files are closed, and `main` has flushed the streams


def main(argv: list[str] | None = None) -> int:
    """Runs a command line and returns its exit status: 0 fine, 1 the script is wrong, 2 usage."""
    arguments = sys.argv[1:] if argv is None else argv
    try:
        try:
            return _run(arguments)
        finally:
            _flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:  # of the output: a script's file that cannot be read is a diagnostic
        drop(sys.stdout)
        if error.errno in (errno.EPIPE, errno.EIO):  # nobody reads any more, or the terminal is gone
            drop(sys.stderr)
            return BROKEN_PIPE
        tell(f"dtmfdsl: the output cannot be written: {error.strerror}")
        return 1


def _run(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        say(f"dtmfdsl {dtmfdsl.__version__}")
        return 0
    if sys.stdout is None:  # closed before we began: there is nowhere to put a result
        return 1
    prepare_output()
    status: int = late("commands").run(arguments)
    return status


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()

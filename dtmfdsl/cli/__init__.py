"""The command `dtmfdsl`. Each command is a file here; it imports what it needs when it runs."""

from __future__ import annotations

import errno
import gc
import sys

import dtmfdsl

INTERRUPTED = 130
BROKEN_PIPE = 141


def run() -> int:
    """The command as a process of its own: so short that looking for garbage is a fifth of its time."""
    gc.set_threshold(100_000)
    status = main()
    if interrupts := sys.modules.get("dtmfdsl.sending.interrupts"):
        interrupts.ignore_interrupts()  # the status is known, and the interpreter has its own end to come to
    # The interpreter looks once more when it ends; what is frozen it leaves alone.
    gc.freeze()
    return status


def main(argv: list[str] | None = None) -> int:
    """Runs a command line and returns its exit status: 0 fine, 1 the script is wrong, 2 usage."""
    arguments = sys.argv[1:] if argv is None else argv
    try:
        try:
            status = _run(arguments)
        finally:
            _flush()
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:  # of the output: what goes wrong with a script's file is a diagnostic
        from dtmfdsl.cli.output import drop, tell

        drop(sys.stdout)
        if error.errno in (errno.EPIPE, errno.EIO):  # nobody reads any more, or the terminal is gone
            drop(sys.stderr)
            return BROKEN_PIPE
        tell(f"dtmfdsl: the output cannot be written: {error.strerror}")
        return 1


def _run(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        print(f"dtmfdsl {dtmfdsl.__version__}")
        return 0
    # Late, so that `--version` waits for none of it.
    from dtmfdsl.cli.arguments import make_parser
    from dtmfdsl.cli.output import Refusal, prepare_output, tell

    if sys.stdout is None:  # closed before we began: there is nowhere to put a result
        return 1
    prepare_output()
    try:
        options = make_parser(arguments).parse_args(arguments)
        status: int = options.run(options)
        return status
    except Refusal as refusal:
        tell(f"dtmfdsl: {refusal}")
        return 2
    except SystemExit as stop:  # argparse
        return stop.code if isinstance(stop.code, int) else 2


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()

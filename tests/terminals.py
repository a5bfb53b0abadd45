"""Programs on a terminal of their own."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys

# A program that opens /dev/tty finds the terminal only if its session has it.
LEADER = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""


def read_until(descriptor: int, pattern: str, text: str = "") -> str:
    while not re.search(pattern, text):
        ready, _, _ = select.select([descriptor], [], [], 240)
        assert ready, text
        try:
            text += os.read(descriptor, 4096).decode(errors="replace")
        except OSError as error:
            raise AssertionError(text) from error
    return text


class Session:
    """A command in a session of its own, as a shell on a terminal has it."""

    def __init__(self, *command: str, **environment: str):
        self.master, slave = pty.openpty()
        self.text = ""
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", LEADER, *command],
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env={**os.environ, "TERM": "dumb", **environment},
        )  # fmt: skip
        os.close(slave)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exception: object) -> None:
        os.close(self.master)
        self.process.wait()

    def read(self, pattern: str) -> str:
        """What was shown, once it holds the pattern."""
        self.text = read_until(self.master, pattern, self.text)
        return self.text

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

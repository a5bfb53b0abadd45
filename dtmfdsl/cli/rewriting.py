"""Scripts that are changed in place: as they are to the letter, what changes, and the writing."""

from __future__ import annotations

import difflib
import errno
import os
import re
import stat
import tempfile

from dtmfdsl.cli.streams import give, tell
from dtmfdsl.language.secrets import secret_spans
from dtmfdsl.notation import bullets
from dtmfdsl.printable import printable
from dtmfdsl.source import Source


def written(path: str) -> str:
    """A file to the letter, byte-order mark and line ends included, which a source leaves out."""
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def show_diff(name: str, before: str, after: str, how: str) -> None:
    """Prints what changes in a script, a secret as bullets."""
    source = Source(name, before, hiding=secret_spans)
    lines = difflib.unified_diff(
        _masked_lines(before),
        _masked_lines(after),
        f"{printable(name)} (as it is)",
        f"{printable(name)} ({how})",
    )
    for line in (source.masked(each, quoting=False) for each in lines):
        give(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")


def _masked_lines(text: str) -> list[str]:
    shown: list[str] = []
    done = 0
    for start, end in secret_spans(text):
        shown += [text[done:start], bullets(text[start:end])]
        done = end
    return re.findall(r"[^\n]*\n|[^\n]+", "".join([*shown, text[done:]]))


def rewrite(path: str, content: str | bytes) -> bool:
    """Writes a text to a file, line ends as they are, or bytes. False, and a message, if that fails."""
    try:
        _replace(path, content.encode() if isinstance(content, str) else content)
    except OSError as error:
        tell(f"dtmfdsl: {path} cannot be written: {error.strerror or 'no reason given'}")
        return False
    return True


def _replace(path: str, content: bytes) -> None:
    """Writes beside the file and moves into its place, so that no fault leaves half a file.

    A file that may not be written stays as it is. One of several names or another's is written in place, and
    so is what is no ordinary file.
    """
    path = os.path.realpath(path)
    try:
        status = os.stat(path)
    except FileNotFoundError:
        os.umask(umask := os.umask(0))
        mode, in_place = 0o666 & ~umask, False
    else:
        mode = stat.S_IMODE(status.st_mode)
        if not (mode & 0o222 and os.access(path, os.W_OK)):  # root may write all, but somebody locked this
            raise PermissionError(errno.EACCES, "it is read-only")
        others = hasattr(os, "getuid") and status.st_uid != os.getuid()
        in_place = others or status.st_nlink > 1 or not stat.S_ISREG(status.st_mode)
    if in_place:
        with open(path, "wb") as file:
            file.write(content)
        return
    descriptor, draft = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".dtmfdsl-")
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        os.chmod(draft, mode)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise

"""Scripts on disk: reading them, and finding the ones that they `use`."""

from __future__ import annotations

import contextlib
import os
import stat

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, DtmfError
from dtmfdsl.source import Source, Span


def read_file(
    path: str | bytes | os.PathLike[str], span: Span | None = None, name: str | None = None
) -> Source:
    """A script file as a source, called `name` or else by its path.

    Raises DtmfError, at `span` if a script asked for the file, when it is missing, a directory, too large,
    not UTF-8 or otherwise not to be had.
    """
    path = os.fsdecode(path)
    name = path if name is None else name
    if "\0" in path:
        raise DtmfError(Diagnostic("no-such-file", "a file name cannot hold a NUL character", span))
    try:
        if stat.S_ISDIR(os.stat(path).st_mode):
            raise DtmfError(
                Diagnostic("not-a-file", f"{name} is a directory", span, help="name a script in it")
            )
        with open(path, "rb") as file:
            content = file.read(limits.SOURCE_BYTES + 1)
    except FileNotFoundError:
        raise DtmfError(
            Diagnostic("no-such-file", f"there is no file {name}", span, help="check its name and folder")
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "its name is not usable"
        raise DtmfError(Diagnostic("unreadable-file", f"{name} cannot be read: {reason}", span)) from None
    return as_source(content, name, path, span)


def as_source(content: bytes, name: str, path: str | None = None, span: Span | None = None) -> Source:
    """The bytes of a script as a source. A byte-order mark is left out.

    Raises DtmfError when they are too many or not UTF-8.
    """
    if len(content) > limits.SOURCE_BYTES:
        raise DtmfError(
            Diagnostic(
                "source-too-large",
                f"{name} is larger than the {limits.SOURCE_BYTES:,} bytes that are read",
                span,
                help="move parts of it into other files and `use` them",
            )
        )
    try:
        return Source(name, content.decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DtmfError(
            Diagnostic(
                "not-utf-8",
                f"{name} is not UTF-8: line {line} holds the byte 0x{content[error.start]:02x}",
                span,
                help="save the file as UTF-8",
            )
        ) from None


def find_used(path: str, user: Source, folder: str | None, span: Span) -> tuple[str, str]:
    """The file that `use "path"` in `user` names, relative to the user's own: its real path, and its name.

    `folder` is where used files must lie; None allows any place. Raises DtmfError, at `span`, for a path that
    leaves the folder, or names no ordinary file.
    """
    if "\0" in path:
        raise DtmfError(Diagnostic("no-such-file", "a file name cannot hold a NUL character", span))
    real = os.path.realpath(os.path.join(os.path.dirname(user.path or ""), path))
    name = os.path.normpath(os.path.join(os.path.dirname(user.name) if user.path else "", path))
    if folder is not None and os.path.commonpath([os.path.realpath(folder), real]) != os.path.realpath(
        folder
    ):
        raise DtmfError(
            Diagnostic(
                "use-outside",
                f'"{path}" lies outside the script\'s folder',
                span,
                help="move the file into the folder, or allow other folders (--allow-outside)",
            )
        )
    with contextlib.suppress(OSError):
        if not stat.S_ISREG(os.stat(real).st_mode) and not os.path.isdir(real):
            raise DtmfError(Diagnostic("not-a-file", f"{name} is not an ordinary file", span))
    return real, name

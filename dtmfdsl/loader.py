"""Scripts as sources: from text, bytes, files, and texts in memory."""

from __future__ import annotations

import os
import posixpath
import re
import stat
from collections.abc import Mapping
from typing import Protocol

from dtmfdsl import limits
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.notation import without_keys
from dtmfdsl.source import Source, Span


class Loader(Protocol):
    """Finds the files that a script may `use`."""

    def load(self, path: str, user: Source, span: Span) -> Source:
        """The file that `use "path"` in `user` names.

        Raises DtmfError, at `span`, if there is no such file or it may not be used.
        """

    def identity(self, source: Source) -> str | None:
        """A text that is equal for two sources of the same file; None for a source without a file."""


class Disk:
    """Files on disk, found from the folder of the script that uses them.

    They must lie in `folder` or below it. By default, this is the folder of the first script that uses
    something, or the current folder for a script without a file. `outside` allows any folder.
    """

    def __init__(self, folder: str | None = None, *, outside: bool = False):
        self.folder = folder
        self.outside = outside

    def load(self, path: str, user: Source, span: Span) -> Source:
        if "\0" in path:
            raise DtmfError.of("no-such-file", "a file name cannot hold a NUL character", span)
        beside = os.path.dirname(user.path or "")
        if self.folder is None:
            self.folder = beside or os.curdir
        real = os.path.realpath(os.path.join(beside, path))
        name = os.path.normpath(os.path.join(os.path.dirname(user.name) if user.path else "", path))
        folder = os.path.realpath(self.folder)
        if not self.outside and os.path.commonpath([folder, real]) != folder:
            help = "move the file into the folder, or allow other folders (--allow-outside)"
            raise DtmfError.of("use-outside", f'"{path}" lies outside the script\'s folder', span, help=help)
        return read_file(real, span, name)

    def identity(self, source: Source) -> str | None:
        return None if source.path is None else os.path.realpath(source.path)


class Memory:
    """Files by name, as an editor or a web page has them: `Memory({"bank.dtmf": "let menu = 2#"})`."""

    def __init__(self, files: Mapping[str, str]):
        self.files = {posixpath.normpath(name): text for name, text in files.items()}

    def load(self, path: str, user: Source, span: Span) -> Source:
        name = posixpath.normpath(posixpath.join(posixpath.dirname(user.path or ""), path))
        if name not in self.files:
            raise _no_such_file(name, span)
        return Source(name, self.files[name].removeprefix("\ufeff"), name)

    def identity(self, source: Source) -> str | None:
        return source.path


def read_file(
    path: str | bytes | os.PathLike[str],
    span: Span | None = None,
    name: str | None = None,
    *,
    ordinary: bool = True,
) -> Source:
    """A script file as a source with this name, or else its path as its name.

    Raises DtmfError if the file is missing, too large, not UTF-8 or cannot be read, and if it is `unfit`. One
    that need not be `ordinary` may be opened by the shell. `span` is where a script asks for the file.
    """
    path = os.fsdecode(path)
    name = path if name is None else name
    content = read_bytes(path, limits.SOURCE_BYTES + 1, span, name, what="script", ordinary=ordinary)
    return from_bytes(content, name, path, span)


def read_bytes(
    path: str, most: int, span: Span | None, name: str, *, what: str, ordinary: bool = True
) -> bytes:
    """The first bytes of a file, at most so many. `what` it should be is for the help of a folder.

    Raises DtmfError as `read_file` does.
    """
    if "\0" in path:
        raise DtmfError.of("no-such-file", "a file name cannot hold a NUL character", span)
    try:
        if why := unfit(path, opened=not ordinary):
            help = "give its content as standard input, with - as the file" if ordinary and not span else None
            if why.endswith("directory"):
                help = f"name a {what} in it" if ordinary else "name a file in it"
            raise DtmfError.of("not-a-file", f"{name} {why}", span, help=help)
        with open(path, "rb") as file:
            return file.read(most)
    except FileNotFoundError:
        raise _no_such_file(name, span) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "its name is not usable"
        raise DtmfError.of("unreadable-file", f"{name} cannot be read: {reason}", span) from None


def unfit(path: str, *, opened: bool = False) -> str | None:
    """Why a file must not be read, such as "is a directory"; None if it may be.

    Opening a named pipe can last for ever, and so can reading a device. What the shell has `opened` for us,
    as bash does for `<(…)`, is like standard input. Raises OSError if there is no such file.
    """
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        return "is a directory"
    if stat.S_ISREG(mode) or (opened and re.fullmatch("/dev/(stdin|fd/[0-9]+)", path)):
        return None
    return "is not an ordinary file"


def from_bytes(content: bytes, name: str, path: str | None = None, span: Span | None = None) -> Source:
    """The bytes of a script as a source. A byte-order mark is dropped.

    Raises DtmfError, at `span`, if they are more than `limits.SOURCE_BYTES` or not UTF-8.
    """
    if len(content) > limits.SOURCE_BYTES:
        message = f"{name} is larger than the {limits.SOURCE_BYTES:,} bytes that are read"
        help = "move parts of it into other files and `use` them"
        raise DtmfError.of("source-too-large", message, span, help=help)
    try:
        return Source(name, content.decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"{name} is not UTF-8: line {line} holds the byte 0x{content[error.start]:02x}"
        raise DtmfError.of("not-utf-8", message, span, help="save the file as UTF-8") from None


def as_source(text: str | Source) -> Source:
    """A script's text as a source. A byte-order mark is dropped. Raises DtmfError if it is not text."""
    return text if isinstance(text, Source) else Source("<script>", as_text(text).removeprefix("\ufeff"))


def as_text(text: object) -> str:
    """The argument itself if it is text. Raises DtmfError for anything else."""
    if isinstance(text, str):
        return text
    kind = type(text).__name__
    raise DtmfError.of("not-text", f"a script or dial string must be text, not {kind}", help="pass a str")


def _no_such_file(name: str, span: Span | None) -> DtmfError:
    if span is None:  # its last part may be a misplaced PIN
        folder, name = os.path.split(name)
        name = os.path.join(folder, without_keys(name))
    return DtmfError.of("no-such-file", f"there is no file {name}", span, help="check its name and folder")

"""The grammar, and the parser that Lark makes of it, kept between runs in the user's own cache.

Making the tables takes longer than everything else a short script needs, so they are kept on disk. Lark
writes them as a pickle, and a pickle runs code when it is read: the file lies in a folder that only this
user may write, never in the shared temporary folder, and it is read only if its digest is right. It is moved
into place when it is whole, because other processes may be reading; Lark's own `cache` option would write
in place, without a digest. Whatever fails, the grammar's text is used.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pickle
import pkgutil
import stat
import sys
import tempfile
from typing import Any

import lark

_DIGEST_BYTES = 32


def grammar_text() -> str:
    """The grammar. In the wheel it lies inside the package, in a checkout beside it."""
    for path in ("grammar/dtmf.lark", "../grammar/dtmf.lark"):
        # importlib.resources does the same and takes four milliseconds to import; Lark has this one loaded.
        with contextlib.suppress(OSError):
            if found := pkgutil.get_data("dtmfdsl", path):
                return found.decode("utf-8")
    raise FileNotFoundError("the grammar is missing from this installation of dtmfdsl")


def make_parser(transformer: Any) -> lark.Lark:
    """Lark's parser for the grammar, calling the transformer's methods as it reads."""
    text = grammar_text()
    path = _cache_path(text)
    if path and (content := _trusted(path)):
        with contextlib.suppress(Exception):
            return _load(content, transformer)
    parser = lark.Lark(text, parser="lalr", transformer=transformer)
    if path:
        with contextlib.suppress(Exception):
            _keep(path, parser)
    return parser


def _load(content: bytes, transformer: Any) -> lark.Lark:
    # `Lark.load` is the public way and takes no transformer; this is the method that it calls.
    parser = lark.Lark.__new__(lark.Lark)
    return parser._load(pickle.loads(content), transformer=transformer)  # noqa: S301


def _cache_path(text: str) -> str | None:
    """The file for this grammar, Lark and Python; None where the user has no folder for caches."""
    version = ".".join(map(str, sys.version_info[:3]))
    key = hashlib.sha256(f"{lark.__version__} {version} {text}".encode()).hexdigest()[:16]
    folder = _cache_folder()
    return os.path.join(folder, "dtmfdsl", f"grammar-{key}.lark-tables") if os.path.isabs(folder) else None


def _cache_folder() -> str:
    """Where this system keeps the caches of one user."""
    # platformdirs knows more systems, and its import alone is a twelfth of what a short run may take.
    if sys.platform == "win32":
        return os.environ.get("LOCALAPPDATA", "")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Caches")
    return os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")


def _trusted(path: str) -> bytes | None:
    """The content, if file and folder are this user's alone and it is what was written."""
    try:
        if not (_private(os.path.dirname(path)) and _private(path)):
            return None
        with open(path, "rb") as file:
            digest, content = file.read(_DIGEST_BYTES), file.read()
    except OSError:
        return None
    return content if hashlib.sha256(content).digest() == digest else None


def _private(path: str) -> bool:
    status = os.lstat(path)
    if not hasattr(os, "getuid"):  # Windows: a user's profile is private by its own rules
        return True
    kind = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
    return kind and status.st_uid == os.getuid() and not status.st_mode & 0o022


def _keep(path: str, parser: lark.Lark) -> None:
    """Leaves the parser's tables at `path`, whole or not at all."""
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if not _private(folder):
        return
    buffer = io.BytesIO()
    parser.save(buffer)
    content = buffer.getvalue()
    descriptor, draft = tempfile.mkstemp(dir=folder)  # readable by this user alone
    try:
        with open(descriptor, "wb") as file:
            file.write(hashlib.sha256(content).digest() + content)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise

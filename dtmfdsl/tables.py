"""The parser that Lark makes of the grammar, kept between runs in the user's own cache.

Making the tables takes longer than everything else a short script needs, so they are kept on disk. Lark
keeps them as a pickle, and a pickle runs code when it is read: the file lies in a folder that only this
user may write (never the shared temporary folder), it is written to one side and moved into place, and
it is read only if its digest is right. Any fault falls back to the grammar's text.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
from importlib.resources import files
from typing import Any

import lark
from platformdirs import user_cache_path

_DIGEST_BYTES = 32


def grammar_text() -> str:
    """The grammar. In the wheel it lies inside the package, in a checkout beside it."""
    package = files("dtmfdsl")
    for folder in (package / "grammar", package / ".." / "grammar"):
        file = folder / "dtmf.lark"
        if file.is_file():
            return file.read_text(encoding="utf-8")
    raise FileNotFoundError("the grammar is missing from this installation of dtmfdsl")


def make_parser(transformer: Any) -> lark.Lark:
    """Lark's parser for the grammar, calling the transformer's methods as it reads."""
    text = grammar_text()
    path = _cache_path(text)
    if path and _trusted(path):
        return _lark(text, transformer, path)
    parser = None
    if path:
        with contextlib.suppress(OSError):
            parser = _fill(path, text, transformer)
    return parser or _lark(text, transformer)


def _lark(text: str, transformer: Any, cache: str | bool = False) -> lark.Lark:
    return lark.Lark(text, parser="lalr", transformer=transformer, cache=cache)


def _cache_path(text: str) -> str | None:
    """The file for this grammar, Lark and Python; None where the user has no folder for caches."""
    version = ".".join(map(str, sys.version_info[:3]))
    key = hashlib.sha256(f"{lark.__version__} {version} {text}".encode()).hexdigest()[:16]
    try:
        return str(user_cache_path("dtmfdsl", appauthor=False) / f"grammar-{key}.lark-tables")
    except (OSError, RuntimeError):
        return None


def _trusted(path: str) -> bool:
    """Whether file and folder are this user's alone and the content is what was written."""
    try:
        if not (_private(os.path.dirname(path)) and _private(path)):
            return False
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return False
    return hashlib.sha256(content[:-_DIGEST_BYTES]).digest() == content[-_DIGEST_BYTES:]


def _private(path: str) -> bool:
    status = os.lstat(path)
    if not hasattr(os, "getuid"):  # Windows: a user's profile is private by its own rules
        return True
    kind = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
    return kind and status.st_uid == os.getuid() and not status.st_mode & 0o022


def _fill(path: str, text: str, transformer: Any) -> lark.Lark:
    """Makes the parser and leaves its tables at `path`."""
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if not _private(folder):
        raise PermissionError(folder)
    with tempfile.TemporaryDirectory(dir=folder) as workshop:
        draft = os.path.join(workshop, "tables")
        parser = _lark(text, transformer, draft)
        with open(draft, "rb+") as file:
            file.write(hashlib.sha256(file.read()).digest())
        os.chmod(draft, 0o600)
        os.replace(draft, path)
    return parser

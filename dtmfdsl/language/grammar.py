"""The grammar, and Lark's parser for it, kept between runs in the user's own cache.

Making the parser's tables takes longer than all else that a short script needs, so they are kept on disk.
Lark writes them as a pickle, and a pickle runs code when it is read. So only this user may write to the
folder, which is never the shared temporary one, and the file is read only if its digest is right. Other
processes may be reading it, so it is moved into place when it is complete. Lark's own `cache` option writes
in place and without a digest. If anything fails, the grammar's text is used.
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
    """The grammar's text. It is inside the package in the wheel, and beside it in a checkout.

    Raises FileNotFoundError if it is missing from this installation.
    """
    for path in ("grammar/dtmf.lark", "../grammar/dtmf.lark"):
        # importlib.resources does the same and takes four milliseconds to import; Lark has this one loaded.
        with contextlib.suppress(OSError):
            if found := pkgutil.get_data("dtmfdsl", path):
                return found.decode("utf-8")
    raise FileNotFoundError("the grammar is missing from this installation of dtmfdsl")


def make_parser(transformer: Any) -> lark.Lark:
    """Lark's parser for the grammar. It calls the transformer's methods as it reads."""
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
    # The public method `Lark.load` takes no transformer, and calls this one.
    parser = lark.Lark.__new__(lark.Lark)
    return parser._load(pickle.loads(content), transformer=transformer)  # noqa: S301


def _cache_path(text: str) -> str | None:
    """The file for this grammar, Lark and Python; None where the user has no folder for caches."""
    version = ".".join(map(str, sys.version_info[:3]))
    key = hashlib.sha256(f"{lark.__version__} {version} {text}".encode()).hexdigest()[:16]
    folder = _cache_folder()
    return os.path.join(folder, "dtmfdsl", f"grammar-{key}.lark-tables") if os.path.isabs(folder) else None


def _cache_folder() -> str:
    """This system's folder for a user's caches, or an empty text if it has none."""
    # platformdirs knows more systems, and its import alone is a twelfth of what a short run may take.
    if sys.platform == "win32":
        return os.environ.get("LOCALAPPDATA", "")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Caches")
    return os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")


def _trusted(path: str) -> bytes | None:
    """The content of a file, if only this user may write file and folder, and its digest is right."""
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
    """Writes the parser's tables to `path`, complete or not at all."""
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

"""The whole way down: text to tree to program to codes to chunks."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import attrs

from dtmfdsl.diagnostics import Diagnostic, DtmfError, in_order
from dtmfdsl.dialects import Dialect, Rounding, get_dialect
from dtmfdsl.dialects.chunks import Chunk, Code, pack
from dtmfdsl.language.parser import as_source
from dtmfdsl.language.tree import Script
from dtmfdsl.loader import read_file
from dtmfdsl.program import Program
from dtmfdsl.semantics.lowering import Lowered, lower_source, lower_tree
from dtmfdsl.semantics.values import Values
from dtmfdsl.source import Source


@attrs.frozen(eq=False)
class Compiled:
    """A compiled script: its chunks in order, the warnings on the way, and the program they play.

    `texts` are the strings to send. `repr` shows secrets masked.
    """

    chunks: tuple[Chunk, ...]
    warnings: tuple[Diagnostic, ...]
    program: Program
    dialect: Dialect

    @property
    def texts(self) -> tuple[str, ...]:
        """The strings that the carrier accepts, in order."""
        return tuple(chunk.text for chunk in self.chunks)

    @property
    def text(self) -> str:
        """The one string. Raises DtmfError if the script needs none, or more than one."""
        if len(self.chunks) == 1:
            return self.chunks[0].text
        if not self.chunks:
            raise DtmfError(
                Diagnostic(
                    "empty-program",
                    "this script presses no key and waits for nothing",
                    help="press something",
                )
            )
        raise DtmfError(
            Diagnostic(
                "several-chunks",
                f"this script needs {len(self.chunks)} strings of {self.dialect.name}",
                help="send its `texts` one after the other",
            )
        )


def compile(
    text_or_program: str | Source | Script | Program,
    *,
    values: Mapping[str, str] | None = None,
    dialect: str | Dialect = "bandwidth-v1",
    rounding: Rounding = "up",
    half_second: str | None = None,
) -> Compiled:
    """Compiles a script's text, its tree or a program into the strings of a dialect.

    `values` are those of the script's params and secrets, by name, as text. `rounding="error"` refuses
    silences that the dialect cannot write, which "up" lengthens with a warning. `half_second` chooses the
    character for half a second where the dialect has several. A `use` in a text without a file looks in
    the current folder. Raises DtmfError with every mistake there is.
    """
    target = dialect if isinstance(dialect, Dialect) else get_dialect(dialect)
    if rounding not in ("up", "error"):
        raise DtmfError(
            Diagnostic("unknown-rounding", f"there is no rounding `{rounding}`", help="it is `up` or `error`")
        )
    if half_second is not None:
        target = target.preferring(half_second)
    with _no_collection():
        if isinstance(text_or_program, Program):
            lowered = Lowered(text_or_program, ())
        elif isinstance(text_or_program, Script):
            lowered = lower_tree(text_or_program, Values(values))
        else:
            lowered = lower_source(as_source(text_or_program), Values(values))
        return encode(lowered, target, rounding)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Compiling makes many objects and no cycles: looking for them is a third of a long script's time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def compile_file(
    path: str | os.PathLike[str],
    *,
    values: Mapping[str, str] | None = None,
    dialect: str | Dialect = "bandwidth-v1",
    rounding: Rounding = "up",
    half_second: str | None = None,
) -> Compiled:
    """Compiles a script file, as `compile` does; a `use` in it looks in the file's own folder."""
    return compile(
        read_file(path), values=values, dialect=dialect, rounding=rounding, half_second=half_second
    )


def encode(lowered: Lowered, dialect: Dialect, rounding: Rounding = "up") -> Compiled:
    """The last two steps: a program to a dialect's codes, and those to chunks.

    Raises DtmfError with all that is wrong, of the script and of the dialect, together.
    """
    codes: list[Code] = []
    found = lowered.diagnostics
    try:
        codes, more = dialect.encode(lowered.program, rounding)
        found = in_order((*found, *more))
    except DtmfError as error:
        found = in_order((*found, *error.diagnostics))
    Lowered(lowered.program, found).sound()
    return Compiled(pack(codes, dialect.limit), found, lowered.program, dialect)

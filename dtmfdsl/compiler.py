"""The whole way down: text to tree to program to codes to chunks."""

from __future__ import annotations

import os
from collections.abc import Mapping

import attrs

from dtmfdsl.chunks import Chunk, pack
from dtmfdsl.diagnostics import Diagnostic, DtmfError, in_order
from dtmfdsl.dialects import Dialect, Rounding, get_dialect
from dtmfdsl.files import read_file
from dtmfdsl.lowering import lower_all, lower_source
from dtmfdsl.parser import as_source
from dtmfdsl.program import Program
from dtmfdsl.source import Source
from dtmfdsl.tree import Script


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
    warnings: tuple[Diagnostic, ...] = ()
    if isinstance(text_or_program, Program):
        program = text_or_program
    elif isinstance(text_or_program, Script):
        program, warnings = lower_all(text_or_program, values)
    else:
        program, warnings = lower_source(as_source(text_or_program), values)
    return encode(program, target, rounding, warnings)


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


def encode(
    program: Program, dialect: Dialect, rounding: Rounding = "up", warnings: tuple[Diagnostic, ...] = ()
) -> Compiled:
    """The last two steps: a program to a dialect's codes, and those to chunks."""
    codes, more = dialect.encode(program, rounding)
    return Compiled(pack(codes, dialect.limit), in_order((*warnings, *more)), program, dialect)

"""The whole way down: text to tree to program to codes to chunks."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import TypeAlias

import attrs

from dtmfdsl.diagnostics import Diagnostic, DtmfError, in_order
from dtmfdsl.dialects import Dialect, Rounding, Waits, get_dialect
from dtmfdsl.dialects.chunks import Chunk, Code, pack, wait_after
from dtmfdsl.language.parser import Parsed, read, uncollected
from dtmfdsl.language.tree import Script
from dtmfdsl.language.verbs import WHOSE
from dtmfdsl.loader import Disk, Loader, as_source, read_file
from dtmfdsl.notation import counted
from dtmfdsl.program import Pause, Program, Tones
from dtmfdsl.semantics import lowering
from dtmfdsl.semantics.lowering import Lowered
from dtmfdsl.semantics.names import Names, resolve
from dtmfdsl.semantics.uses import read_uses
from dtmfdsl.semantics.values import Lookup, Values, kept
from dtmfdsl.source import Source
from dtmfdsl.timing import ASSUMED_REQUEST_MS, Timeline, settled, timed, timeline, with_lengths


@attrs.frozen(eq=False)
class Compiled:
    """A compiled script: its chunks in order, the warnings on the way, and the program they play.

    `texts` are the strings to send. If it was compiled with `waits="beside"`, each chunk has the wait before
    it, and `last_wait_ms` is the one after the last, in milliseconds. `repr` shows secrets masked.
    """

    _chunks: tuple[Chunk, ...]
    warnings: tuple[Diagnostic, ...]
    program: Program
    dialect: Dialect
    last_wait_ms: int = 0

    @cached_property
    def chunks(self) -> tuple[Chunk, ...]:
        """The strings with their times, which are computed when they are first asked for."""
        return timed(self._chunks, self.dialect, self.last_wait_ms)

    @property
    def texts(self) -> tuple[str, ...]:
        """The strings that the carrier accepts, in order."""
        return tuple(chunk.text for chunk in self._chunks)

    def timeline(
        self,
        *,
        tone_ms: int | None = None,
        gap_ms: int | None = None,
        request_ms: int = ASSUMED_REQUEST_MS,
        interval_ms: int = 0,
    ) -> Timeline:
        """When each key and pause begins and ends, at the earliest and at the latest.

        `tone_ms` and `gap_ms` are lengths that the request asks for. Whoever sends the strings waits until
        each has certainly played; a request takes at most `request_ms`, and two are `interval_ms` apart.
        """
        strings = [(chunk.text, chunk.shown, _waited(chunk.wait_ms)) for chunk in self._chunks]
        return timeline(
            self.program,
            with_lengths(self.dialect, tone_ms, gap_ms),
            strings,
            _waited(self.last_wait_ms),
            interval_ms=interval_ms,
            request_ms=request_ms,
        )

    def nominal(self, *, tone_ms: int | None = None, gap_ms: int | None = None) -> Timeline:
        """The same with one time for each key, such as for a sound: both bounds are equal.

        Lengths that are not given are the documented ones, or usual ones. A request takes no time, and what
        waits for an event waits as long as it can.
        """
        dialect = settled(self.dialect, tone_ms, gap_ms)
        return attrs.evolve(self, dialect=dialect).timeline(request_ms=0)

    @property
    def text(self) -> str:
        """The one string. Raises DtmfError if the script needs none, or more than one."""
        if len(self._chunks) == 1:
            return self._chunks[0].text
        if not self._chunks:
            message = "this script presses no key and waits for nothing"
            raise DtmfError.of("empty-program", message, help="press something")
        message = f"this script needs {len(self._chunks)} strings of {self.dialect.name}"
        raise DtmfError.of("several-chunks", message, help="send its `texts` one after the other")


def _waited(ms: int) -> tuple[Pause, ...]:
    return (Pause(ms),) if ms else ()


Compilable: TypeAlias = str | Source | Script | Parsed | Names | Program
"""What can be made a program: a text, a tree, what `read` or `prepare` has read, or a program itself."""


def prepare(text_or_script: str | Source | Script | Parsed, *, loader: Loader | None = None) -> Names:
    """Reads a script with all that it uses, to be lowered once or many times with values of its own.

    A `use` is looked up by `loader`, by default on disk: in the folder of the script's file, or the current
    one. What is wrong with the script is part of the result; raises DtmfError only for what is no text.
    """
    with uncollected():
        match text_or_script:
            case Parsed():
                parsed = text_or_script
            case Script():
                parsed = Parsed(text_or_script)
            case _:
                parsed = read(as_source(text_or_script))
        return resolve(parsed, read_uses(parsed.script, loader or Disk()))


def lower(script: Script, values: Mapping[str, str] | None = None) -> Program:
    """The program that a tree means with these values.

    Raises DtmfError with every mistake of meaning: unknown names, values that are missing or do not fit,
    recursion, limits.
    """
    values = kept(values)
    if not isinstance(script, Script):
        raise DtmfError.of("not-text", "this is not the tree of a script", help="`parse` makes one of text")
    return to_program(script, values=values).valid().program


def to_program(
    script: Compilable,
    *,
    values: Mapping[str, str] | None = None,
    lookup: Lookup | None = None,
    exposed: Collection[str] = (),
    pretend: bool = False,
    loader: Loader | None = None,
) -> Lowered:
    """The program that a script means, with all that is wrong with it.

    `values` are those of its params and secrets, by name, as text; each must be asked for. `lookup` is asked
    for the others. `exposed` names values that other people can see, which no secret may be. `pretend` puts
    a stand-in in the place of a missing value, to check a script without its values.
    """
    values = kept(values)
    if isinstance(script, Program):
        return Lowered(script, ())
    given = Values(values, lookup, pretend, frozenset(exposed))
    return lowering.lower(script if isinstance(script, Names) else prepare(script, loader=loader), given)


def compile(
    text_or_program: Compilable,
    *,
    values: Mapping[str, str] | None = None,
    lookup: Lookup | None = None,
    exposed: Collection[str] = (),
    loader: Loader | None = None,
    dialect: str | Dialect = "bandwidth-v1",
    rounding: Rounding = "up",
    half_second: str | None = None,
    waits: Waits = "error",
) -> Compiled:
    """Compiles a script's text, its tree or a program into the strings of a dialect.

    `values`, `lookup`, `exposed` and `loader` are those of `to_program` and `prepare`. `rounding="error"`
    refuses silences that the dialect cannot write, which "up" lengthens with a warning. `half_second` chooses
    the character for half a second where the dialect has several. `waits="beside"` puts a silence that no
    string can hold between the chunks, as their `wait_ms`; "error" refuses it. Raises DtmfError with every
    mistake.
    """
    values = kept(values)
    target = get_dialect(dialect, half_second=half_second)
    with uncollected():
        lowered = to_program(text_or_program, values=values, lookup=lookup, exposed=exposed, loader=loader)
        return encode(lowered, target, rounding, waits)


def compile_file(
    path: str | os.PathLike[str],
    *,
    values: Mapping[str, str] | None = None,
    dialect: str | Dialect = "bandwidth-v1",
    rounding: Rounding = "up",
    half_second: str | None = None,
    waits: Waits = "error",
) -> Compiled:
    """Compiles a script file, as `compile` does; a `use` in it looks in the file's own folder."""
    values, source = kept(values), read_file(path)
    return compile(
        source, values=values, dialect=dialect, rounding=rounding, half_second=half_second, waits=waits
    )


def check(
    text_or_script: Compilable,
    *,
    loader: Loader | None = None,
    dialect: str | Dialect = "bandwidth-v1",
    rounding: Rounding = "up",
    half_second: str | None = None,
) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a script for a dialect, without its values. Raises nothing for it.

    A silence that no string can hold is not wrong: whoever sends the strings can wait.
    """
    target = get_dialect(dialect, half_second=half_second)
    try:
        return encode(to_program(text_or_script, pretend=True, loader=loader), target, rounding).warnings
    except DtmfError as error:
        return error.diagnostics


def _asked(found: Diagnostic, dialect: Dialect) -> Diagnostic:
    """A mistake whose help names the dialect of a dial string, if another than the default was asked for.

    That dialect must be able to read the string.
    """
    if found.code != "dial-string" or not (found.help and found.span) or dialect.name == "bandwidth-v1":
        return found
    try:
        dialect.decode(found.span.text)
    except DtmfError:
        return found
    help = found.help.replace(f"as {WHOSE}` with their dialect", f"as {dialect.name}`")
    return attrs.evolve(found, help=help)


def encode(
    lowered: Lowered, dialect: Dialect, rounding: Rounding = "up", waits: Waits = "beside"
) -> Compiled:
    """The last two steps: a program to a dialect's codes, and those to chunks.

    Raises DtmfError with all that is wrong, of the script and of the dialect, together.
    """
    if rounding not in ("up", "error"):
        raise DtmfError.of(
            "unknown-rounding", f"there is no rounding `{rounding}`", help="it is `up` or `error`"
        )
    codes: list[Code] = []
    found = tuple([_asked(each, dialect) for each in lowered.diagnostics])
    try:
        codes, more = dialect.encode(lowered.program, rounding, waits)
        found = in_order((*found, *more)) if more else found
    except DtmfError as error:
        found = in_order((*found, *error.diagnostics))
    Lowered(lowered.program, found).valid()
    chunks = pack(codes, dialect.limit)
    if dialect.strings is not None and len(chunks) > dialect.strings:
        found = in_order((*found, _unplayed(lowered.program, dialect, chunks)))
    return Compiled(chunks, found, lowered.program, dialect, wait_after(codes))


def _unplayed(program: Program, dialect: Dialect, chunks: tuple[Chunk, ...]) -> Diagnostic:
    """The warning that a call takes fewer strings than these, at the first event that is not played."""
    silences = [each for chunk in chunks[: dialect.strings] for each in dialect.silences_of(chunk.text)]
    keys = silences.count(None)
    place = None
    for event in program.events:
        place = event.span
        keys -= len(event.keys) if isinstance(event, Tones) else 0
        if keys < 0:
            break
    message = f"{dialect.name} takes {counted(dialect.strings or 0, 'string')} a call, and this needs "
    message += f"{len(chunks)}: nothing is played after the first"
    where = f"`{dialect.elsewhere}` plays them during the call" if dialect.elsewhere else None
    help = where or "shorten the waits, or send the rest in another way"
    return Diagnostic("too-many-strings", message, place, help=help, severity="warning")

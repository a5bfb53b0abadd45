"""A dialect of one's own, described in a TOML file.

    title = "The switchboard of the third floor"
    keys = "0123456789*#"
    limit = 40
    strings = 1
    tone = "100ms"
    gap = ["50ms", "80ms"]
    pause-rule = "adds"

    [pauses]
    "," = "2s"
    w = "500ms"

    [spelt]
    A = "a"

`docs/dialects.md` says what each key means. It is not in the package's imports: a TOML parser takes time.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from dtmfdsl.diagnostics import Diagnostic, DtmfError, closest, did_you_mean
from dtmfdsl.dialects.codec import Counted
from dtmfdsl.dialects.dialect import Dialect
from dtmfdsl.dialects.table import DIALECTS
from dtmfdsl.loader import as_source, read_file
from dtmfdsl.notation import KEYS, NotationError, mask, read_duration
from dtmfdsl.source import Source, Span

_COUNTED_DIGITS = 9
"""How many digits the number in a counted pause may have."""


def read_dialect(path: str | os.PathLike[str]) -> Dialect:
    """The dialect that a TOML file describes, with the file's name unless it gives another.

    Raises DtmfError with everything that is wrong with the file, each mistake at its line.
    """
    return parse_dialect(read_file(path))


def parse_dialect(source: str | Source) -> Dialect:
    """The same from a text. Raises DtmfError."""
    source = as_source(source)
    try:
        table = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise DtmfError(_not_toml(source, str(error))) from None
    except RecursionError:
        raise DtmfError(_not_toml(source, "its values are nested too deep")) from None
    reader = _Reader(source, table)
    dialect = reader.dialect()
    if reader.wrong:
        raise DtmfError(sorted(reader.wrong, key=lambda found: found.span.start if found.span else 0))
    return dialect


def _not_toml(source: Source, reason: str) -> Diagnostic:
    """A mistake of TOML at its line, which the parser names in its sentence."""
    place = re.search(r" \(at line (\d+), column (\d+)\)$", reason)
    lines = source.text.splitlines(keepends=True)
    start = max(len(source.text.rstrip()) - 1, 0)
    if place:
        start = sum(map(len, lines[: int(place[1]) - 1])) + int(place[2]) - 1
    reason = reason[: place.start()] if place else reason
    message = f"this is not TOML: {reason[:1].lower()}{reason[1:]}"
    return Diagnostic(
        "bad-dialect", message, Span(source, start, start + 1), help='write keys as key = "value"'
    )


class _Reader:
    """Reads the values of a file one by one, and collects what is wrong."""

    def __init__(self, source: Source, table: dict[str, Any]):
        self.source = source
        self.table = table
        self.wrong: list[Diagnostic] = []
        self.known: list[str] = []

    def dialect(self) -> Dialect:
        """The dialect; a value that is wrong is as if it were left out."""
        keys = self.value("keys", _keys, "0123456789*#")
        spelt = self.spelt(keys)
        pauses, counted = self.pauses()
        dialect = Dialect(
            name=self.name(),
            title=self.value("title", _text, "a dialect of your own"),
            keys=keys,
            spelt=spelt,
            pauses=pauses,
            counted=counted,
            eye=self.value("eye", _text, ""),
            tone_mark=self.value("tone-mark", _character, ""),
            limit=self.value("limit", _count, None),
            strings=self.value("strings", _count, None),
            tone_ms=self.value("tone", _times, None),
            gap_ms=self.value("gap", _times, None),
            lead_ms=self.value("lead", _time, 0),
            pause_adds=self.value("pause-rule", _rule, None),
            by_name_only=True,
            sources=(self.source.name,),
        )
        self.check_together(dialect)
        for key in [key for key in self.table if key not in self.known]:
            help = did_you_mean(closest(key, self.known), f"there are {', '.join(self.known)}")
            self.error(f"`{key}` is nothing that a dialect has", key, help)
        return dialect

    def value(self, key: str, read: Callable[[object], Any], otherwise: Any) -> Any:
        """A value of the file as `read` makes it, or `otherwise` if it is left out or wrong."""
        self.known.append(key)
        if key not in self.table:
            return otherwise
        try:
            return read(self.table[key])
        except NotationError as error:
            self.error(f"`{key}`: {error.message}", key, error.help)
            return otherwise

    def name(self) -> str:
        usual = re.sub(r"[^a-z0-9]+", "-", PurePath(self.source.name).stem.lower()).strip("-")
        name: str = self.value("name", _name, usual if re.match("[a-z]", usual) else "own")
        if name in DIALECTS:
            help = 'choose another, such as name = "mine"'
            self.error(f"`{name}` is a dialect that there is already", "name", help)
        return name

    def inner(self, table: str) -> dict[str, Any]:
        """A table of the file, which may be left out."""
        found: dict[str, Any] = self.value(table, _table, {})
        return found

    def spelt(self, keys: str) -> tuple[tuple[str, str], ...]:
        found = []
        for key, written in self.inner("spelt").items():
            if key not in keys or len(key) != 1:
                self.error(f"`{key}` is none of the keys", key, f"the keys are {keys}", "spelt")
            elif not isinstance(written, str) or not written:
                self.error(f"`{key}` needs its characters", key, f'write {key} = "{key.lower()}"', "spelt")
            elif len({*written.lower()} - {key.lower()}) > 1:  # all are read as the key: a word would be lost
                help = f'write the one that is sent, and others that are read as it, such as {key} = "Aa"'
                self.error(f"`{key}` is a single character in a string", key, help, "spelt")
            else:
                found.append((key, written))
        return tuple(found)

    def pauses(self) -> tuple[tuple[tuple[str, int], ...], Counted | None]:
        """The pause characters, or the one pause with a number in it."""
        single: list[tuple[str, int]] = []
        counted: list[tuple[str, Counted]] = []
        for written, length in self.inner("pauses").items():
            try:
                ms = _time(length)
                if not ms:
                    raise NotationError(
                        "bad-dialect", "a pause takes time", "leave it out, or give it a length"
                    )
                if len(written) == 1:
                    single.append((written, ms))
                else:
                    counted.append((written, _counted(written, ms)))
            except NotationError as error:
                self.error(f"`{written}`: {error.message}", written, error.help, "pauses")
        if len(counted) > 1 or (counted and single):
            message = f"`{counted[-1][0]}` cannot stand beside another pause"
            help = "a dialect has pause characters, or one pause with a number in it"
            self.error(message, counted[-1][0], help, "pauses")
        step = min([ms for _, ms in single], default=1)
        for written, ms in single:
            if ms % step:
                message = f"`{written}` is no multiple of the shortest pause"
                self.error(message, written, "leave one of the two out", "pauses")
        return tuple(single), counted[0][1] if counted else None

    def check_together(self, dialect: Dialect) -> None:
        """What single values cannot show: a character with two meanings, and a pause longer than a string."""
        marks = dialect.counted.before + dialect.counted.after if dialect.counted else ""
        written = f"{dialect.counted.before}n{dialect.counted.after}" if dialect.counted else ""
        spelt = dict(dialect.spelt)
        meanings = [
            *((character, "keys", "") for character in dialect.keys if character not in spelt),
            *((character, key, "spelt") for key, characters in dialect.spelt for character in characters),
            *((character, character, "pauses") for character, _ in dialect.pauses),
            *((character, written, "pauses") for character in dict.fromkeys(marks)),
            *((character, "tone-mark", "") for character in dialect.tone_mark),
            *((character, "eye", "") for character in dialect.eye),
        ]
        seen: set[str] = set()
        for character, key, table in meanings:
            if character in seen:
                help = "give each character one meaning; the digits are keys"
                self.error(f"`{character}` has two meanings", key, help, table)
                return
            seen.add(character)
            if key != "eye" and (not character.isprintable() or character in (" ", mask("1"))):
                help = "choose one that can be seen in a string, and is not what hides a secret"
                self.error("this character cannot be told from others", key, help, table)
        if dialect.counted and dialect.limit and dialect.limit < len(marks) + _COUNTED_DIGITS:
            help = f"leave it out, or make it at least {len(marks) + _COUNTED_DIGITS}"
            self.error("a string of this length cannot hold a long pause", "limit", help)

    def error(self, message: str, key: str, help: str | None, table: str = "") -> None:
        self.wrong.append(Diagnostic("bad-dialect", message, self.place(key, table), help=help))

    def place(self, key: str, table: str) -> Span:
        """The line of a key, or its table's, or else the file's first."""
        start = 0
        if table and (
            header := re.search(rf"^[ \t]*\[[ \t]*{table}[ \t]*\]", self.source.text, re.MULTILINE)
        ):
            start = header.start()
        name = re.escape(key)
        line = re.compile(
            rf"^[ \t]*(?P<part>(?:{name}|\"{name}\"|'{name}'|\[{name}\])(?:[ \t]*=[^\n]*)?)", re.M
        )
        if found := line.search(self.source.text, start):
            return Span(self.source, found.start("part"), found.start("part") + len(found["part"].rstrip()))
        end = self.source.text.find("\n", start)
        return Span(self.source, start, len(self.source.text) if end < 0 else end)


def _wrong(message: str, help: str) -> NotationError:
    return NotationError("bad-dialect", message, help)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise _wrong("this is not text", 'write it in double quotes, such as "abc"')


def _character(value: object) -> str:
    if len(text := _text(value)) == 1:
        return text
    raise _wrong("this is not one character", 'write one, such as "@"')


def _name(value: object) -> str:
    text = _text(value)
    if re.fullmatch("[a-z][a-z0-9]*(-[a-z0-9]+)*", text):
        return text
    raise _wrong(
        "this is not a dialect's name", 'write lower-case letters, digits and `-`, such as "our-pbx"'
    )


def _keys(value: object) -> str:
    text = _text(value)
    if text and not set(text) - set(KEYS) and len(set(text)) == len(text):
        return text
    raise _wrong(
        "these are not keys", "keys are 0-9, *, # and A-D, each once; `[spelt]` has other characters"
    )


def _count(value: object) -> int:
    if type(value) is int and value > 0:
        return value
    raise _wrong("this is not a count", "write a whole number above 0, or leave it out if there is no limit")


def _time(value: object) -> int:
    if isinstance(value, str):
        return read_duration(value)
    raise _wrong("this is not a duration", 'write it in double quotes, such as "80ms"')


def _times(value: object) -> tuple[int, int]:
    """A time, or the least and the greatest, in milliseconds."""
    both = value if isinstance(value, list) else [value, value]
    if len(both) != 2:
        raise _wrong("these are not two times", 'write the least and the greatest, such as ["50ms", "80ms"]')
    least, most = [_time(each) for each in both]
    if least <= most:
        return least, most
    raise _wrong("the first time is the longer one", 'write the least first, such as ["50ms", "80ms"]')


def _rule(value: object) -> bool:
    if value in ("adds", "replaces"):
        return value == "adds"
    raise _wrong("there is no such rule", "a pause `adds` to the gap between keys or `replaces` it")


def _table(value: object) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise _wrong("this is not a table", "write its name in brackets in a line of its own, and its keys below")


def _counted(written: str, unit_ms: int) -> Counted:
    """The pause that is written with an `n` for its number, such as `{n}`."""
    before, mark, after = written.partition("n")
    if not (before and mark and after) or set(before + after) & set("0123456789n"):
        help = 'write one character, or as "{n}" where n is a number, with a character on both sides of it'
        raise _wrong("this is no pause", help)
    return Counted(before, after, unit_ms)

"""The table of `--calls`: CSV, as people write it and as spreadsheets and exports do."""

from __future__ import annotations

import codecs
import csv
import io
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

import attrs

from dtmfdsl.cli.streams import Refusal
from dtmfdsl.diagnostics import clean, closest, did_you_mean
from dtmfdsl.loader import unfit
from dtmfdsl.notation import without_keys
from dtmfdsl.sending.many import Row

SEPARATORS = ",;\t|"

_SNIFFED = 2_000
"""At most so many characters of the names are given to `csv.Sniffer`, which is slow on long lines."""

_DATE = re.compile("(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]|[0-3]?[0-9]-[0-3]?[0-9]-((19|20)[0-9]{2})").fullmatch
"""What a spreadsheet makes of `05-12`, and what a person may mean as keys, in another order."""

_UNFIT: Row = {"": None}
"""What makes a row one of too many or too few values."""

_OTHER_FILES = {
    b"PK\x03\x04": "a spreadsheet or an archive",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"%PDF": "a PDF",
}
"""How the files of other programs begin: ZIP (as .xlsx and .ods are), Microsoft's compound file, PDF."""


@attrs.frozen
class Table:
    """The rows of a table, the line of the file where each begins, and the columns that nothing asks for.

    `dates` are the columns with cells like `2026-05-12`, and the line of the first.
    """

    names: tuple[str, ...]
    rows: tuple[Row, ...] = attrs.field(repr=False)
    lines: tuple[int, ...]
    unused: tuple[str, ...]
    dates: Mapping[str, int]


def read_table(path: str, params: Collection[str], missing: Collection[str]) -> Table:
    """The table of a file, or of standard input for "-". Each row has `call_id`, and values by param.

    A name counts however it is written: `Call ID`, `CallId` and `call-id` are `call_id`. A row with more or
    fewer cells than there are names has None for a value. Raises Refusal if it cannot
    be read, if its first line does not name columns with call_id among them, and for a name that is probably
    a slip for one of `missing`, the params that have no other value.
    """
    text = _text(path)
    if declared := re.match(r"sep=([,;\t|:])\r?\n", text):  # a line for spreadsheets, and not for the table
        text = "\n" + text[declared.end() :]
    separator = declared[1] if declared else _separator(text)
    records = _records(text, separator, path)
    _, header = next(records, (0, []))
    while header and not header[-1]:
        header.pop()
    places = _places(header, ("call_id", *params), path)
    if "call_id" not in places:
        raise Refusal(f"{path} needs a first line of names, with call_id among them{_instead(header)}")
    others = [at for at in range(len(header)) if at not in places.values()]
    for at in others:
        if meant := closest(_in_our_form(header[at]), [name for name in missing if name not in places]):
            what = f"{path} has a column {_shown(header, at)}, which is no param"
            raise Refusal(f"{what}: {did_you_mean(meant, '')} If not, leave the column out")
    rows: list[Row] = []
    lines: list[int] = []
    for line, cells in records:
        row = {name: cells[at] if at < len(cells) else None for name, at in places.items()}
        fits = len(cells) >= len(header) and not any(cells[len(header) :])
        rows.append(row if fits else {**row, **_UNFIT})
        lines.append(line)
    if not rows:
        raise Refusal(f"{path} names no call")
    names = tuple(name for name in places if name != "call_id")
    dates: dict[str, int] = {}
    for line, values in zip(lines, rows, strict=True):
        for name in names:
            if name not in dates and _DATE(values[name] or ""):
                dates[name] = line
    return Table(names, tuple(rows), tuple(lines), tuple(_shown(header, at) for at in others), dates)


def _text(path: str) -> str:
    """A file's text: UTF-8, or UTF-16 with its byte-order mark. Raises Refusal, which repeats none of it."""
    try:
        if path == "-":
            content = sys.stdin.buffer.read() if sys.stdin else b""
        else:
            if why := unfit(path, opened=True):
                raise Refusal(f"{path} {why}")
            with open(path, "rb") as file:
                content = file.read()
    except OSError as error:
        raise Refusal(f"{without_keys(path)} cannot be read: {error.strerror}") from None
    for start, what in _OTHER_FILES.items():
        if content.startswith(start):
            raise Refusal(f"{path} is {what}, and no CSV: save the table as CSV in UTF-8")
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = str(content, "utf_16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refusal(f"{path}:{line}: this is not UTF-8: save the table as CSV in UTF-8") from None
    if "\0" in text:
        raise Refusal(f"{path} is not UTF-8, and perhaps UTF-16: save the table as CSV in UTF-8")
    return text


def _separator(text: str) -> str:
    """What parts the columns. `csv.Sniffer` guesses it from the names, and a column call_id makes it sure."""
    first = text.lstrip().partition("\n")[0]
    sniffed = ","
    with suppress(csv.Error):  # there is one column
        sniffed = csv.Sniffer().sniff(first[:_SNIFFED], SEPARATORS).delimiter
    for separator in sniffed + SEPARATORS:
        try:
            _, names = next(_records(text, separator, ""), (0, []))
        except Refusal:
            continue
        if any(_plain(name) == "callid" for name in names):
            return separator
    return sniffed


def _records(text: str, separator: str, path: str) -> Iterator[tuple[int, list[str]]]:
    """The line where each record begins, and its cells, for records that are not blank."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True
    )
    begun = 1
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                yield begun, [_unmarked(cell.strip()) for cell in record]
            begun = reader.line_num + 1
    except csv.Error:
        raise Refusal(f"{path}:{begun}: this is not CSV: check its quotes") from None


def _unmarked(cell: str) -> str:
    """A cell without the marks that keep a number text in a spreadsheet: `="0012"`, `'0012`, `'0012'`."""
    if cell[:1] not in ("=", "'", "’"):
        return cell
    if whole := re.fullmatch(r"""=[ ]*"([^"]*)"|'([^']*)'""", cell):
        return whole[1] or whole[2] or ""
    return re.sub(r"^['’](?=[0-9*#+(=@-])", "", cell)


def _places(header: list[str], wanted: Collection[str], path: str) -> dict[str, int]:
    """The column of each name that has one. One that is written exactly so goes before others."""
    places = {}
    for name in wanted:
        exact = [at for at, written in enumerate(header) if written == name]
        found = exact or [at for at, written in enumerate(header) if _plain(written) == _plain(name)]
        if len(found) > 1:
            raise Refusal(f"{path} has two columns `{name}`")
        if found:
            places[name] = found[0]
    return places


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def _in_our_form(name: str) -> str:
    return re.sub(r"\W+", "_", name).casefold()


def _instead(header: list[str]) -> str:
    """What there is without a column call_id. Names are not repeated: they may be a row, with secrets."""
    written = {_in_our_form(name): name for name in header}
    if meant := closest("call_id", written):
        return f": is it `{clean(written[meant])}`? Name it call_id"
    if len(header) > 1:
        return f": it has {len(header)} columns, and none of this name"
    return (
        ": it has one column, and columns are parted by `,`, `;`, a tab or `|`" if header else "; it is empty"
    )


def _shown(header: list[str], at: int) -> str:
    """A column's name as it may be shown. What has digits may be a value, in a file without names."""
    name = header[at]
    return f"`{clean(name)}`" if name and not re.search("[0-9]{2}", name) else f"number {at + 1}"

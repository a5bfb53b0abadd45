"""What scripts mean, and how each dialect spells it: the table in `cases/dialects.txt`.

A row is a script, its meaning, and its spelling in every dialect:

    === two keys
    press 1; wait 3.5s; press 59#
    --- half_second = "w"
    means         1 3.5s 59#
    bandwidth-v1  1WWWw59#
    twilio        1WWWw59#
    vonage        ! vonage does not write half a second as `w` [no-such-pause]

The script stands as `format` writes it, except that `;` may put a few statements in one line. A title that
ends in `.dtmf` is a file of `cases/layout`; test_formatter.py tests its layout. After `---` come keyword
arguments of `compile`, as TOML. `means` has the keys and the silences between them, exact to the millisecond.
Each string has a line of its own, and `1p<12>2` is short for a run of twelve `p`. Where a dialect cannot write
all silences, strings and the waits beside them stand in one line: `1 (3.5s) 59#`. A line that begins with `!` is a warning or an error, with its
line and columns. `= twilio` means: the same lines as twilio, but for the name in a warning or an error.

A row without spellings is about the language alone; its strings have its meaning in every dialect. A row with
spellings has those of every dialect. `pytest --update` writes the table anew, with the lines of a new dialect:
read the difference before you commit it.
"""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest
from compiling import heard

import dtmfdsl
from dtmfdsl import DIALECTS, Diagnostic, DtmfError
from dtmfdsl.cli.dialects import facts_of
from dtmfdsl.decompiler import read_strings
from dtmfdsl.dialects import Dialect
from dtmfdsl.loader import read_file
from dtmfdsl.notation import KEYS
from dtmfdsl.program import Program

CASES = Path(__file__).with_name("cases")
TABLE = CASES / "dialects.txt"
LAYOUT = CASES / "layout"
COLUMN = 14  # where the strings begin
WIDTH = 110


@attrs.frozen
class Row:
    """One meaning. `lines` are those of `means` and of each dialect, without the name that they begin with."""

    title: str
    script: str
    options: str
    lines: dict[str, list[str]]

    @property
    def source(self) -> dtmfdsl.Source:
        if self.title.endswith(".dtmf"):
            return read_file(LAYOUT / self.title, name="<script>")
        return dtmfdsl.Source("<script>", self.script)

    @property
    def spelled(self) -> bool:
        return list(self.lines) != ["means"]

    def option(self, name: str) -> Any:
        return tomllib.loads(self.options).get(name)

    def compile(self, dialect: str) -> dtmfdsl.Compiled:
        options = tomllib.loads(self.options)
        return dtmfdsl.compile(self.source, dialect=dialect, waits="beside", **options)

    def spelling(self, dialect: str) -> list[str]:
        """The lines that the table gives for a dialect, also where they are those of another one."""
        lines = self.lines.get(dialect, [])
        if lines and (other := lines[0].removeprefix("= ")) != lines[0]:
            return named(dialect, unnamed(other, self.lines[other]))
        return lines

    def strings(self, dialect: str) -> list[str]:
        """The strings that the table gives for a dialect, in full; none if the dialect cannot write them."""
        return [long(item) for item in self.items(dialect) if item[0] != "("]

    def items(self, dialect: str) -> list[str]:
        """The strings that the table gives for a dialect, and the waits beside them."""
        return [item for line in self.spelling(dialect) if line[0] != "!" for item in line.split()]

    def read_back(self, dialect: str) -> Program:
        """What the strings of the table mean, and the waits between them."""
        program = Program()
        for item in self.items(dialect):
            wait = item[0] == "("
            program += dtmfdsl.wait(item[1:-1]) if wait else read_strings(long(item), dialect)
        return program


def read_row(text: str) -> Row:
    head, _, below = text.partition("\n---")
    title, _, script = f"{head}\n".partition("\n")
    options, _, table = below.partition("\n")
    lines: dict[str, list[str]] = {}
    for line in table.splitlines():
        name, rest = line[:COLUMN].strip(), line[COLUMN:]
        if name:
            assert name not in lines, f"{title}: {name} stands twice"
            lines[name] = found = []
        if rest:
            found.append(rest)
    return Row(title, script, options.strip(), lines)


def write_row(row: Row) -> str:
    """The row as it should stand in the table."""
    lines = {"means": textwrap.wrap(meaning(row), WIDTH - COLUMN, break_long_words=False)}
    if row.spelled:
        first: dict[tuple[str, ...], str] = {}
        for dialect in DIALECTS:
            found = spelling(row, dialect)
            other = first.setdefault(tuple(unnamed(dialect, found)), dialect)
            lines[dialect] = found if other == dialect else [f"= {other}"]
    table = ""
    for name, found in lines.items():
        for line in found or [""]:
            table += f"{name:{COLUMN}}{line}".rstrip() + "\n"
            name = ""
    return f"{row.title}\n{row.script}--- {row.options}".rstrip() + f"\n{table}"


def meaning(row: Row) -> str:
    """Keys as they are, silences in seconds: `1 3.5s 59#`."""
    program = dtmfdsl.lower(dtmfdsl.parse(row.source), row.option("values"))
    return " ".join(step if isinstance(step, str) else f"{step / 1000:g}s" for step in program.steps())


def spelling(row: Row, dialect: str) -> list[str]:
    """What a dialect makes of a row: the strings, then the diagnostics."""
    try:
        compiled = row.compile(dialect)
    except DtmfError as error:
        return [in_a_line(found) for found in error.diagnostics]
    items = []
    for chunk in compiled.chunks:
        items += [f"({chunk.wait_ms / 1000:g}s)"] * bool(chunk.wait_ms) + [short(chunk.text)]
    items += [f"({compiled.last_wait_ms / 1000:g}s)"] * bool(compiled.last_wait_ms)
    if compiled.dialect.longest_ms is not None:
        items = textwrap.wrap(" ".join(items), WIDTH - COLUMN, break_long_words=False, break_on_hyphens=False)
    return [*items, *map(in_a_line, compiled.warnings)]


def unnamed(dialect: str, lines: list[str]) -> list[str]:
    """The lines of a dialect, with `~` for its name."""
    return [re.sub(rf"(?<![\w-]){dialect}(?![\w-])", "~", line) if line[0] == "!" else line for line in lines]


def named(dialect: str, lines: list[str]) -> list[str]:
    return [line.replace("~", dialect) if line[0] == "!" else line for line in lines]


def in_a_line(found: Diagnostic) -> str:
    """A diagnostic with the line and the columns of its place; the end is exclusive."""
    place = ""
    if found.span:
        line, column = found.span.position
        place = f"{line}:{column}-{column + len(found.span.text)} "
    return f"! {place}{found.message} [{found.code}]"


def short(string: str) -> str:
    """A string with its long runs counted: `1p<12>2`."""
    return re.sub(r"(.)\1{9,}", lambda run: f"{run[1]}<{len(run[0])}>", string)


def long(string: str) -> str:
    return re.sub(r"(.)<(\d+)>", lambda run: run[1] * int(run[2]), string)


def steps(row: Row) -> list[str | int]:
    """The meaning that the table gives: keys, and silences in milliseconds."""
    words = " ".join(row.lines["means"]).split()
    return [round(float(word[:-1]) * 1000) if word.endswith("s") else word for word in words]


def rounded_up(steps: Sequence[str | int], dialect: Dialect) -> list[str | int]:
    """Keys and silences, each silence as long as a dialect must write it."""
    longest = dialect.longest_ms
    rounded = [
        step if isinstance(step, str) else -(-step // dialect.step_ms) * dialect.step_ms for step in steps
    ]
    return [
        exact if isinstance(step, int) and longest is not None and step > longest else step
        for exact, step in zip(steps, rounded, strict=True)
    ]


INTRODUCTION, *TEXTS = re.split(r"^=== ", TABLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
ROWS = [read_row(text) for text in TEXTS]
SPELLED = [row for row in ROWS if row.spelled]
UNSPELLED = [row for row in ROWS if not row.spelled]


def pairs(rows: list[Row]) -> list[Any]:
    """Each row with each dialect that can write it. Those that want a number first are about no row."""
    return [
        pytest.param(row, dialect, id=f"{row.title}-{dialect}")
        for row in rows
        for dialect in DIALECTS
        if (row.strings(dialect) if row.spelled else not DIALECTS[dialect].number and pressable(row, dialect))
    ]


def pressable(row: Row, dialect: str) -> bool:
    """Whether a dialect has the keys of a row."""
    return {key for step in steps(row) if isinstance(step, str) for key in step} <= {*DIALECTS[dialect].keys}


def each(rows: list[Row]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", [pytest.param(row, id=row.title) for row in rows])


def test_the_table_is_what_comes_out(golden: Callable[[Path, str], None]) -> None:
    golden(TABLE, INTRODUCTION + "\n".join(f"=== {write_row(row)}" for row in ROWS))


@each(SPELLED)
def test_a_spelled_row_has_every_dialect(row: Row) -> None:
    assert list(row.lines) == ["means", *DIALECTS]


@pytest.mark.parametrize("dialect", DIALECTS)
@each(SPELLED)
def test_a_script_compiles_to_its_strings(row: Row, dialect: str) -> None:
    assert spelling(row, dialect) == row.spelling(dialect)


@pytest.mark.parametrize(("row", "dialect"), pairs(ROWS))
def test_the_strings_read_back_as_the_meaning(row: Row, dialect: str) -> None:
    program = row.read_back(dialect) if row.spelled else heard(row.compile(dialect))
    assert list(program.steps()) == rounded_up(steps(row), DIALECTS[dialect])


@pytest.mark.parametrize(("row", "dialect"), pairs(SPELLED))
def test_a_string_comes_back_to_the_letter(row: Row, dialect: str) -> None:
    def again(strings: str | list[str]) -> tuple[str, ...]:
        script = dtmfdsl.decompile(strings, dialect)
        assert dtmfdsl.format(script) == script
        half_second = row.option("half_second")
        return dtmfdsl.compile(script, dialect=dialect, half_second=half_second, rounding="error").texts

    strings = row.strings(dialect)
    assert [again(string) for string in strings] == [(string,) for string in strings]
    assert "".join(again(strings)) == "".join(strings)


@pytest.mark.parametrize(("row", "dialect"), pairs(ROWS))
def test_of_a_string_the_secrets_alone_are_hidden(row: Row, dialect: str) -> None:
    compiled = row.compile(dialect)
    shown = "".join(chunk.shown for chunk in compiled.chunks)
    groups = [event for event in compiled.program.events if isinstance(event, dtmfdsl.Tones)]
    assert shown.count("•") == sum(secret.stop - secret.start for group in groups for secret in group.secrets)
    assert re.fullmatch(re.escape(shown).replace("•", "[0-9A-Da-d*#]"), "".join(compiled.texts))


@each(UNSPELLED)
def test_a_row_about_the_language_has_no_warnings(row: Row) -> None:
    assert row.compile("bandwidth-v1").warnings == ()


def test_every_layout_has_a_meaning() -> None:
    layouts = {path.name for path in LAYOUT.glob("*.dtmf") if ".formatted" not in path.suffixes}
    assert {row.title for row in ROWS if row.title.endswith(".dtmf")} == layouts


@each(ROWS)
def test_a_script_stands_as_it_is_formatted(row: Row) -> None:
    if row.title.endswith(".dtmf"):
        assert not row.script
    else:
        assert dtmfdsl.format(row.script) == row.script.replace("; ", "\n")


# The table of dialects itself

PAGE = Path(__file__).parent.parent / "docs" / "dialects.md"


def test_the_page_of_dialects_is_made_of_the_table(golden: Callable[[Path, str], None]) -> None:
    introduction, heading, _ = PAGE.read_text(encoding="utf-8").partition("## Every dialect\n")
    golden(PAGE, introduction + heading + "\n" + "\n".join(map(section, DIALECTS.values())))


def section(dialect: Dialect) -> str:
    """What the page has of a dialect."""
    facts = [
        f"- {name}: {plain(fact) if name in ('keys', 'pauses') else fact}\n"
        for name, fact in facts_of(dialect).items()
    ]
    sources = " ".join(f"<{source}>" for source in dialect.sources)
    return f"### {dialect.name}\n\n{plain(dialect.title)}\n\n{''.join(facts)}- source: {sources}\n"


def plain(text: str) -> str:
    """A text that Markdown shows as it is."""
    return re.sub(r"([*<>_#@])", r"\\\1", text)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_what_is_not_documented_is_named(dialect: Dialect) -> None:
    for fact, words in (
        (dialect.limit or dialect.name in ("webrtc", "exact") or None, ("length of a string", "the limit")),
        (dialect.tone_ms, ("tone", "usual")),
        (dialect.gap_ms, ("gap",)),
    ):
        assert fact is not None or any(word in dialect.unknown for word in words)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_a_dialect_is_consistent(dialect: Dialect) -> None:
    characters = dialect.characters
    assert len(set(characters)) == len(characters)
    assert not {*dialect.eye, *dialect.tone_mark} & {*characters}
    assert set(dialect.keys) <= set(KEYS)
    assert {key for key, _ in dialect.spelt} <= set(dialect.keys)
    assert all(ms > 0 and ms % dialect.step_ms == 0 for _, ms in dialect.pauses)
    assert not (dialect.pauses and dialect.counted)
    assert dialect.elsewhere is None or DIALECTS[dialect.elsewhere].strings is None
    assert dialect.sources
    assert date.fromisoformat(dialect.read_on)
    assert dialect.unknown
    assert all(source.startswith("https://") for source in dialect.sources)
    # A `raw` statement can name it.
    assert dtmfdsl.parse(f'raw "1" as {dialect.name}')
    for usual, can_be in ((dialect.tone_ms, dialect.tone_set_ms), (dialect.gap_ms, dialect.gap_set_ms)):
        least, most = usual or can_be or (0, 0)
        assert 0 <= least <= most
        assert not (usual and can_be) or can_be[0] <= least <= most <= can_be[1]


@pytest.mark.parametrize(
    ("dialect", "character"),
    [(dialect, character) for dialect in DIALECTS.values() for character, ms in dialect.pauses if ms == 500],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_half_a_second_is_written_as_preferred(dialect: Dialect, character: str) -> None:
    preferring = dialect.preferring(character)
    assert preferring.write_pause(500) == character
    assert sorted(preferring.pauses) == sorted(dialect.pauses)
    assert preferring.name == dialect.name


def test_a_pause_of_another_length_is_not_half_a_second() -> None:
    for dialect, character, known in (
        ("bandwidth-v1", "W", "it knows `,` and `w`"),
        ("vonage", "w", "it knows `p`"),
    ):
        with pytest.raises(DtmfError) as caught:
            DIALECTS[dialect].preferring(character)
        (found,) = caught.value.diagnostics
        assert (found.code, found.help) == ("no-such-pause", known)


def test_a_dialect_is_found_by_its_name() -> None:
    assert all(dtmfdsl.get_dialect(name) is dialect for name, dialect in DIALECTS.items())
    assert [dialect.name for dialect in DIALECTS.values()] == list(DIALECTS)
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.get_dialect("twillio")
    (found,) = caught.value.diagnostics
    assert (found.code, found.help, found.suggestion) == ("unknown-dialect", "did you mean `twilio`?", None)
    with pytest.raises(DtmfError, match=", ".join(DIALECTS)):
        dtmfdsl.get_dialect("xyzzy")

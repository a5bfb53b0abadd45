"""Tables of calls as people write them, and as spreadsheets and exports do: each is read, or says what it is."""

from __future__ import annotations

import csv
import io
from itertools import product
from pathlib import Path

import pytest
from commands import feed
from hypothesis import given
from hypothesis import strategies as st

from dtmfdsl.cli import main
from dtmfdsl.cli.streams import Refusal
from dtmfdsl.cli.tables import SEPARATORS, Table, read_table

SCRIPT = "param card: 4..6 digits; secret pin: 4 digits; press $card # $pin"
ROWS = [("c-1", "50771", "0012"), ("c-2", "5078", "9999")]


def table_of(tmp_path: Path, content: str | bytes, params: str = "card pin") -> Table:
    path = tmp_path / "calls.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(str(path), params.split(), params.split())


def refused(tmp_path: Path, content: str | bytes, params: str = "card pin") -> str:
    with pytest.raises(Refusal) as caught:
        table_of(tmp_path, content, params)
    return str(caught.value)


def values_of(table: Table) -> list[tuple[str | None, ...]]:
    return [tuple(row[name] for name in ("call_id", "card", "pin")) for row in table.rows]


@pytest.mark.parametrize(
    "names", ["call_id {0} card {0} pin", 'pin {0}"Call ID"{0}Card', "CALL-ID{0}CARD{0}PIN"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(("separator", "end"), [*product(SEPARATORS, ["\n", "\r\n", "\r"])])
def test_separators_encodings_and_line_ends_are_found_out(
    tmp_path: Path, names: str, encoding: str, separator: str, end: str
) -> None:
    if names.startswith("pin"):
        lines = [f'"{pin}"{separator}{call}{separator}"{card}"' for call, card, pin in ROWS]
    else:
        lines = [separator.join(row) for row in ROWS]
    text = end.join([names.format(separator), *lines, ""])
    table = table_of(tmp_path, text.encode(encoding))
    assert values_of(table) == ROWS
    assert (table.lines, table.unused) == ((2, 3), ())


@pytest.mark.parametrize(
    ("cell", "is_date"),
    [
        ("2026-05-12", True),
        ("12-05-2026", True),
        ("5-12-1980", True),
        ("1234-56-7890", False),
        ("12-34", False),
    ],
)
def test_a_date_is_named_once_a_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cell: str, is_date: bool
) -> None:
    table = tmp_path / "calls.csv"
    table.write_text(f"call_id,born\na,1234\nb,{cell}\nc,{cell}\n")
    assert main(["send", "-e", "param born: keys; press $born", "--calls", str(table), "--dry-run"]) == 0
    printed = capsys.readouterr()
    assert printed.err.count(f"{table}:3: `born` holds a date") == is_date
    assert cell not in printed.err


cells = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(SEPARATORS + '"\n'), max_size=6
)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5), st.sampled_from(SEPARATORS), st.booleans())
def test_what_a_csv_writer_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], separator: str, other: bool
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL if other else csv.QUOTE_MINIMAL)
    writer.writerow(("note, or; so", "call_id", "who|\twhat"))
    writer.writerows((one, f"c-{number}", two) for number, (one, two) in enumerate(rows))
    table = table_of(tmp_path_factory.mktemp("tables"), text.getvalue(), "other")
    assert [row["call_id"] for row in table.rows] == [f"c-{number}" for number in range(len(rows))]
    assert len(table.unused) == 2


def test_the_line_of_a_row_is_where_it_begins(tmp_path: Path) -> None:
    table = table_of(tmp_path, '"call_id","two\nlines"\n\n"c-1","a\n\nb"\n"c-2",""\n')
    assert table.lines == (4, 7)
    assert "csv:7: this is not CSV" in refused(
        tmp_path, '"call_id","two\nlines"\n\n"c-1","a\n\nb"\n"c-2"x,""\n'
    )


@pytest.mark.parametrize(
    "cell", ["'0012", '="0012"', '"=""0012"""', '= "0012"', "’0012", "'0012'", " 0012 ", '"0012"']
)
def test_marks_of_a_spreadsheet_are_taken_off(tmp_path: Path, cell: str) -> None:
    (row,) = table_of(tmp_path, f"call_id,pin\nc-1,{cell}\n").rows
    assert row == {"call_id": "c-1", "pin": "0012"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "csv needs a first line of names, with call_id among them; it is empty"),
        ("\ufeff\r\n \r\n", "needs a first line of names"),
        ("c-1,4711,0012\n", "call_id among them: it has 3 columns, and none of this name"),
        ("c-1;4711;0012\n", "it has 3 columns"),
        ("c-1 4711 0012\n", "it has one column, and columns are parted by `,`, `;`, a tab or `|`"),
        ("Caller ID,pin\nc,1\n", "is it `Caller ID`? Name it call_id"),
        ("call,pin\nc,1\n", "is it `call`? Name it call_id"),
        ("call_id,kard\nc,1\n", "has a column `kard`, which is no param: did you mean `card`?"),
        ("call_id;pni\nc;1\n", "did you mean `pin`?"),
        ("call_id,Pin,PIN\nc,1,2\n", "has two columns `pin`"),
        ("Call ID,call-id\nc,1\n", "has two columns `call_id`"),
        ("call_id,card\n \n,\n", "names no call"),
        (b"call_id,card\nc,J\xf6rg\n", "calls.csv:2: this is not UTF-8: save the table as CSV in UTF-8"),
        ("call_id,card\nc,1\n".encode("utf-16-le"), "perhaps UTF-16"),
        (b"PK\x03\x04\x14\0\x06\0", "is a spreadsheet or an archive, and no CSV"),
        ('call_id,card\nc,"1\nd,2\n', "calls.csv:2: this is not CSV: check its quotes"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_said(tmp_path: Path, content: str | bytes, said: str) -> None:
    message = refused(tmp_path, content)
    assert said in message
    assert "4711" not in message
    assert "0012" not in message


def test_columns_that_nothing_asks_for_are_allowed_and_trailing_blanks_too(tmp_path: Path) -> None:
    table = table_of(
        tmp_path, ",Call ID,name,4711,card,,\n0,c-1,Ann,x,1234,,\n1,c-2,Bob,y,5678\n2,c-3,Eve,z,9,,!\n"
    )
    assert table.unused == ("number 1", "`name`", "number 4")
    assert table.names == ("card",)
    assert [dict(row) for row in table.rows] == [
        {"call_id": "c-1", "card": "1234"},
        {"call_id": "c-2", "card": "5678"},
        {"call_id": "c-3", "card": "9", "": None},
    ]


def test_the_name_that_is_written_exactly_goes_before_others(tmp_path: Path) -> None:
    table = table_of(tmp_path, "call_id,PIN,pin\nc,1,0012\n")
    assert (table.rows, table.unused) == (({"call_id": "c", "pin": "0012"},), ("`PIN`",))
    # What has a column already is not meant by another, and neither is what has its value from elsewhere.
    assert table_of(tmp_path, "call_id,card,cards\nc,1,2\n").unused == ("`cards`",)
    path = str(tmp_path / "calls.csv")
    (tmp_path / "calls.csv").write_text("call_id,cards\nc,2\n")
    assert read_table(path, ["card"], []).unused == ("`cards`",)


def test_other_apostrophes_stay(tmp_path: Path) -> None:
    (row,) = table_of(tmp_path, "call_id,who\nc-1,'tis I\n", "who").rows
    assert row["who"] == "'tis I"


def test_a_line_that_names_the_separator_is_none_of_the_table(tmp_path: Path) -> None:
    table = table_of(tmp_path, "sep=;\r\ncall_id;card\r\nc-1;12\r\n")
    assert (table.rows, table.lines) == (({"call_id": "c-1", "card": "12"},), (3,))


# The command


def sent(tmp_path: Path, content: str, *arguments: str, script: str = SCRIPT) -> int:
    (tmp_path / "calls.csv").write_text(content)
    return main(["send", "-e", script, "--calls", str(tmp_path / "calls.csv"), *arguments])


BAD = """Call ID;Card;PIN;name
c-1;50771;0012;Ann
c-2;507;0012;Bob

c-3;50771;12;Cid
;50771;0012;Dan
c-1;50771;0012;Eve
c-6;5077.0;0012;Fay
c-7;50771
"""


@pytest.mark.parametrize("rehearsal", [True, False])
def test_every_bad_row_is_named_with_its_line_and_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rehearsal: bool
) -> None:
    way = ["--dry-run"] if rehearsal else ["--test-line", "--speed", "1000"]
    assert sent(tmp_path, BAD, "--results", str(tmp_path / "results.csv"), *way) == 3
    seen = capsys.readouterr()
    shown = seen.out + seen.err
    expected = [
        (3, "c-2", "`$card` must be 4..6 digits, but has 3 keys"),
        (5, "c-3", "`$pin` must be 4 digits, but has 2 keys"),
        (6, "", "this row has no call id"),
        (7, "c-1", "this call is in an earlier row"),
        (8, "c-6", "`$card` is a number that a spreadsheet changed"),
        (9, "c-7", "this row has more or fewer values than the first line has names"),
    ]
    results = list(csv.DictReader((tmp_path / "results.csv").read_text().splitlines()))
    assert [(int(row["line"]), row["call_id"], row["reason"]) for row in results[1:]] == expected
    for line, call_id, reason in expected:
        (named,) = [each for each in shown.splitlines() if f"calls.csv:{line}" in each]
        assert call_id in named
        assert reason in named
    assert shown.count("the script does not ask for 1 column: `name`") == 1
    assert "0012" not in shown


def test_of_thousands_of_bad_rows_a_few_are_named_and_all_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"c-{number},1\n" for number in range(5_000))
    assert sent(tmp_path, f"call_id,pin\n{rows}", "--set", "card=1234", "--test-line") == 3
    seen = capsys.readouterr()
    assert seen.err.count("calls.csv:") == 20
    assert "4,980 more rows are not sent: the outcomes have their reasons" in seen.err
    assert seen.out.count("`$pin` must be 4 digits, but has 1 key") == 5_000


def test_a_slip_in_a_name_is_refused_unless_the_value_comes_from_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = "call_id,kard,pin\nc-1,50771,0012\n"
    assert sent(tmp_path, table, "--dry-run") == 2
    assert "a column `kard`, which is no param: did you mean `card`?" in capsys.readouterr().err
    assert sent(tmp_path, table, "--dry-run", "--set", "card=1234") == 0
    assert "does not ask for 1 column: `kard`" in capsys.readouterr().err
    assert (
        sent(tmp_path, table, "--dry-run", script=f"{SCRIPT}; define f() {{ param karl: keys; press $karl }}")
        == 2
    )


def test_a_table_from_standard_input_is_named_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    feed(monkeypatch, "call_id;card;pin\nc-1;1;0012\n")
    assert main(["send", "-e", SCRIPT, "--calls", "-", "--dry-run"]) == 3
    assert "must be 4..6 digits, but has 1 key (<stdin>:2)" in capsys.readouterr().out

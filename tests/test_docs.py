"""Every example of the documentation is run."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

import dtmfdsl
from dtmfdsl import limits, timing
from dtmfdsl.cli import main
from dtmfdsl.compiler import to_program
from dtmfdsl.dialects.chunks import BARE_CUT, LONG_PAUSE_MS
from dtmfdsl.language.tree import Phone
from dtmfdsl.phone.map import DEFAULTS
from dtmfdsl.sending import CARRIERS, Caller
from dtmfdsl.sending.delivery import Start
from dtmfdsl.sending.journal import Journal
from dtmfdsl.source import Source

ROOT = Path(__file__).parent.parent
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$(?:\n+ *```text\n(.*?)^ *```$)?", re.MULTILINE | re.DOTALL)


def examples(page: str, kind: str) -> list[tuple[str, str | None]]:
    """The fenced blocks of a kind, each with the block of output right under it."""
    found = FENCE.finditer((ROOT / page).read_text(encoding="utf-8"))
    return [
        (dedent(match[3], match[1]), None if match[4] is None else dedent(match[4], match[1]))
        for match in found
        if match[2] == kind
    ]


def dedent(text: str, indent: str) -> str:
    return re.sub(f"^{indent}", "", text, flags=re.MULTILINE)


PAGES = ("docs/language.md", "docs/sending.md", "docs/calling.md", "docs/maps.md")
SCRIPTS = [(page, *example) for page in PAGES for example in examples(page, "dtmf")]


def test_the_examples_are_found() -> None:
    assert len(SCRIPTS) >= 19
    assert len([strings for _, _, strings in SCRIPTS if strings]) >= 14


SPOKEN = "Press 1, then"


@pytest.mark.parametrize(
    ("page", "script", "strings"), SCRIPTS, ids=[s.strip().splitlines()[0] for _, s, _ in SCRIPTS]
)
def test_an_example_is_valid_and_compiles_to_the_strings_under_it(
    page: str, script: str, strings: str | None
) -> None:
    source = Source(page, script, str(ROOT / "examples" / "of-the-docs.dtmf"))
    program = to_program(source, pretend=True).valid().program
    if strings is not None:
        assert list(dtmfdsl.compile(script).texts) == strings.split()
    # The page may set comments off by more than two blanks; otherwise it shows the canonical layout.
    shown = (
        script if SPOKEN not in script else script.replace(",", "").replace(" then", "").replace(" and", "")
    )
    assert dtmfdsl.format(script).split() == shown.replace(";", "").replace("Press", "press").split()
    assert program or isinstance(dtmfdsl.parse(script).body[-1], Phone)  # a map alone plays nothing


def test_every_statement_is_explained() -> None:
    page = (ROOT / "docs/language.md").read_text(encoding="utf-8")
    for word in (
        "press",
        "wait",
        "wait up to",
        "pace",
        "every",
        "for",
        "spell",
        "repeat",
        "let",
        "param",
        "secret",
        "define",
        "use",
        "raw",
        "phone",
        "expect at",
        "star",
        "pound",
    ):
        assert re.search(rf"(?<!\w){word}(?!\w)", page), word


def test_the_figures_of_the_page_are_those_of_the_code() -> None:
    page = (ROOT / "docs/language.md").read_text(encoding="utf-8")
    for figure in (
        f"{limits.NESTING} deep",
        f"{limits.DEPTH} deep",
        f"{limits.STATEMENTS:,}",
        f"{limits.KEYS:,}",
        f"{limits.GROUP_KEYS:,}",
        f"{limits.SOURCE_BYTES / 1024**2} MiB",
        f"{limits.WORDS:,}",
        f"{limits.DURATION_MS // 3_600_000} hours",
        f"costs {BARE_CUT:,}",
        f"costs {LONG_PAUSE_MS:,} less",
    ):
        assert figure in page, figure


def test_the_python_page_runs_from_top_to_bottom() -> None:
    names: dict[str, object] = {}
    blocks = examples("docs/python.md", "python")
    assert len(blocks) >= 6
    for code, _ in blocks:
        exec(compile(code, "docs/python.md", "exec"), names)


def test_the_sending_page_runs_from_top_to_bottom() -> None:
    names: dict[str, object] = {}
    blocks = examples("docs/sending.md", "python")
    assert len(blocks) >= 2
    for code, _ in blocks:
        exec(compile(code, "docs/sending.md", "exec"), names)


def test_the_page_of_sip_runs_from_top_to_bottom() -> None:
    names: dict[str, object] = {}
    for code, _ in examples("docs/sip.md", "python"):
        exec(compile(code, "docs/sip.md", "exec"), names)
    assert "times" in names


def test_the_page_of_times_shows_what_really_happens(capsys: pytest.CaptureFixture[str]) -> None:
    tables = [
        command.partition("\n") for command, _ in examples("docs/timing.md", "console") if "\n" in command
    ]
    shown = [(line, table) for line, _, table in tables if table]
    assert len(shown) == 2
    for line, table in shown:
        assert main(shlex.split(line.removeprefix("$ dtmfdsl "))) == 0
        assert capsys.readouterr().out == table
    ((written, _),) = examples("docs/timing.md", "json")
    compiled = dtmfdsl.compile("press 1; wait 1s", dialect="bandwidth")
    assert json.loads(written) == compiled.timeline().as_dict()
    for code, _ in examples("docs/timing.md", "python"):
        exec(compile(code, "docs/timing.md", "exec"), {})
    page = (ROOT / "docs/timing.md").read_text(encoding="utf-8")
    (least, most), (shortest, longest) = timing.ASSUMED_TONE_MS, timing.ASSUMED_GAP_MS
    assert f"A tone of {least} to {most} ms and a gap of {shortest} to {longest} ms" in page
    assert f"together {least + shortest} to {most + longest} ms" in page


def test_the_page_of_proofs_shows_what_really_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (acme, _), *_ = examples("docs/maps.md", "dtmf")
    ((script, _),) = examples("docs/proving.md", "dtmf")
    slow = acme.replace("answers within 1..3s", "answers within 1..6s")
    assert slow != acme
    for name, text in {"acme": acme, "slow": slow, "balance": script}.items():
        Path(f"{name}.dtmf").write_text(text, encoding="utf-8")
    shown = examples("docs/proving.md", "console")
    assert len(shown) == 7
    for command, _ in shown:
        line, _, output = command.partition("\n")
        assert main(shlex.split(line.removeprefix("$ dtmfdsl "))) in (0, 1)
        assert capsys.readouterr().out == output


def test_the_page_of_maps_shows_what_really_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (acme, _), *_ = examples("docs/maps.md", "dtmf")
    Path("acme.dtmf").write_text(acme, encoding="utf-8")
    shown = examples("docs/maps.md", "console")
    assert len(shown) == 2
    for command, _ in shown:
        line, _, output = command.partition("\n")
        assert main(shlex.split(line.removeprefix("$ dtmfdsl "))) == 0
        assert capsys.readouterr().out == output
    page = (ROOT / "docs/maps.md").read_text(encoding="utf-8")
    said = "\n".join(fact for name, fact in DEFAULTS.items() if name != "says")
    assert f"```text\n{said}\n```" in page


def test_the_journal_that_is_shown_is_one(tmp_path: Path) -> None:
    ((lines, _),) = examples("docs/sending.md", "json")
    path = tmp_path / "journal"
    path.write_text(lines)
    with Journal(str(path), resume=True) as journal:
        progress = journal.progress("c-1")
    assert (progress.start, progress.in_doubt, progress.steps) == (Start(1), False, 3)


def test_the_docstring_of_the_front_door_runs() -> None:
    import doctest

    failed, tried = doctest.testmod(dtmfdsl)
    assert tried > 3
    assert not failed


def test_the_readme_shows_what_really_happens(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first_screen = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:45])
    assert "`make demo` installs it into `.venv`" in first_screen
    assert "`make test`" in first_screen
    monkeypatch.chdir(ROOT)
    script = re.search(r"^```\n(.*?)^```$", first_screen, re.MULTILINE | re.DOTALL)
    assert script
    assert script[1] == Path("examples/balance.dtmf").read_text(encoding="utf-8")
    sessions = re.findall(r"^\$ (\S+) (.+)\n((?:(?!\$|```).*\n)+)", first_screen, re.MULTILINE)
    assert [arguments for _, arguments, _ in sessions] == [
        "compile examples/balance.dtmf",
        "compile -e 'wait 3,5s'",
    ]
    for command, arguments, shown in sessions:
        assert command == ".venv/bin/dtmfdsl"
        main(shlex.split(arguments))
        printed = capsys.readouterr()
        assert printed.out + printed.err == shown


def test_the_command_is_where_the_readme_says() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^VENV := \.venv$", makefile, re.MULTILINE)
    assert re.search(r"^demo: \$\(VENV\)/wheel$", makefile, re.MULTILINE)
    assert Path(sys.executable).with_name("dtmfdsl").exists()


PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md"))),
]
LINKS = [
    (page, link)
    for page in PAGES
    for link in re.findall(r"\]\(([^)]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    if ":" not in link
]


def test_the_links_are_found() -> None:
    assert len(LINKS) > 20


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_a_link_leads_somewhere(page: str, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = (ROOT / page).parent / path if path else ROOT / page
    assert target.exists()
    if anchor:
        titles = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]


def test_the_files_named_for_a_new_carrier_exist() -> None:
    text = (ROOT / "docs/adding-a-carrier.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:dtmfdsl|tests)/[\w./]+)`", text)
    assert len(named) >= 9
    for path in named:
        assert (ROOT / path).exists(), path


def test_the_makefile_has_the_verbs_that_are_promised() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for verb in re.findall(r"`make (\w+)`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")):
        assert re.search(rf"^{verb}:", makefile, re.MULTILINE), verb


def test_the_map_of_the_house_names_files_that_exist() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    _, rooms, places = re.split(r"^## The rooms$|^## Where does", page, flags=re.MULTILINE)
    named = re.findall(r"`((?:dtmfdsl|docs|tests|grammar|benchmarks)/[\w./-]*)`", places)
    assert len(named) > 15
    assert [name for name in named if not (ROOT / name).exists()] == []
    house = [
        name
        for row in re.findall(r"^\| \d+ \| (.*?) \|", rooms, re.MULTILINE)
        for name in re.findall(r"`([\w/]+(?:\.py)?)`", row)
    ]
    inside = {path.name + "/" * path.is_dir() for path in (ROOT / "dtmfdsl").iterdir()}
    aside = {"__init__.py", "__main__.py", "py.typed", "__pycache__/"}
    assert set(house) - {"dtmfdsl"} == inside - aside


def test_the_calling_page_runs_from_top_to_bottom() -> None:
    names: dict[str, object] = {}
    for code, _ in examples("docs/calling.md", "python"):
        exec(compile(code, "docs/calling.md", "exec"), names)
    assert "reports" in names


def test_the_calling_page_has_each_carrier_with_what_it_needs() -> None:
    page = (ROOT / "docs/calling.md").read_text(encoding="utf-8")
    for name, carrier in CARRIERS.items():
        section = page.partition(f"\n### {name}\n")[2].partition("\n### ")[0].partition("\n## ")[0]
        assert section, name
        if isinstance(carrier, Caller) and not carrier.no_calls:
            needed = (*carrier.variables, *carrier.calling, carrier.address_variable)
            if name == "vonage":
                needed = ("VONAGE_APPLICATION_ID", "VONAGE_PRIVATE_KEY")
            assert all(f"{variable}=" in section for variable in needed if variable), name
            assert carrier.answer_url == ("--answer-url" in section)
            assert "*It can go wrong:*" in section

"""docs/diagnostics explains every code, its examples do what they show, and `explain` prints it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import dtmfdsl
from dtmfdsl.cli import main
from dtmfdsl.explanations import Explanation, explanations
from examples import EXAMPLES

PACKAGE = Path(dtmfdsl.__file__).parent
PAGES = Path(__file__).parents[1] / "docs" / "diagnostics"
GOLDEN = Path(__file__).with_name("cases") / "invalid"
EXPLAINED = explanations()
EACH = pytest.mark.parametrize("each", [pytest.param(each, id=code) for code, each in EXPLAINED.items()])

# What looks like a code in the product and is none.
OTHERS = {*dtmfdsl.DIALECTS, "half-second", "pause-rule", "tone-mark", "utf-8", "utf-8-sig", "test-call"}
OTHERS |= {"can-fail", "cannot-tell"}  # verdicts


def kebabs(module: str) -> set[str]:
    """The texts in a module that have the form of a code."""
    texts = {node.value for node in ast.walk(ast.parse(module)) if isinstance(node, ast.Constant)}
    form = re.compile("(?![0-9])[a-z0-9]+(-[a-z0-9]+)+")
    return {text for text in texts if isinstance(text, str) and form.fullmatch(text)}


def test_every_code_in_the_product_is_explained() -> None:
    """That no other is explained follows from the wrong examples, each of which makes its code.

    A code without a hyphen, or among the answers of a carrier, is noticed when a test makes it: conftest.py.
    """
    found = set()
    for path in PACKAGE.rglob("*.py"):
        codes = kebabs(path.read_text(encoding="utf-8"))
        found |= codes
        if not {"testline", "carriers"} & {path.stem, path.parent.name}:  # these quote codes of carriers
            assert codes - OTHERS <= set(EXPLAINED), path
    assert found | {"recursion"} >= set(EXPLAINED)


def test_a_diagnostic_without_an_explanation_is_noticed() -> None:
    with pytest.raises(AssertionError, match="`no-such-code` has no explanation"):
        dtmfdsl.Diagnostic("no-such-code", "this has no explanation")


@EACH
def test_form(each: Explanation) -> None:
    assert re.fullmatch(r"[a-z`].*[^.!?]", each.title)
    assert len(each.code) < 24, "explain lists the codes in a column of that width"
    wrong, right = EXAMPLES[each.code]
    shape = r"\n(.+)\n\n%s:\n\n```.*?```\n\n%s:\n\n```.*?```\n*"
    matched = re.fullmatch(shape % (re.escape(wrong.label), re.escape(right.label)), each.body, re.DOTALL)
    assert matched
    assert matched[1].endswith(".")
    assert "](" not in matched[1], "a terminal shows no links"


@EACH
def test_the_labels_of_the_examples_say_how_they_are_run(each: Explanation) -> None:
    for example, word in zip(EXAMPLES[each.code], ("Wrong", "Right"), strict=True):
        options = dict(example.options)
        said = [f"with a value for ${name}" for name in options.pop("values", {})]
        if dialect := options.pop("dialect", None):
            said.append(f"{'read as' if example.how == 'string' else 'compiled for'} {dialect}")
        if rounding := options.pop("rounding", None):
            said.append(f"with --rounding {rounding}")
        if template := options.pop("template", None):
            said.append(f"with --template {template}")
        assert not options
        assert example.label == word + (f" ({', '.join(said)})" if said else "")


@EACH
def test_the_wrong_example_is_wrong(each: Explanation, run_example: Callable, golden: Callable) -> None:
    wrong, _ = EXAMPLES[each.code]
    outcome = run_example(wrong.how, wrong.text, f"{each.code}.dtmf", **wrong.options)
    if each.code == "too-many-mistakes":  # which never comes alone
        assert outcome.codes.count(each.code) == 1
    else:
        assert outcome.codes == (each.code,)
    golden(GOLDEN / f"{each.code}.golden.txt", outcome.shown)


@EACH
def test_the_right_example_is_right(each: Explanation, run_example: Callable) -> None:
    _, right = EXAMPLES[each.code]
    assert run_example(right.how, right.text, **right.options).shown == ""


def test_the_index_lists_every_code_in_the_order_of_the_pages() -> None:
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## \[(.+)\]\((.+)\)\n\n((?:- .+\n)+)", index, re.MULTILINE)
    assert {name for _, name, _ in sections} == {page.name for page in PAGES.iterdir()} - {"README.md"}
    codes = []
    for title, name, entries in sections:
        page = (PAGES / name).read_text(encoding="utf-8")
        assert page.startswith(f"# {title}\n")
        headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
        assert entries.splitlines() == [f"- [{c}]({name}#{c}): {EXPLAINED[c].title}" for c in headings]
        codes += headings
    assert sorted(codes) == list(EXPLAINED)


@EACH
def test_explain_prints_the_words_of_the_page(each: Explanation, capsys: pytest.CaptureFixture[str]) -> None:
    pages = "\n".join(page.read_text(encoding="utf-8") for page in PAGES.iterdir())
    entry = pages.partition(f"\n## {each.code}\n")[2]
    entry = re.split(r"^##? [\w ,-]+$", entry, maxsplit=1, flags=re.MULTILINE)[0]
    title, body = re.fullmatch(r"\n\*([^\n]+)\*\n(.*)", entry, re.DOTALL).groups()
    words = f"{each.code}: {title} {re.sub(r'^```.*$', '', body, flags=re.MULTILINE)}".split()
    assert main(["explain", each.code]) == 0
    out = capsys.readouterr().out
    assert out.split() == words
    assert all(len(line) <= 88 for line in out.splitlines())
    assert main(["explain", f"[{each.code}]"]) == 0
    assert capsys.readouterr().out == out


def test_explain_prints_paragraphs_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "string-too-long"]) == 0
    assert capsys.readouterr().out == (
        "string-too-long: a dial string longer than the carrier takes\n"
        "\n"
        "The carrier would refuse it or cut off its end. Cut it into several strings, best at a\n"
        "pause, and write each on a line of its own.\n"
        "\n"
        "Wrong (read as twilio):\n"
        "\n"
        "    1WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW59#\n"
        "\n"
        "Right (read as twilio):\n"
        "\n"
        "    1WWWWWWWWWWWWWWWWWWWW\n"
        "    WWWWWWWWWWWWWWWWWWWW59#\n"
    )


def test_explain_keeps_the_layout_of_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "recursion"]) == 0
    assert (
        "\nRight:\n\n    define menu() {\n        press 1\n    }\n\n    repeat 3 {\n        menu()\n    }\n"
    ) in capsys.readouterr().out


def test_explain_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    entries = re.findall(r"^- \[(.+)\]\(.+\): (.+)$", index, re.MULTILINE)
    assert capsys.readouterr().out.splitlines() == [f"{code:<24}{title}" for code, title in sorted(entries)]


@pytest.mark.parametrize(
    ("code", "help"),
    [
        ("unknown-kee", "did you mean `unknown-key`?"),
        ("x", "`dtmfdsl explain` lists them all"),
        ("call.dtmf", "`dtmfdsl timeline` shows what a script does, and when"),
    ],
)
def test_explain_says_when_there_is_no_such_code(
    code: str, help: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", code]) == 2
    assert capsys.readouterr().err == f"dtmfdsl: there is no code `{code}`; {help}\n"

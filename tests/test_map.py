"""Maps of phone menus: what a text says as a value, the names in it, its faults, and its picture."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl.cli import main
from dtmfdsl.compiler import prepare, to_program
from dtmfdsl.language.parser import read
from dtmfdsl.loader import Memory
from dtmfdsl.phone.drawing import dot, mermaid
from dtmfdsl.phone.faults import faults, reached
from dtmfdsl.phone.map import (
    AGAIN,
    DEFAULTS,
    HANG_UP,
    Assumed,
    Digits,
    Entry,
    Limit,
    Menu,
    PhoneMap,
    Silence,
    WrongKeys,
    write_range,
)
from dtmfdsl.semantics.maps import maps_of
from dtmfdsl.semantics.names import Names

ROOT = Path(__file__).parent.parent

ACME = """\
// Acme's line, measured on 12 calls.
phone acme {
    answers within 1..3s  // from the script's start
    keys arrive after 50..400ms
    menu main {
        says "Welcome to Acme. For billing, press 1" for 5.5..7s
        keys are lost while it speaks
        on 1 -> billing
        on 0 -> operator
        on silence for 5s -> again
        after 3 tries -> operator
    }
    menu billing {
        starts after 100..900ms
        says "For your balance, press 3" for 4..5s
        keys stop it
        keys ahead are kept
        on 3 -> card
        on * -> main
    }
    menu card {
        starts after 100..900ms
        says "Enter your card number" for 3..4.2s
        keys stop it
        between keys 3s
        on 16 digits -> balance
    }
    end balance
    end operator
}
"""

BANK = """\
phone bank {
    menu main {
        says "Your code" afresh for 500ms..2s
        keys stop it and are eaten
        keys ahead are lost
        whole entry within 10s
        between keys 1.5s
        on 12 -> hang up
        on star 1 within 1..2s -> again
        on 4..8 digits # within 2s -> done
        on silence for 0s -> done
        on wrong keys says "Not \\"valid\\"" afresh for 1.5s, keys stop it and are eaten -> main
        after 1 try -> done
        after 2 silences -> hang up
        after 3 wrong keys -> main
    }
    end done
}
"""


def names(text: str) -> Names:
    return prepare(text)


def read_one(text: str) -> PhoneMap:
    found = names(text)
    assert not [each for each in found.diagnostics if each.severity == "error"], found.diagnostics
    (phone,) = maps_of(found).values()
    return phone


def codes(text: str, **options: object) -> list[str]:
    return [each.code for each in to_program(text, **options).diagnostics]  # type: ignore[arg-type]


@pytest.mark.parametrize("text", [ACME, BANK])
def test_a_map_is_laid_out_as_it_stands(text: str) -> None:
    assert dtmfdsl.format(text) == text
    assert dtmfdsl.format(re.sub(r"(?m)^ +", "", text)) == text


def test_a_map_as_a_value() -> None:
    assert read_one(ACME) == PhoneMap(
        name="acme",
        answers_ms=(1000, 3000),
        keys_arrive_ms=(50, 400),
        menus=(
            Menu(
                name="main",
                entries=(Entry("1", "billing"), Entry("0", "operator")),
                says_ms=(5500, 7000),
                prompt="Welcome to Acme. For billing, press 1",
                early="lost",
                limits=(Limit(3, "tries", "operator"),),
            ),
            Menu(
                name="billing",
                entries=(Entry("3", "card"), Entry("*", "main")),
                starts_ms=(100, 900),
                says_ms=(4000, 5000),
                prompt="For your balance, press 3",
                ahead=True,
            ),
            Menu(
                name="card",
                entries=(Entry(Digits(16, 16), "balance"),),
                starts_ms=(100, 900),
                says_ms=(3000, 4200),
                prompt="Enter your card number",
                between_ms=(3000, 3000),
            ),
        ),
        ends=("balance", "operator"),
        assumed=tuple(
            Assumed(menu, DEFAULTS[fact])
            for menu, facts in (
                ("main", ("starts", "ahead", "between", "wrong")),
                ("billing", ("between", "silence", "wrong", "tries")),
                ("card", ("ahead", "silence", "wrong", "tries")),
            )
            for fact in facts
        ),
    )


def test_every_line_of_a_menu_as_a_value() -> None:
    (menu,) = read_one(BANK).menus
    assert menu == Menu(
        name="main",
        entries=(
            Entry("12", HANG_UP),
            Entry("*1", AGAIN, within_ms=(1000, 2000)),
            Entry(Digits(4, 8), "done", hash=True, within_ms=(2000, 2000)),
        ),
        says_ms=(500, 2000),
        prompt="Your code",
        afresh=True,
        early="eaten",
        between_ms=(1500, 1500),
        whole_ms=(10_000, 10_000),
        silence=Silence((0, 0), "done"),
        wrong=WrongKeys("main", (1500, 1500), 'Not "valid"', afresh=True, early="eaten"),
        limits=(Limit(1, "tries", "done"), Limit(2, "silences", HANG_UP), Limit(3, "wrong keys", "main")),
    )
    assert [str(each) for each in read_one(BANK).assumed] == [
        "answers within 0s",
        "keys arrive after 0ms",
        "main: starts after 0s",
    ]


@pytest.mark.parametrize(
    ("line", "early", "ahead"),
    [
        ("keys stop it", "stop", False),
        ("keys wait for its end", "held", False),
        ("keys are lost while it speaks", "lost", False),
        ("keys stop it and are eaten", "eaten", False),
        ("keys ahead are kept", "stop", True),
    ],
)
def test_what_keys_do_in_a_prompt_and_before_it(line: str, early: str, ahead: bool) -> None:
    (menu,) = read_one(f"phone a {{ menu m {{ {line}; on 1 -> b }}; end b }}").menus
    assert (menu.early, menu.ahead) == (early, ahead)


@pytest.mark.parametrize(
    ("lines", "limits"),
    [
        ("", [(3, "tries", HANG_UP)]),
        ("after 2 silences -> b", [(2, "silences", "b"), (3, "tries", HANG_UP)]),
        ("after 2 silences -> b; after 1 wrong key -> b", [(2, "silences", "b"), (1, "wrong keys", "b")]),
        ("after 1 try -> again", [(1, "tries", AGAIN)]),
    ],
)
def test_tries_are_limited_unless_both_kinds_are(lines: str, limits: list[tuple[int, str, str]]) -> None:
    phone = read_one(f"phone a {{ menu m {{ on 1 -> b; {lines} }}; end b }}")
    assert [(each.count, each.of, each.target) for each in phone.menus[0].limits] == limits
    assumed = Assumed("m", "after 3 tries -> hang up") in phone.assumed
    assert assumed == ((3, "tries", HANG_UP) in limits)


def test_the_defaults_are_those_of_the_classes() -> None:
    """Saying every default of the list gives the map that says nothing."""
    entry = 'on 1 -> b; says "" for 0s'
    of_line = "; ".join(DEFAULTS[each] for each in ("answers", "keys.arrive"))
    of_menu = "; ".join(DEFAULTS[each] for each in DEFAULTS if each not in ("answers", "keys.arrive", "says"))
    silent = read_one(f"phone a {{ menu m {{ {entry} }}; end b }}")
    said = read_one(f"phone a {{ {of_line}; menu m {{ {entry}; {of_menu} }}; end b }}")
    assert not said.assumed
    assert attrs.evolve(said, assumed=silent.assumed) == silent
    assert {each.fact for each in silent.assumed} == {*DEFAULTS.values()} - {DEFAULTS["says"]}


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_time_survives_being_written(one: int, other: int) -> None:
    times = min(one, other), max(one, other)
    (menu,) = read_one(
        f"phone a {{ menu m {{ starts after {write_range(times)}; on 1 -> b }}; end b }}"
    ).menus
    assert menu.starts_ms == times


@pytest.mark.parametrize(
    ("times", "written"),
    [((5500, 7000), "5.5..7s"), ((500, 2000), "500ms..2s"), ((3000, 3000), "3s"), ((0, 900), "0s..900ms")],
)
def test_a_time_is_written_with_one_unit_where_it_has_one(times: tuple[int, int], written: str) -> None:
    assert write_range(times) == written


# Names


def marked(text: str) -> tuple[str, list[int]]:
    """A text without its marks `^`, and where they stood."""
    parts = text.split("^")
    return "".join(parts), [sum(map(len, parts[: at + 1])) for at in range(len(parts) - 1)]


def test_every_place_knows_where_it_is_defined_and_used() -> None:
    text, (used, defined, asked, map_asked) = marked(
        "phone acme {\nmenu main { on 1 -> ^billing }\nend ^billing\n}\nexpect at ^billing\n"
        "expect at ^acme.billing\n"
    )
    found = names(text)
    places = [found.at(found.script.source, at) for at in (used, defined, asked)]
    assert places[0] is not None
    assert places[0] is places[1] is places[2]
    assert (places[0].name, places[0].span.start) == ("billing", defined)
    phone = found.at(found.script.source, map_asked)
    assert phone is not None
    assert phone.name == "acme"
    assert not found.diagnostics


def test_a_used_file_brings_the_name_of_its_map() -> None:
    loader = Memory({"acme.dtmf": ACME})
    text = 'use "acme.dtmf"\npress 1\nexpect at acme.billing\nrepeat 2 { press 31; expect at card }\n'
    found = prepare(text, loader=loader)
    lowered = to_program(found)
    assert not lowered.diagnostics
    assert [(each.place, each.keys) for each in lowered.expected] == [
        ("billing", 1),
        ("card", 3),
        ("card", 5),
    ]
    assert {each.phone for each in lowered.expected} == maps_of(found).keys()
    assert lowered.program == to_program("press 1; repeat 2 { press 31 }").program


def test_what_is_expected_leaves_the_pace_between_presses() -> None:
    plain = "pace 2s; press 1; press 2; hang up"
    expecting = f"{ACME}pace 2s; press 1; expect at billing; press 2; hang up"
    assert dtmfdsl.compile(expecting).texts == dtmfdsl.compile(plain).texts


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("expect at acme.nowhere", ["unknown-place"]),
        ("expect at acne.main", ["unknown-name"]),
        ("go to card with 1234", ["cannot-route"]),
        ("go to cart with $card", ["unknown-place", "unknown-name"]),
        ("press $acme", ["not-keys"]),
        ("let a = $acme", ["not-keys"]),
        ("wait $acme", ["not-a-duration"]),
        ("wait up to 3s for $acme", ["not-a-text"]),
        ("call $acme", ["bad-number"]),
        ("acme()", ["not-a-define"]),
        ("let acme = 1", ["defined-twice"]),
        ("phone acme { menu m { on 1 -> b }; end b }", ["defined-twice"]),
    ],
)
def test_mistakes_with_the_name_of_a_map(script: str, expected: list[str]) -> None:
    assert codes(ACME + script) == expected


def test_without_a_map_an_expectation_is_not_checked() -> None:
    (found,) = to_program("press 1; expect at billing").diagnostics
    assert (found.code, found.severity) == ("no-map", "warning")
    assert codes("go to billing") == ["no-map"]


def test_a_map_is_seen_only_below_and_inside_its_block() -> None:
    assert codes(f"expect at billing\n{ACME}") == ["no-map"]
    assert codes(f"repeat 1 {{\n{ACME}}}\nexpect at billing") == ["no-map"]
    assert codes(f"{ACME}define f() {{ expect at billing }}\nf()") == []


# Faults


@pytest.mark.parametrize(
    ("menus", "expected"),
    [
        ("menu a { on 1 -> x }", []),
        ("menu a { on 1 -> a; on 2 -> again }", ["unreachable-place", "no-way-on"]),
        ("menu a { on 1 -> hang up; on silence for 1s -> x }", []),
        ("menu a { on 1 -> hang up }", ["unreachable-place"]),
        ("menu a { on 1 -> x }; menu b { on 1 -> x }", ["unreachable-place"]),
        ("menu a { on 1 -> x; on 12 -> x; on 2 -> x }", ["entry-begins-another"]),
        ("menu a { on 1 -> x; on 4 digits -> x }", ["entry-begins-another"]),
        ("menu a { on * -> x; on 4 digits -> x }", []),
        ("menu a { on 3 digits -> x; on 1234 -> x }", ["entry-begins-another"]),
        ("menu a { on 3 digits # -> x; on 5 digits -> x }", []),
        ("menu a { on 3 digits within 1s -> x; on 5 digits -> x }", []),
        (
            "menu a { on 4..8 digits -> x; on 8..9 digits # -> x }",
            ["contradicting-lines", "entry-begins-another"],
        ),
        ("menu a { on 1234 -> x; on 4 digits -> x }", []),
        ("menu a { keys ahead are kept; keys are lost while it speaks; on 1 -> x }", ["contradicting-lines"]),
        ("menu a { keys ahead are kept; keys wait for its end; on 1 -> x }", []),
        ("menu a { on wrong keys -> x }", []),
        ("menu a { after 2 tries -> x }", []),
    ],
)
def test_faults(menus: str, expected: list[str]) -> None:
    found = names(f"phone p {{ {menus}; end x }}").diagnostics
    assert [each.code for each in found] == expected
    assert all(each.severity == "warning" and each.span for each in found)


@given(st.lists(st.lists(st.integers(0, 6), max_size=3), min_size=1, max_size=5))
def test_what_is_reached_is_found_by_walking(ways: list[list[int]]) -> None:
    """Against a plain walk of as many steps as there are places."""
    places = [*(f"m{at}" for at in range(len(ways))), "x", "y"]
    menus = tuple(
        Menu(
            name=places[at],
            entries=tuple(Entry(str(key), places[to % len(places)]) for key, to in enumerate(targets)),
        )
        for at, targets in enumerate(ways)
    )
    phone = PhoneMap(name="p", menus=menus, ends=("x", "y"))
    known = {"m0"}
    for _ in places:
        known |= {entry.target for menu in menus if menu.name in known for entry in menu.entries}
    assert reached(phone) == known
    unreachable = [each for each in faults(phone) if each.code == "unreachable-place"]
    assert len(unreachable) == len(places) - len(known)


def test_a_map_that_cannot_be_read_has_no_further_faults() -> None:
    found = prepare("phone p { menu a { on 1 > x }\nmenu b { on 1 -> a }\nend x }")
    assert [each.code for each in found.parsed.diagnostics] == ["bad-map-line"]
    assert not found.diagnostics


# Recovery


@pytest.mark.parametrize("text", [ACME, BANK])
@given(st.data())
def test_a_mistake_in_a_map_costs_its_own_line_alone(text: str, data: st.DataObject) -> None:
    lines = text.splitlines()
    inside = [at for at, line in enumerate(lines) if line[:4] == "    " and line[-1] not in "{}"]
    at = data.draw(st.sampled_from(inside))
    wrong = data.draw(st.sampled_from(["banana", "on 1 =", "answers within", "press 1", "keys", 'says "x"']))
    lines.insert(at, wrong)
    parsed = read(dtmfdsl.Source("a.dtmf", "\n".join([*lines, "press 1"])))
    assert [each.span.position[0] for each in parsed.diagnostics if each.span] == [at + 1]
    kept = dtmfdsl.to_text(parsed.script).replace("\n\n", "\n")  # what is left of the line is empty
    assert kept == f"{text}press 1\n"


@given(st.sampled_from([ACME, BANK]), st.data())
def test_a_missing_brace_is_one_mistake(text: str, data: st.DataObject) -> None:
    closing = [found.start() for found in re.finditer(r"(?m)^    \}$", text)]
    at = data.draw(st.sampled_from(closing))
    parsed = read(dtmfdsl.Source("a.dtmf", text[:at] + text[at + 5 :]))
    assert [each.code for each in parsed.diagnostics] == ["unclosed-block"]


@pytest.mark.parametrize(
    "word", ["answers", "menu", "end", "says", "keys", "on", "between", "whole", "after"]
)
def test_a_word_of_a_map_is_a_word_only_there(word: str) -> None:
    script = f"define {word}({word}) {{ press ${word} }}\n{word}(1)"
    assert dtmfdsl.compile(script).text == "1"


def test_after_a_menu_without_its_brace_the_next_one_is_read() -> None:
    text = "phone p {\nmenu a {\non 1 -> b\nmenu b {\nbanana\non 1 -> x\n}\nend x\n}\n"
    parsed = read(dtmfdsl.Source("a.dtmf", text))
    assert [each.code for each in parsed.diagnostics] == ["unclosed-block", "bad-map-line"]


def test_what_is_wrong_in_a_map_is_fixed() -> None:
    lines = 'phone p {{\nanswers within 3{}\nmenu a {{\n{}\non 1 {} x\nsays "hi" for 3{}\n}}\nend x\n}}\n'
    wrong, right = ("", "keys stopp it", "=>", ""), ("s", "keys stop it", "->", "s")
    assert dtmfdsl.fix(lines.format(*wrong)).text == lines.format(*right)


def test_maps_are_equal_that_say_the_same() -> None:
    one, other = dtmfdsl.parse(ACME), dtmfdsl.parse(f"\n{ACME}")
    assert one == other
    assert hash(one) == hash(other)
    assert one != dtmfdsl.parse(ACME.replace("4.2s", "4.3s"))
    assert one.body != dtmfdsl.parse(BANK).body


# Pictures and commands


def test_a_drawing_has_every_place_and_every_way() -> None:
    phone = read_one(ACME)
    drawn = mermaid(phone)
    assert drawn == mermaid(read_one(ACME))
    assert drawn.count("|") == 2 * 6
    for name in phone.places:
        assert f'"{name}"' in dot(phone)
        assert name in drawn
    assert "hang up" not in drawn, "what is only assumed is not drawn"


def test_a_drawing_of_marks_and_of_words_that_the_program_keeps() -> None:
    phone = read_one("phone graph { menu end { on 4 digits # -> hang up; on # -> subgraph }; end subgraph }")
    assert mermaid(phone) == (
        'flowchart LR\n    call(("graph")) --> p0\n    p0["end"]\n    p1(["subgraph"])\n'
        '    p2(["hang up"])\n    p0 -->|"4 digits #35;"| p2\n    p0 -->|"#35;"| p1\n'
    )
    assert '"end" -> "hang up" [label="4 digits #"]' in dot(phone)


def test_map_check_shows_faults_and_what_is_assumed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "p.dtmf"
    file.write_text("phone p { menu a { on 1 -> x }; end x; end y }")
    assert main(["map", "check", str(file)]) == 0
    out, err = capsys.readouterr()
    assert "nothing leads to the end `y` [unreachable-place]" in err
    assert out.splitlines()[0] == "p: 1 menu, 2 ends"
    assert "  assumed: a: keys stop it" in out.splitlines()


@pytest.mark.parametrize("options", [[], ["--mermaid"], ["--dot"]])
def test_map_draw_prints_a_graph(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "acme.dtmf"
    file.write_text(ACME)
    assert main(["map", "draw", *options, str(file)]) == 0
    draw = dot if "--dot" in options else mermaid
    assert capsys.readouterr() == (draw(read_one(ACME)), "")


def test_a_script_without_a_map_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "p.dtmf"
    for text, code in (("press 1", "no-map"), ("phone p { menu a { on 1 -> z } }", "unknown-place")):
        file.write_text(text)
        assert main(["map", "check", str(file)]) == 1
        assert f"[{code}]" in capsys.readouterr().err

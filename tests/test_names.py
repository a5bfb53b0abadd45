"""Every name of a script: from where it can be seen, and what each use of it refers to."""

from __future__ import annotations

import re
from collections import ChainMap
from typing import TypeAlias

import pytest
from compiling import codes, texts
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl.language.tree import Keys, Let, Name, Press, Repeat, Script
from dtmfdsl.semantics.names import Names

# A block of statements: `let name = key`, `press $name`, a block, or `define name(parameter) block` and calls.
Statement: TypeAlias = "tuple[str, str, str] | tuple[str, str] | list[Statement]"
variables = st.sampled_from("abc")
flat = st.tuples(st.just("let"), variables, st.sampled_from("123")) | st.tuples(st.just("press"), variables)
blocks = st.recursive(
    st.lists(flat, max_size=5), lambda inner: st.lists(flat | inner, max_size=5), max_leaves=8
)


def script_of(block: list[Statement]) -> str:
    lines = []
    for statement in block:
        match statement:
            case list():
                lines.append(f"repeat 1 {{\n{script_of(statement)}\n}}")
            case "let", name, key:
                lines.append(f"let {name} = {key}")
            case _, name:
                lines.append(f"press ${name}")
    return "\n".join(lines)


def run(block: list[Statement], names: ChainMap[str, str], wrong: set[str]) -> str:
    """The keys that a block presses, by the rules of docs/language.md; what is wrong goes into `wrong`."""
    keys = ""
    for statement in block:
        match statement:
            case list():
                keys += run(statement, names.new_child(), wrong)
            case "let", name, key:
                if name in names.maps[0]:
                    wrong.add("defined-twice")
                names.maps[0].setdefault(name, key)
            case _, name if name in names:
                keys += names[name]
            case _:
                wrong.add("unseen")
    return keys


@given(blocks)
def test_a_name_is_seen_as_in_other_languages_with_blocks(block: list[Statement]) -> None:
    wrong: set[str] = set()
    keys = run(block, ChainMap(), wrong)
    try:
        compiled = dtmfdsl.compile(script_of(block), dialect="vonage")
    except dtmfdsl.DtmfError as error:
        found = {each.code for each in error.diagnostics}
        assert {
            "unseen" if code in ("unknown-name", "used-before-defined") else code for code in found
        } == wrong
    else:
        assert not wrong
        assert "".join(compiled.texts) == keys


def test_a_name_is_seen_from_its_definition_on_in_its_block_and_inside() -> None:
    assert texts("let a = 1; repeat 1 { press $a; let a = 2; press $a }; press $a") == ("121",)
    assert codes("press $a; let a = 1") == ["used-before-defined"]
    assert codes("repeat 1 { press $a }; repeat 1 { let a = 1 }") == ["unknown-name"]
    assert codes("repeat 1 { let a = 1 }; press $a") == ["unknown-name"]
    assert codes("let a = 1; let a = 2") == ["defined-twice"]
    assert codes("define f(a, a) { }") == ["defined-twice"]


def test_a_define_sees_the_names_before_it_and_not_those_at_its_call() -> None:
    script = "let x = 1\nrepeat 1 {\n define f() { press $x }\n let x = 2\n f()\n}"
    assert texts(script) == ("1",)
    assert codes("define f() { press $x }\nlet x = 1\nf()") == ["used-before-defined"]


def test_a_parameter_hides_an_outer_name_and_may_be_hidden() -> None:
    assert texts("let x = 1\ndefine f(x) { press $x; let x = 3; press $x }\nf(2)") == ("23",)


def test_names_hold_keys_or_durations_and_pass_both_on() -> None:
    assert texts("let a = 12 star; let b = $a 3; let t = 1s; let u = $t; press $b every $u") == ("1W2W*W3",)
    assert codes("let a = 4s; press $a") == ["not-keys"]
    assert codes("let a = 4; wait $a") == ["not-a-duration"]
    assert codes("define f() { }\npress $f") == ["not-keys"]
    assert codes("let f = 1; f()") == ["not-a-define"]


def test_calls() -> None:
    assert texts("define f(k, t) { press $k; wait $t }\nlet k = 7\nf(1 $k #, 500ms)") == ("17#,",)
    assert codes("define f(k) { press $k }\nf()") == ["wrong-count"]
    assert codes("define f(k) { wait $k }\nf(1)") == ["not-a-duration"]
    assert codes("g()\ndefine g() { }") == ["used-before-defined"]
    assert codes("define a() { b() }\ndefine b() { c() }\ndefine c() { a() }") == ["recursion"]


def test_defines_in_a_block_are_known_further_down() -> None:
    assert codes("repeat 1 { define a() { b() }\ndefine b() { a() } }") == ["recursion"]
    assert codes("repeat 1 { b()\ndefine b() { } }") == ["used-before-defined"]


def test_a_capital_after_a_name_is_not_a_tone() -> None:
    assert codes("let card = 12\npress $cardB") == ["bad-name"]
    assert texts("let card = 12\npress $card B") == ("12B",)
    assert texts("let card = 12\npress $card#") == ("12#",)


# What an editor can ask


def names_of(text: str, **files: str) -> Names:
    loader = dtmfdsl.Memory({f"{name}.dtmf": content for name, content in files.items()})
    return dtmfdsl.prepare(dtmfdsl.Source("main.dtmf", text, "main.dtmf"), loader=loader)


def marked(text: str) -> tuple[str, dict[int, tuple[str, int]]]:
    """A text without its marks: `<1:x>` is a name `x`, whose number says which others it belongs to."""
    plain, places = "", {}
    for before, number, name in re.findall(r"([^<]*)(?:<(\d+):([$a-z_]+)>|$)", text):
        plain += before
        if name:
            places[len(plain)] = name, int(number)
        plain += name
    return plain, places


@pytest.mark.parametrize(
    "text",
    [
        "let <1:a> = 1\npress <1:$a>",
        "let <1:a> = 1\nrepeat 2 {\npress <1:$a>\nlet <2:a> = 2\npress <2:$a>\n}\npress <1:$a>",
        "let <1:a> = 1\ndefine <2:f>(<3:a>) {\npress <3:$a>\n}\n<2:f>(<1:$a>)",
        "param <1:t>: duration\npace <1:$t>\nwait <1:$t>\npress 12 every <1:$t>\nlet <2:u> = <1:$t>",
        "define <1:f>() {\nlet <2:x> = 1\npress <2:$x>\n}\ndefine <3:g>() {\n<1:f>()\n}\n<3:g>()",
        "secret <1:pin>: 4 digits\nlet <2:both> = <1:$pin> 9\npress 5 <2:$both> #",
    ],
)
def test_each_use_refers_to_the_definition_that_is_meant(text: str) -> None:
    plain, places = marked(text)
    names = names_of(plain)
    assert not names.diagnostics
    groups: dict[int, set[object]] = {}
    for place, (name, number) in places.items():
        for offset in range(place, place + len(name)):
            groups.setdefault(number, set()).add(names.at(names.script.source, offset))
    assert all(None not in group and len(group) == 1 for group in groups.values())
    assert len(set[object]().union(*groups.values())) == len(groups)
    outside = {offset for place, (name, _) in places.items() for offset in range(place, place + len(name))}
    assert not any(names.at(names.script.source, at) for at in set(range(len(plain))) - outside)


def test_definitions_and_references_are_in_the_order_of_the_text() -> None:
    names = names_of("let a = 1\ndefine f(x) { press $x $a }\nf($a)\n")
    assert [definition.name for definition in names.definitions] == ["a", "x", "f"]
    assert [reference.span.text for reference in names.references] == ["$x", "$a", "$a", "f"]
    assert [reference.definition.name for reference in names.references] == ["x", "a", "a", "f"]


def test_a_name_of_a_used_file_is_known_with_its_place() -> None:
    names = names_of('use "bank.dtmf"\npress $menu\n', bank="let menu = 2#\n")
    definition = names.at(names.script.source, names.script.source.text.index("$menu"))
    assert definition is not None
    assert str(definition.span) == "bank.dtmf:1:5"


def test_params_are_those_of_used_files_and_blocks_too() -> None:
    text = 'use "bank.dtmf"\nparam a: 2 digits\nrepeat 2 { secret b: 3 digits }\nlet c = 1\n'
    params = names_of(text, bank="param d: duration\n").params
    assert {name: param.secret for name, param in params.items()} == {"a": False, "b": True, "d": False}


@pytest.mark.parametrize("name", ["a", "b", "never"])
def test_what_cannot_be_read_may_define_any_name(name: str) -> None:
    names = names_of('use "lost.dtmf"\npress $never\nf()\n')
    assert [found.code for found in names.diagnostics] == ["no-such-file"]
    assert not names.complete
    names = names_of(f"let {name} 1\npress ${name}\n")
    assert not names.diagnostics
    assert not names.complete
    assert [found.code for found in names.parsed.diagnostics] == ["missing-value"]


def test_one_node_in_two_places_means_what_its_text_means() -> None:
    """A tree built by hand may hold a node twice; each place is a place of its own."""
    use = Press((Name("a"),))
    inner = Repeat(1, (Let(Name("a"), (Keys("2"),)), use))
    program = dtmfdsl.lower(Script((Let(Name("a"), (Keys("1"),)), use, inner, use)))
    assert program.steps() == ("121",)


def test_an_inner_define_sees_the_values_of_each_run() -> None:
    text = "define f(x) {\ndefine g() { press $x }\ng()\nlet y = $x $x\npress $y\n}\nf(1)\nf(2)\n"
    assert dtmfdsl.compile(text).program.steps() == ("111222",)

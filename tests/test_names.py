"""From where a name can be seen, and what it stands for."""

from __future__ import annotations

from collections import ChainMap
from typing import TypeAlias

from compiling import codes, texts
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl

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

"""Every name of a script: where it is defined, and what each use of it refers to."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl.language.tree import Keys, Let, Name, Press, Repeat, Script
from dtmfdsl.semantics.names import Names


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


@given(st.lists(st.sampled_from(["let", "press", "open", "close"]), max_size=30), st.data())
def test_scoping_is_what_running_block_by_block_gives(shape: list[str], data: st.DataObject) -> None:
    """Against a plain model: a stack of dictionaries, with fresh keys for every definition."""
    lines: list[str] = []
    scopes: list[dict[str, str]] = [{}]
    pressed = ""
    for count, what in enumerate(shape):
        name = data.draw(st.sampled_from(["a", "b", "c"]))
        visible = {each: keys for scope in scopes for each, keys in scope.items()}
        match what:
            case "let" if name not in scopes[-1]:
                scopes[-1][name] = f"{count:02}"
                lines.append(f"let {name} = {count:02}")
            case "press" if name in visible:
                pressed += visible[name]
                lines.append(f"press ${name}")
            case "open" if len(scopes) < 9:
                scopes.append({})
                lines.append("repeat 1 {")
            case "close" if len(scopes) > 1:
                scopes.pop()
                lines.append("}")
    lines += ["}"] * (len(scopes) - 1)
    program = dtmfdsl.compile("\n".join(lines)).program
    assert "".join(step for step in program.steps() if isinstance(step, str)) == pressed


def test_a_define_keeps_what_it_saw_where_it_was_written() -> None:
    text = "let a = 1\nrepeat 1 {\ndefine f() { press $a }\nlet a = 2\nf()\npress $a\n}\n"
    assert dtmfdsl.compile(text).program.steps() == ("12",)


def test_an_inner_define_sees_the_values_of_each_run() -> None:
    text = "define f(x) {\ndefine g() { press $x }\ng()\nlet y = $x $x\npress $y\n}\nf(1)\nf(2)\n"
    assert dtmfdsl.compile(text).program.steps() == ("111222",)

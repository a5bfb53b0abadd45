"""A map as a graph, in the text of Mermaid or of Graphviz: the same text for the same map."""

from __future__ import annotations

from collections.abc import Iterator

from dtmfdsl.phone.map import AGAIN, HANG_UP, Assumed, Menu, PhoneMap, Target, write_range


def mermaid(phone: PhoneMap) -> str:
    """The text of a Mermaid flowchart. Places are numbered in it: a name could be one of Mermaid's words."""
    ids = {name: f"p{number}" for number, name in enumerate((*phone.places, *_hang_up(phone)))}
    lines = ["flowchart LR"]
    lines += [f'    call(("{phone.name}")) --> {ids[menu.name]}' for menu in phone.menus[:1]]
    lines += [f'    {ids[menu.name]}["{"<br/>".join(_facts(menu))}"]' for menu in phone.menus]
    lines += [f'    {ids[name]}(["{name}"])' for name in (*phone.ends, *_hang_up(phone))]
    for start, target, label in _ways(phone):
        # In Mermaid, `#` begins the code of a character; 35 is its own.
        lines.append(f'    {ids[start]} -->|"{label.replace("#", "#35;")}"| {ids[target]}')
    return "\n".join(lines) + "\n"


def dot(phone: PhoneMap) -> str:
    """The text of a directed graph for Graphviz."""
    lines = [f'digraph "{phone.name}" {{', "    rankdir=LR", "    node [shape=box]"]
    lines.append(f'    "the call" [label="{phone.name}", shape=circle]')
    lines += [f'    "the call" -> "{menu.name}"' for menu in phone.menus[:1]]
    for menu in phone.menus:
        label = r"\n".join(_facts(menu))
        lines.append(f'    "{menu.name}" [label="{label}"]')
    lines += [f'    "{name}" [shape=oval]' for name in (*phone.ends, *_hang_up(phone))]
    lines += [f'    "{start}" -> "{target}" [label="{label}"]' for start, target, label in _ways(phone)]
    return "\n".join([*lines, "}"]) + "\n"


def _hang_up(phone: PhoneMap) -> tuple[str, ...]:
    """The end of the call, if a way leads there."""
    return (HANG_UP,) if any(target == HANG_UP for _, target, _ in _ways(phone)) else ()


def _facts(menu: Menu) -> list[str]:
    """The lines in a menu's box: its name, and how long its prompt is."""
    return [menu.name, f"says {write_range(menu.says_ms)}"] if menu.says_ms[1] else [menu.name]


def _ways(phone: PhoneMap) -> Iterator[tuple[str, Target, str]]:
    """Each way from a menu to a place: start, target, and the keys or words for it.

    What says the prompt again, and what is only assumed, is left out.
    """
    assumed = {*phone.assumed}
    for menu in phone.menus:
        ways = [(entry.target, entry.written) for entry in menu.entries]
        ways += [(menu.silence.target, "silence"), (menu.wrong.target, "wrong keys")]
        for limit in menu.limits:
            words = f"after {limit.count} {limit.of}"
            if Assumed(menu.name, f"{words} -> {limit.target}") not in assumed:
                ways.append((limit.target, words))
        yield from ((menu.name, target, label) for target, label in ways if target != AGAIN)

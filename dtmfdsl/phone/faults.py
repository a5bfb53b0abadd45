"""What is suspicious in a map: places that nothing reaches, menus that lead nowhere, entries that collide."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from dtmfdsl.diagnostics import Diagnostic, Note
from dtmfdsl.phone.map import AGAIN, HANG_UP, Digits, Entry, Menu, PhoneMap
from dtmfdsl.source import Span

_DIGITS = frozenset("0123456789")
_COMPARED = 20
"""Of a menu with more entries of digits, only the first are compared."""


def faults(phone: PhoneMap) -> tuple[Diagnostic, ...]:
    """The warnings of a map, menu by menu; they keep nobody from using it."""
    return (*_unreachable(phone), *(fault for menu in phone.menus for fault in _faults_of(menu)))


def reached(phone: PhoneMap) -> frozenset[str]:
    """The menus and ends that a call can come to, whatever it presses."""
    menus = {menu.name: menu for menu in phone.menus}
    found: set[str] = set()
    waiting = [menu.name for menu in phone.menus[:1]]
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting += menus[name].targets() if name in menus else ()
    return frozenset(found & {*phone.places})


def _unreachable(phone: PhoneMap) -> Iterator[Diagnostic]:
    known = reached(phone)
    places = [("menu", menu.name, menu.span) for menu in phone.menus]
    places += [("end", name, phone.end_spans.get(name)) for name in phone.ends]
    for what, name, span in places:
        if name not in known:
            help = f"let an entry of another menu lead there: `on 1 -> {name}`"
            yield _warning("unreachable-place", f"nothing leads to the {what} `{name}`", span, help)


def _faults_of(menu: Menu) -> Iterator[Diagnostic]:
    onward = {*menu.targets()} - {AGAIN, HANG_UP, menu.name}
    if not onward and not any(entry.target == HANG_UP for entry in menu.entries):
        message = f"no entry of the menu `{menu.name}` leads on"
        help = "add what it takes, such as `on 1 -> billing`; a place that is no menu is an `end`"
        yield _warning("no-way-on", message, menu.span, help)
    if menu.early == "lost" and menu.ahead:
        message = f"`{menu.name}` keeps keys ahead, and loses them while it speaks: so they are lost"
        yield _warning("contradicting-lines", message, menu.span, "leave out one of the two lines")
    exact = [entry for entry in menu.entries if isinstance(entry.keys, str)]
    of_digits = [entry for entry in menu.entries if isinstance(entry.keys, Digits)][:_COMPARED]
    for one, other in combinations(of_digits, 2):
        if both := _both_take(one, other):
            message = f"`on {one.written}` and `on {other.written}` both take {both}"
            help = "the first one counts; make them differ in their digits"
            yield _warning("contradicting-lines", message, other.span, help, _first(one))
    for one, other in (*_beginnings(exact), *product(exact, of_digits), *product(of_digits, menu.entries)):
        if _begins(one, other):
            message = (
                f"`on {one.written}` is complete only after a silence: `on {other.written}` begins alike"
            )
            help = "that silence is the time between keys: `between keys 2s`, if the map does not say"
            yield _warning("entry-begins-another", message, one.span, help, _first(other, "the longer one"))


def _both_take(one: Entry, other: Entry) -> str | None:
    """The numbers of digits that two entries take both; exact keys come first, and never collide."""
    if not (isinstance(one.keys, Digits) and isinstance(other.keys, Digits)):
        return None
    least, most = max(one.keys.least, other.keys.least), min(one.keys.most, other.keys.most)
    return str(Digits(least, most)) if least <= most else None


def _beginnings(exact: list[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """The pairs of exact entries of which the first is the beginning of the second."""
    known = {str(entry.keys): entry for entry in exact}
    for entry in exact:
        keys = str(entry.keys)
        yield from ((known[keys[:cut]], entry) for cut in range(1, len(keys)) if keys[:cut] in known)


def _begins(one: Entry, other: Entry) -> bool:
    """Whether keys that complete an entry can be the beginning of another one."""
    if one.hash or one.within_ms:
        return False  # the author knows how it ends
    match one.keys, other.keys:
        case str() as keys, str() as longer:
            return longer.startswith(keys) and longer != keys
        case str() as keys, Digits(most=most):
            return len(keys) < most and _DIGITS.issuperset(keys)
        case Digits(least=least), str() as longer:
            return least < len(longer) and _DIGITS.issuperset(longer[:least])
        case Digits(least=least), Digits(most=most):
            return least < most and one is not other
    return False


def _warning(code: str, message: str, span: Span | None, help: str, *notes: Note) -> Diagnostic:
    return Diagnostic(code, message, span, notes, help, severity="warning")


def _first(entry: Entry, what: str = "the first one") -> Note:
    return Note(f"{what} is here", entry.span)

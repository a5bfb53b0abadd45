"""The prover of maps, held against an independent line, a grid, z3, and figures worked out by hand."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import attrs
import pytest
import z3
from phonemaps import random_case
from phonesim import Line

from dtmfdsl import DtmfError, compile
from dtmfdsl.dialects.table import DIALECTS
from dtmfdsl.phone import worlds
from dtmfdsl.phone.linear import Region, Sum
from dtmfdsl.phone.map import Digits, Entry, Limit, Menu, PhoneMap, Range, Silence, WrongKeys
from dtmfdsl.phone.margins import NoWait, least_waits, margins, sweep
from dtmfdsl.phone.meaning import Expected
from dtmfdsl.phone.presses import Lengths, Played, arrivals
from dtmfdsl.phone.prover import Proof, Question, Wait, prove, prove_with_fault
from dtmfdsl.phone.worlds import Numbers, Undecided

MAPS = int(os.environ.get("DTMFDSL_MAPS", "40"))
CALLS = int(os.environ.get("DTMFDSL_MAP_CALLS", "500"))


def acme(answers: Range = (1000, 3000), greeting: Range = (5500, 7000)) -> PhoneMap:
    """The map of the language's description."""
    main = Menu(
        name="main",
        says_ms=greeting,
        early="lost",
        entries=(Entry("1", "billing"), Entry("0", "operator")),
        limits=(Limit(3, "tries", "operator"),),
    )
    billing = Menu(
        name="billing",
        starts_ms=(100, 900),
        says_ms=(4000, 5000),
        ahead=True,
        entries=(Entry("3", "card"), Entry("*", "main")),
    )
    card = Menu(
        name="card",
        starts_ms=(100, 900),
        says_ms=(3000, 4200),
        between_ms=(3000, 3000),
        entries=(Entry(Digits(16, 16), "balance"),),
    )
    return PhoneMap(
        name="acme",
        menus=(main, billing, card),
        ends=("balance", "operator"),
        answers_ms=answers,
        keys_arrive_ms=(50, 400),
    )


def asked(
    script: str, phone: PhoneMap, *, key_ms: Range | None = (93, 600), dialect: str = "exact", **more: Any
) -> Question:
    compiled = compile(script, dialect=dialect)
    played = Played(compiled.program, compiled.dialect, compiled.chunks)
    return Question(played, phone, Lengths(compiled.dialect, key_ms), **more)


# Figures that were worked out by hand. A key of `wait W; press 1` counts at W + key + delay, so between
# W + 0.093 + 0.05 and W + 0.6 + 0.4. Call the answer A (1..3 s) and the greeting G.


def test_the_least_wait_of_the_description_is_proved_and_a_millisecond_less_is_not() -> None:
    # The latest end of the greeting is 3 + 7 = 10 s. 9.857 + 0.143 = 10: both fall together.
    assert prove(asked("wait 9858ms; press 1", acme())).verdict == "proved"
    proof = prove(asked("wait 9857ms; press 1", acme()))
    assert proof.verdict == "can-fail"
    assert proof.loss
    assert (proof.loss.slack_ms, proof.loss.short_ms) == (0, 0)
    assert least_waits(asked("wait 10s; press 1", acme())) == (9858,)


@pytest.mark.parametrize(
    ("wait", "fails"),
    [
        # The greeting is said again from A + G + 5 to A + 2G + 5, which eats a key that comes in it: its
        # start is not after the latest key, G <= W + 1 - 5 - 1, its end not before the earliest,
        # 2G >= W + 0.143 - 5 - 3. The first greeting eats it with G >= W + 0.143 - 3.
        ("9s", [(Fraction("571.5"), 4000), (6143, 20000)]),
        ("10s", [(Fraction("1071.5"), 5000), (7143, 20000)]),
    ],
)
def test_a_swept_greeting_has_a_hole(wait: str, fails: list[tuple[Fraction, Fraction]]) -> None:
    assert list(sweep(asked(f"wait {wait}; press 1", acme()), "main.says", (0, 20_000))) == fails


def test_the_script_of_the_description_is_proved_while_the_greeting_is_short_enough() -> None:
    # 9 + 0.093 + 0.05 - 3 = 6.143; there, two moments fall together.
    assert prove(asked("wait 9s; press 1", acme(greeting=(5500, 6142)))).verdict == "proved"
    at_the_edge = prove(asked("wait 9s; press 1", acme(greeting=(5500, 6143)))).loss
    assert at_the_edge
    assert at_the_edge.slack_ms == 0
    beyond = prove(asked("wait 9s; press 1", acme(greeting=(5500, 6144)))).loss
    assert beyond
    assert beyond.short_ms == 1


def test_where_no_blind_wait_exists_the_sum_says_why() -> None:
    # 5 (answers) + 1.5 (greeting) + 0.35 (delay) + 0.507 (key) against the silence of 5 s.
    found = least_waits(asked("wait 9s; press 1", acme(answers=(1000, 6000))))
    assert isinstance(found, NoWait)
    assert found.parts == {"answers": 5000, "main.says": 1500, "keys.arrive": 350, "key": 507}
    assert (found.spread_ms, found.listening_ms, found.sure) == (7357, 5000, True)


def test_margins_are_the_distance_to_both_edges() -> None:
    # Earliest key 10.143 against 10 s; latest 11 s against 1 + 5.5 + 5 = 11.5 s.
    (margin,) = margins(asked("wait 10s; press 1", acme()))
    assert (margin.early_ms, margin.late_ms) == (143, 500)


@pytest.mark.parametrize("answers", [(1000, 3000), (2000, 2500)])
def test_least_waits_are_proved_and_one_millisecond_less_can_fail(answers: Range) -> None:
    phone = acme(answers)
    script = "wait {}ms; press 1; wait {}ms; press 3; wait {}ms; press 1234567812345678"
    waits = least_waits(asked(script.format(10_000, 1000, 1000), phone))
    assert isinstance(waits, tuple)
    assert prove(asked(script.format(*waits), phone)).verdict == "proved"
    for number, wait in enumerate(waits):
        if wait:
            less = [*waits[:number], wait - 1, *waits[number + 1 :]]
            assert prove(asked(script.format(*less), phone)).verdict == "can-fail"


def test_a_later_wait_is_found_where_the_shortest_leads_nowhere() -> None:
    """A key ahead is taken after the shortest wait, but then nothing makes up for what is unknown of it."""
    first = Menu(
        name="first", says_ms=(1000, 4000), early="held", ahead=True, entries=(Entry("1", "second"),)
    )
    second = Menu(
        name="second",
        says_ms=(1000, 1000),
        early="lost",
        silence=Silence((2500, 2500)),
        entries=(Entry("2", "done"),),
    )
    phone = PhoneMap(name="line", menus=(first, second), ends=("done",))
    question = asked("wait 1s; press 1; wait 1s; press 2", phone, key_ms=(100, 100))
    waits = least_waits(question)
    assert isinstance(waits, tuple)
    assert waits[0] > 0
    assert (
        prove(
            asked(f"wait {waits[0]}ms; press 1; wait {waits[1]}ms; press 2", phone, key_ms=(100, 100))
        ).verdict
        == "proved"
    )


def test_more_presses_than_can_be_searched_are_not_decided() -> None:
    with pytest.raises(Undecided):
        least_waits(asked("wait 10s; repeat 2000 { press 1; wait 1s }", in_circles()))


def in_circles() -> PhoneMap:
    """A menu that leads to itself."""
    return PhoneMap(name="line", menus=(Menu(name="main", entries=(Entry("1", "main"),)),))


# Hand cases of what lines do.


def one_menu(*entries: Entry, **more: Any) -> PhoneMap:
    menus = (
        Menu(name="main", says_ms=(1000, 1000), entries=entries, **more),
        Menu(name="next", says_ms=(1000, 1000), ahead=True, entries=(Entry("5", "done"),)),
    )
    return PhoneMap(name="line", menus=menus, ends=("done",))


def verdict(script: str, phone: PhoneMap, **more: Any) -> str:
    return prove(asked(script, phone, key_ms=(100, 100), **more)).verdict


def test_a_hash_too_many_is_no_key_of_the_next_menu() -> None:
    phone = one_menu(Entry(Digits(4, 4), "next", hash=True))
    assert verdict("wait 2s; press 1234; wait 1s; press 5", phone) == "proved"
    with pytest.raises(DtmfError, match="matches nothing in the menu `next`"):
        verdict("wait 2s; press 1234#; wait 1s; press 5", phone)


def test_an_entry_that_begins_another_waits() -> None:
    phone = one_menu(Entry("1", "next"), Entry("12", "done"), between_ms=(2000, 2000))
    assert verdict("wait 2s; press 1; wait 2500ms; press 5", phone) == "proved"
    assert verdict("wait 2s; press 12", phone, to="done") == "proved"
    with pytest.raises(DtmfError, match="matches nothing"):  # 15 is no entry
        verdict("wait 2s; press 1; wait 1s; press 5", phone)


def test_a_limit_of_the_whole_entry_cuts_it() -> None:
    entry = Entry(Digits(4, 4), "next")
    script = "wait 2s; press 1234 every 1500ms"
    assert verdict(script, one_menu(entry)) == "proved"
    assert verdict(script, one_menu(entry, whole_ms=(4000, 4000))) == "can-fail"


def test_an_entry_with_a_silence_of_its_own_is_not_complete_before_it() -> None:
    phone = one_menu(Entry(Digits(2, 2), "next", within_ms=(1000, 1000)))
    assert verdict("wait 2s; press 12; wait 1500ms; press 5", phone) == "proved"
    with pytest.raises(DtmfError, match="matches nothing"):
        verdict("wait 2s; press 12; wait 500ms; press 5", phone)


@pytest.mark.parametrize(
    ("early", "ahead", "before", "inside"),
    [
        ("stop", False, "ahead", None),
        ("stop", True, None, None),
        ("held", False, "ahead", None),
        ("held", True, None, None),
        ("lost", False, "ahead", "speaking"),
        ("lost", True, "ahead", "speaking"),
        ("eaten", False, "ahead", "eaten"),
        ("eaten", True, "ahead", "eaten"),
    ],
)
def test_what_becomes_of_an_early_key(
    early: Any, ahead: bool, before: str | None, inside: str | None
) -> None:
    menu = Menu(name="main", says_ms=(3000, 3000), early=early, ahead=ahead, entries=(Entry("1", "done"),))
    phone = PhoneMap(name="line", menus=(menu,), ends=("done",), answers_ms=(2000, 2000))
    for script, cause in [
        ("wait 1s; press 1", before),
        ("wait 3s; press 1", inside),
        ("wait 6s; press 1", None),
    ]:
        loss = prove(asked(script, phone, key_ms=(100, 100))).loss
        assert (loss and loss.failure.cause) == cause


@pytest.mark.parametrize(("early", "cause"), [("lost", "wrong"), ("eaten", "eaten"), ("stop", "apart")])
def test_keys_while_something_is_said_about_wrong_keys(early: Any, cause: str) -> None:
    """The entry is cut after its first key, which is wrong alone; the second comes while that is said."""
    wrong = WrongKeys(says_ms=(3000, 3000), early=early)
    phone = one_menu(Entry("12", "next"), wrong=wrong, between_ms=(500, 1500))
    loss = prove(asked("wait 2s; press 12 every 1s", phone, key_ms=(100, 100))).loss
    assert loss
    assert (loss.failure.key, loss.failure.cause) == (1, cause)


def test_an_entry_that_says_the_prompt_again_is_a_try() -> None:
    phone = one_menu(Entry("*", "again"), Entry("1", "next"), limits=(Limit(2, "tries", "done"),))
    assert verdict("wait 2s; press *; wait 2s; press 1; wait 2s; press 5", phone) == "proved"
    assert verdict("wait 2s; press *; wait 2s; press *", phone, to="done") == "proved"
    with pytest.raises(DtmfError, match="comes after the end"):
        verdict("wait 2s; press *; wait 2s; press *; wait 2s; press 1", phone)


def test_a_hash_ends_an_entry_at_once_even_one_with_a_silence_of_its_own() -> None:
    phone = one_menu(Entry(Digits(2, 4), "next", hash=True, within_ms=(2000, 2000)))
    assert verdict("wait 2s; press 12#; wait 1200ms; press 5", phone) == "proved"


def test_written_keys_go_before_any_digits() -> None:
    phone = one_menu(Entry(Digits(1, 1), "next"), Entry("0", "done"))
    assert verdict("wait 2s; press 0", phone, to="done") == "proved"
    assert verdict("wait 2s; press 7", phone, to="next") == "proved"


def test_an_entry_ends_where_the_script_waits_exactly_the_time_between_keys() -> None:
    """The key counts at the end of its tone, so it comes after that time."""
    phone = one_menu(Entry("1", "next"), Entry("12", "done"), between_ms=(2000, 2000))
    assert verdict("wait 2s; press 1; wait 2s; press 5", phone) == "proved"


def test_a_menu_is_left_by_silence_only_where_the_script_says_so() -> None:
    phone = one_menu(Entry("1", "done"), silence=Silence((3000, 3000), "next"))
    with pytest.raises(DtmfError, match="matches nothing in the menu `main`"):
        verdict("wait 6s; press 5", phone)
    assert verdict("wait 6s; press 5", phone, expected=(Expected(0, "next"),)) == "proved"
    assert verdict("wait 2s; press 5", phone, expected=(Expected(0, "next"),)) == "can-fail"


def test_keys_after_the_end_are_an_error_before_any_proof() -> None:
    with pytest.raises(DtmfError, match="comes after the end of the call"):
        verdict("wait 2s; press 1; press 2", one_menu(Entry("1", "done")))


def test_what_cannot_be_decided_in_time_is_never_proved() -> None:
    ticks = itertools.count()
    question = asked("wait 10s; press 1", acme(), limit_s=0.5, clock=lambda: float(next(ticks)))
    assert prove(question) == Proof("cannot-tell", 0, None)
    with pytest.raises(Undecided):
        least_waits(question)


def test_a_lost_key_leads_elsewhere_and_a_doubled_one_may_not() -> None:
    phone = one_menu(Entry("1", "done"))
    proof = prove_with_fault(asked("wait 2s; press 1", phone, key_ms=(100, 100)))
    assert proof.loss
    assert (proof.loss.failure.cause, proof.loss.failure.place) == ("lost", "main")


# Key times: sums that have the bounds of the timeline.


class Edge(Numbers):
    """A world in which everything is as long as it can be, or as short."""

    def __init__(self, most: bool):
        super().__init__({}, random.Random(0), either=most)

    def length(self, name: str, limits: Range) -> int:
        return limits[self.side]


@pytest.mark.parametrize("most", [False, True])
@pytest.mark.parametrize("dialect", [name for name, each in DIALECTS.items() if not each.waits])
def test_arrivals_have_the_bounds_of_the_timeline(dialect: str, most: bool) -> None:
    compiled = compile("press 12; wait 3s; press 3456", dialect=dialect, waits="beside")
    played = Played(compiled.program, compiled.dialect, compiled.chunks)
    lengths = Lengths(compiled.dialect)
    phone = acme()
    times = arrivals(played, phone, lengths, Edge(most), {})
    settled = attrs.evolve(compiled, dialect=lengths.settled)
    keys = [key for key in settled.timeline().keys if key.chunk == 0]
    bounds = [key.end.latest_ms if most else key.end.earliest_ms for key in keys]
    assert [time - phone.keys_arrive_ms[most] for time in times[: len(keys)]] == bounds
    # In the next strings too, if a request takes no time.
    at_once = arrivals(played, phone, attrs.evolve(lengths, request_ms=(0, 0)), Edge(most), {})
    bounds = [
        key.end.latest_ms if most else key.end.earliest_ms for key in settled.timeline(request_ms=0).keys
    ]
    assert [time - phone.keys_arrive_ms[most] for time in at_once] == bounds


# Random maps against the independent line.


def random_question(seed: int) -> Question:
    """A script and a map that allows it."""
    chance = random.Random(seed)
    while True:
        phone, program, key_ms = random_case(chance)
        compiled = compile(program, dialect="exact")
        played = Played(program, compiled.dialect, compiled.chunks)
        lengths = Lengths(compiled.dialect, key_ms)
        question = Question(played, phone, lengths, limit_s=1e9)
        if not question.presses:
            continue
        try:
            place = question.meant.place
        except DtmfError:
            continue
        return Question(played, phone, lengths, place if chance.random() < 0.5 else None, limit_s=1e9)


def fails(question: Question, lengths: Mapping[str, Any]) -> int | None:
    """The first key that the independent line does not take as it is meant; None if all goes well."""
    times = arrivals(
        question.played, question.phone, question.lengths, Numbers(lengths, random.Random(0)), {}
    )
    keys = "".join(press.key for press in question.presses)
    line = Line(question.phone, keys, times, lengths).run()
    for key, (fate, taker) in enumerate(zip(line.fates, question.meant.takers, strict=True)):
        if fate != taker:
            return key
    return None if question.to in (None, line.where) else len(keys) - 1


def least_lengths(phone: PhoneMap) -> dict[str, int]:
    """Every length that a map knows, as short as it can be."""
    found = {"answers": phone.answers_ms[0]}
    for menu in phone.menus:
        within = next((entry.within_ms for entry in menu.entries if entry.within_ms), None)
        parts = {
            "starts": menu.starts_ms,
            "says": menu.says_ms,
            "silence": menu.silence.after_ms,
            "between": menu.between_ms,
            "whole": menu.whole_ms,
            "wrong": menu.wrong.says_ms,
            "within": within,
        }
        found |= {f"{menu.name}.{part}": limits[0] for part, limits in parts.items() if limits}
    return found


class Checked(Region):
    """A region that asks z3 too."""

    asked: tuple[Sum, ...] = ()
    questions = 0

    def narrowed(self, sums: Iterable[Sum]) -> Region:
        sums = tuple(sums)
        new = super().narrowed(sums)
        new.__class__ = Checked
        assert isinstance(new, Checked)
        new.asked = (*self.asked, *sums)
        Checked.questions += 1
        solver = z3.Solver()
        unknown = {name: z3.Real(name) for name in self.limits}
        solver.add(
            *(
                z3.And(low <= unknown[name], unknown[name] <= high)
                for name, (low, high) in self.limits.items()
            )
        )
        for each in new.asked:
            solver.add(
                each.constant + z3.Sum([count * unknown[name] for name, count in each.times.items()]) >= 0
            )
        assert (solver.check() == z3.unsat) == new.empty
        return new


@pytest.mark.parametrize("seed", range(MAPS))
def test_the_prover_and_an_independent_line_never_contradict(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = random_question(seed)
    monkeypatch.setattr(worlds, "Region", Checked)
    histories = list(question.histories())
    monkeypatch.undo()
    proof = prove(question)
    known = least_lengths(question.phone)
    limits = histories[0].region.limits
    chance = random.Random(seed)
    for _ in range(CALLS):
        lengths = {
            name: chance.randint(*each) if chance.random() < 0.8 else chance.choice(each)
            for name, each in limits.items()
        }
        found = fails(question, known | lengths)
        assert proof.verdict == "can-fail" or found is None
        point = {name: Fraction(ms) for name, ms in lengths.items()}
        around = [each for each in histories if all(sum_.at(point) >= 0 for sum_ in each.sums)]
        inside = [each for each in around if all(sum_.at(point) > 0 for sum_ in each.sums)]
        assert len(inside) == 1 or len(around) > 1  # on an edge, both sides of it
        assert found in [each.result.key if each.result else None for each in inside or around]
    if proof.loss and proof.loss.slack_ms:
        assert fails(question, known | proof.loss.lengths) == proof.loss.failure.key
        replayed = question.failure(Numbers({**known, **proof.loss.lengths}, random.Random(0)))
        assert replayed
        assert replayed.key == proof.loss.failure.key


def test_a_grid_of_a_tiny_map_is_the_projection() -> None:
    """Every value of two lengths, tried in the independent line, against the sweep of the third."""
    menu = Menu(
        name="main",
        says_ms=(3, 3),
        early="lost",
        entries=(Entry("1", "done"),),
        silence=Silence((4, 4)),
        limits=(Limit(3, "tries", "done"),),
    )
    phone = PhoneMap(name="line", menus=(menu,), ends=("done",), answers_ms=(0, 6), keys_arrive_ms=(0, 5))
    question = asked("wait 9ms; press 1", phone, key_ms=(1, 1))
    failing = sweep(question, "main.says", (0, 20))
    for says in range(21):
        found = any(
            fails(
                question, least_lengths(phone) | {"main.says": says, "answers": answers, "keys.arrive": delay}
            )
            is not None
            for answers in range(7)
            for delay in range(6)
        )
        inside = any(low < says < high for low, high in failing)
        edge = any(says in interval for interval in failing)
        assert found == inside or edge


@pytest.mark.parametrize("seed", range(60))
def test_the_simplex_and_z3_agree(seed: int) -> None:
    chance = random.Random(seed)
    limits = {
        f"v{n}": (low := chance.randint(-5, 20), low + chance.choice([0, 1, 3, 50]))
        for n in range(chance.randint(1, 9))
    }
    sums = [
        Sum(
            chance.randint(-60, 60),
            {
                name: chance.choice([-3, -1, -1, 1, 1, 2, 5, 16])
                for name in chance.sample(list(limits), min(len(limits), 3))
            },
        )
        for _ in range(chance.randint(0, 8))
    ]
    goal = Sum(3, {name: chance.choice([-2, -1, 1, 3]) for name in limits})
    region = Region(limits)
    for each in sums:
        region = region.narrowed([each])
    optimize = z3.Optimize()
    unknown = {name: z3.Real(name) for name in limits}
    for name, (low, high) in limits.items():
        optimize.add(low <= unknown[name], unknown[name] <= high)
    written = [
        each.constant + sum(count * unknown[name] for name, count in each.times.items())
        for each in [*sums, goal]
    ]
    optimize.add(*(each >= 0 for each in written[:-1]))
    best = optimize.maximize(written[-1])
    assert region.empty == (optimize.check() == z3.unsat)
    if not region.empty:
        assert region.maximum(goal) == Fraction(optimize.upper(best).as_string())
        point = region.greatest(goal)
        assert goal.at(point) == region.maximum(goal)
        assert all(each.at(point) >= 0 for each in sums)
        assert all(low <= point[name] <= high for name, (low, high) in limits.items())


@pytest.mark.parametrize(
    ("wait", "early", "late"),
    [
        # The edges of the greeting's end are at a wait of 9.857 s; those of the silence's, at 10.5 s, where the
        # latest key, W + 1, meets the shortest greeting, 1 + 5.5 + 5.
        ("9s", -857, 1500),
        ("9857ms", 0, 643),
        ("10s", 143, 500),
        ("11s", None, -500),
    ],
)
def test_the_margin_of_a_press_that_can_be_lost_is_what_it_lacks(
    wait: str, early: int | None, late: int | None
) -> None:
    (margin,) = margins(asked(f"wait {wait}; press 1", acme()))
    assert margin.late_ms == late
    assert margin.early_ms == (early if early is not None else 1143)


def test_a_pause_that_may_replace_the_gap_is_tried_both_ways() -> None:
    """The witness says which way, and replays."""
    dialect = next(
        each for each in DIALECTS.values() if each.pause_adds is None and (each.tone_ms or each.gap_ms)
    )
    compiled = compile("wait 8s; press 1; wait 2s; press 3", dialect=dialect.name, waits="beside")
    question = Question(
        Played(compiled.program, compiled.dialect, compiled.chunks), acme(), Lengths(compiled.dialect)
    )
    loss = prove(question).loss
    assert loss
    assert loss.lengths["key.gap.adds"] in (0, 1)
    replayed = question.failure(Numbers(loss.lengths, random.Random(0)))
    assert replayed
    assert replayed.key == loss.failure.key


@pytest.mark.parametrize("seed", range(1000, 1000 + MAPS // 2))
def test_a_sweep_says_the_same_as_a_proof_of_each_value(seed: int) -> None:
    question = random_question(seed)
    chance = random.Random(seed)
    names = sorted(next(question.histories()).region.limits)
    name = chance.choice([name for name in names if name != "key.gap"])
    failing = sweep(question, name, (0, 9000))
    for value in [0, 9000, *(chance.randint(0, 9000) for _ in range(8))]:
        at = attrs.evolve(question, given={name: (value, value)})
        if not any(low == value or high == value for low, high in failing):
            inside = any(low < value < high for low, high in failing)
            loss = prove(at).loss
            # A single value may fail beside the intervals, but only where two moments fall together.
            assert inside == bool(loss) or (loss and loss.slack_ms == 0)


@pytest.mark.parametrize("seed", range(2000, 2000 + MAPS // 2))
def test_least_waits_of_random_maps_are_proved_and_none_can_be_shorter(seed: int) -> None:
    question = attrs.evolve(
        random_question(seed), limit_s=5.0, clock=iter(itertools.count(0, 1 / 1000)).__next__
    )
    try:
        waits = least_waits(question)
    except Undecided:
        return
    if isinstance(waits, NoWait):
        assert prove(question).verdict == "can-fail"
        return
    firsts = [index for index, key in enumerate(question.presses) if key.index == 0]

    def proved(chosen: list[int]) -> bool:
        stand = {
            first: Wait(f"wait {first}", question.presses[first].after_ms, (ms, ms))
            for first, ms in zip(firsts, chosen, strict=True)
        }
        return prove(attrs.evolve(question, waits=stand)).verdict == "proved"

    assert proved([*waits])
    for number, ms in enumerate(waits[-1:], len(waits) - 1):
        assert not ms or not proved([*waits[:number], ms - 1])

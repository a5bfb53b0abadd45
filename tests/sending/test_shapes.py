"""Plans for many rows: what a row is filled into is what the row would be compiled to."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtmfdsl import DtmfError
from dtmfdsl.compiler import prepare
from dtmfdsl.dialects import Dialect, get_dialect
from dtmfdsl.language.tree import Param
from dtmfdsl.semantics.lowering import Lowered, lower
from dtmfdsl.semantics.names import Names
from dtmfdsl.semantics.values import Values, may_be_empty
from dtmfdsl.sending import BANDWIDTH_V1, Call, Plan, many, plan_call, plan_calls, shapes
from dtmfdsl.sending.front import plan_lowered

KINDS = {
    "a": ["4 digits", "1..8 digits", "keys", "0..10 digits"],
    "b": ["4 digits = 1234", "0..10 digits = 12", "0..99 keys"],
    "d": ["duration", "duration = 2s"],
    "t": ["text"],
    "l": ["letters"],
    "n": ["number", "4 digits"],
}
VALUES = {
    "a": st.sampled_from(["1234", "5678", "0000 ", "12-34"]) | st.text("012*#A -.", max_size=5),
    "b": st.sampled_from(["1234", "9999", "12", "", " ", "1" * 99]),
    "d": st.sampled_from(["1s", "2m", "0s", "1.2s", "1s", "2m", "3"]),
    "t": st.sampled_from(["English", "PIN", "4711", ""]),
    "l": st.sampled_from(["Smith", "JONES", "é"]),
    "n": st.sampled_from(["911", "4711", "4712"]),
}
STEPS = [
    "press $a", "press 1 $a # $b", "press $a $b every 1s", "press $b for $t", "press spell $l", "wait $d",
    "wait 3.2s", "wait 5m", "wait up to 9s for $t", "pace 500ms", "let x = $a #; press $x $x", "press 1 for \"one\"",
    "repeat 3 { press $a; wait 1s }", "define f(k) { press $k every $d; wait 40s }\nf($a)", "press A $a",
    "define g() { param a: 4 digits; press $a }\ng()", "define h() { param a: text; press 2 for $a }\nh()",
    "repeat 0 { press $b }", "define i() { param n: 4 digits; press $n }\ni()",
]  # fmt: skip


@st.composite
def scripts(draw: st.DrawFn) -> str:
    declared = [
        f"{draw(st.sampled_from(['param', 'secret']) if name in 'al' else st.just('param'))} {name}: {kind}"
        for name, kinds in KINDS.items()
        for kind in [draw(st.sampled_from(kinds))]
    ]
    called = draw(st.sampled_from([[], [], ["call $n"], ["call $a"]]))
    steps = draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=6, unique=True))
    return "\n".join([*declared, *called, *steps, *draw(st.sampled_from([[], ["hang up"]]))])


@st.composite
def tables(draw: st.DrawFn) -> list[dict[str, str]]:
    columns = draw(st.lists(st.sampled_from([*VALUES]), min_size=1, unique=True))
    row = st.fixed_dictionaries({column: VALUES[column] for column in columns})
    return draw(st.lists(row, min_size=2, max_size=8))


OTHERS = {"a": "1111", "b": "22", "d": "3s", "t": "code", "l": "Bell", "n": "4444"}


def in_full(script: str, row: dict[str, str], others: dict[str, str]) -> Plan | str:
    """The plan of a script that is compiled for one row, or why there is none."""

    def lookup(param: Param) -> str | None:
        if param.name.name not in row:
            return others.get(param.name.name)
        return "" if may_be_empty(param) and param.default is None else None

    values = {name: value for name, value in row.items() if value.strip()}
    try:
        return plan_call(script, values=values, lookup=lookup)
    except DtmfError as error:
        return "; ".join(found.message for found in error.diagnostics)


def outcome(call: Call) -> Plan | str:
    return call.plan or call.reason


@settings(max_examples=300)
@given(scripts(), tables(), st.sampled_from([OTHERS, OTHERS, {}]))
def test_a_rows_plan_is_what_its_script_is_compiled_to(
    script: str, rows: list[dict[str, str]], others: dict[str, str]
) -> None:
    expected = [in_full(script, row, others) for row in rows]
    given = [{"call_id": f"c-{number}", **row} for number, row in enumerate(rows)]
    try:
        calls = plan_calls(given, script=script, lookup=lambda param: others.get(param.name.name))
    except DtmfError as error:  # wrong whatever its values are
        words = "; ".join(found.message for found in error.diagnostics)
        assert all(isinstance(each, str) for each in expected), words
        return
    for call, wanted in zip(calls, expected, strict=True):
        assert outcome(call) == wanted
        if call.plan:
            text = "".join(step.chunk.text + step.chunk.shown for step in call.plan.steps)
            assert max(text, default="") < chr(shapes.FIRST)


def test_a_script_runs_once_for_all_rows_of_a_shape_and_for_each_that_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = []

    def watched(names: Names, values: Values) -> Lowered:
        runs.append(names)
        return lower(names, values)

    monkeypatch.setattr(many, "lower", watched)
    script = "secret pin: 4 digits; param card: keys; param tip: duration = 1s; press $card $pin; wait $tip"
    rows = [{"call_id": f"c-{n}", "pin": f"{n:04}", "card": f"{n % 2:0{1 + n % 2}}#"} for n in range(500)]
    general = {"tip": "3s"}
    calls = plan_calls(rows, script=script, values=general)
    assert [call.plan.steps[0].chunk.text for call in calls if call.plan] == [
        f"{row['card']}{row['pin']}WWW" for row in rows
    ]
    assert len(runs) == 2
    plan_calls([{**row, "pin": "12"} for row in rows], script=script, values=general)
    assert len(runs) == 502
    campaign = {"pin": "1234"}
    rows = [{"call_id": f"c-{n}", "to": f"+1555{n:07}"} for n in range(50)]
    calls = plan_calls(
        rows, script="param to: number; secret pin: keys; call $to; press $pin", values=campaign
    )
    assert all(call.plan for call in calls)
    assert len(runs) == 503


def test_a_name_may_be_a_number_in_one_place_and_keys_in_another() -> None:
    script = "param n: number; call $n; define f() { param n: 4 digits; press $n }\nf()"
    calls = plan_calls([{"call_id": n, "n": n} for n in ("4711", "4712")], script=script)
    assert [call.plan.steps[0].chunk.text for call in calls if call.plan] == ["4711", "4712"]


def test_keys_that_the_dialect_lacks_are_an_error_in_each_row() -> None:
    carrier = attrs.evolve(BANDWIDTH_V1, dialect="vonage")
    rows = [{"call_id": f"c-{n}", "code": keys} for n, keys in enumerate(["12", "1A", "34"])]
    calls = plan_calls(rows, script="param code: keys; press $code", carrier=carrier)
    assert [bool(call.plan) for call in calls] == [True, False, True]
    assert calls[1].reason == "vonage lacks the key `A`"


def test_shapes_without_end_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "KEPT", 3)
    monkeypatch.setattr(shapes, "MOST", 8)
    names = prepare("param code: keys; press $code")

    def plan_fully(row: Mapping[str, str], stand_ins: Mapping[str, str], dialect: Dialect) -> Plan:
        return plan_lowered(lower(names, Values(row, stand_ins=stand_ins)), dialect, "up")

    made = shapes.Shapes(names.declared, get_dialect("bandwidth-v1"), plan_fully)
    for count in (1, 2, 3, 4, 8, 9, 1, 2):
        assert made.plan({"code": "7" * count}).steps[0].chunk.text == "7" * count
        assert len(made.plans) <= 3

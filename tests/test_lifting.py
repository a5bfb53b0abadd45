"""A program to a tree and back, and scripts as a person would write them."""

from __future__ import annotations

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl.program import Program


@given(strategies.programs(calls=True))
def test_every_program_survives_lifting(program: Program) -> None:
    script = dtmfdsl.lift(program)
    assert dtmfdsl.lower(script) == program
    assert dtmfdsl.lower(dtmfdsl.parse(dtmfdsl.to_text(script))) == program


@pytest.mark.parametrize(
    ("program", "script"),
    [
        (dtmfdsl.press("1") * 3, "press 1\npress 1\npress 1\n"),
        (dtmfdsl.press("1") * 4, "repeat 4 {\n    press 1\n}\n"),
        ((dtmfdsl.press("1") + dtmfdsl.wait("1s")) * 2, "press 1\nwait 1s\npress 1\nwait 1s\n"),
        ((dtmfdsl.press("1") + dtmfdsl.wait("1s")) * 3, "repeat 3 {\n    press 1\n    wait 1s\n}\n"),
        (dtmfdsl.press("12", every="500ms", label="two"), 'press 12 every 500ms for "two"\n'),
        (dtmfdsl.wait("90s", cue="now"), 'wait up to 1m 30s for "now"\n'),
    ],
)
def test_equal_passages_become_a_repeat_where_that_is_shorter(program: Program, script: str) -> None:
    assert dtmfdsl.to_text(dtmfdsl.lift(program)) == script


@pytest.mark.parametrize(("length", "lines"), [(8, 10), (9, 18)])
def test_a_passage_of_at_most_eight_statements_is_found(length: int, lines: int) -> None:
    passage = sum([dtmfdsl.press(key) for key in "123456789"[:length]], Program())
    assert len(dtmfdsl.to_text(dtmfdsl.lift(passage * 2)).splitlines()) == lines


@given(strategies.programs(), st.integers(2, 4))
def test_a_lifted_script_has_no_more_lines_than_the_program_has_events(program: Program, times: int) -> None:
    whole = program * times
    assert len(dtmfdsl.to_text(dtmfdsl.lift(whole)).splitlines()) <= len(whole.events)


@given(st.text(strategies.key, min_size=1, max_size=6), st.text(strategies.key, max_size=6))
def test_secret_keys_get_a_name_and_are_written_nowhere(secret: str, plain: str) -> None:
    script = f"secret pin: {len(secret)} keys\npress {plain} $pin {plain}"
    program = dtmfdsl.compile(script, values={"pin": secret}).program
    noun = ("digit" if secret.isdigit() else "key") + ("" if len(secret) == 1 else "s")
    parts = " ".join(filter(None, [plain, "$pin", plain]))
    assert dtmfdsl.to_text(dtmfdsl.lift(program)) == f"secret pin: {len(secret)} {noun}\npress {parts}\n"

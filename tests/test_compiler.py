"""The whole way down: what `compile` takes, and that its strings are legal and mean the program."""

from __future__ import annotations

import gc
import re
from pathlib import Path

import pytest
import strategies
from compiling import heard
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.dialects import DIALECTS, Dialect

every_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)


@pytest.mark.parametrize("dialect", [each for each in DIALECTS.values() if not each.number])
@given(data=st.data())
def test_chunks_are_legal_and_mean_the_program(dialect: Dialect, data: st.DataObject) -> None:
    step_ms = dialect.step_ms if dialect.step_ms > 1 else 500
    program = data.draw(strategies.programs(dialect.keys, step_ms, longest=50))
    compiled = dtmfdsl.compile(program, dialect=dialect, waits="beside")
    pattern = re.compile(f"(?:[{re.escape(dialect.characters)}]|{{[1-9][0-9]*}})+")
    for text in compiled.texts:
        assert pattern.fullmatch(text)
        assert dialect.limit is None or len(text) <= dialect.limit
    assert heard(compiled).steps() == program.steps()
    beside = [*(chunk.wait_ms for chunk in compiled.chunks), compiled.last_wait_ms]
    assert not any(dialect.holds(ms) for ms in beside if ms)


def test_an_empty_program_has_no_chunks_and_no_text() -> None:
    compiled = dtmfdsl.compile("// nothing")
    assert compiled.chunks == ()
    with pytest.raises(DtmfError, match="presses no key"):
        _ = compiled.text
    with pytest.raises(DtmfError, match="2 strings"):
        _ = dtmfdsl.compile("wait 100s").text


def test_mistakes_of_meaning_and_of_the_dialect_are_reported_together() -> None:
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile("press A\nwait 3\nwait 1.2s\npress $x", dialect="vonage", rounding="error")
    assert [found.code for found in caught.value.diagnostics] == [
        "no-such-key", "missing-unit", "unwritable-pause", "unknown-name",
    ]  # fmt: skip


def test_text_source_tree_and_program_compile_to_the_same(tmp_path: Path) -> None:
    text = "press 12 every 1s; wait 40s; press 3"
    (tmp_path / "script.dtmf").write_text(text)
    expected = dtmfdsl.compile(text, dialect="twilio").texts
    assert len(expected) == 2
    for script in (dtmfdsl.Source("s", text), dtmfdsl.parse(text), dtmfdsl.lower(dtmfdsl.parse(text))):
        assert dtmfdsl.compile(script, dialect=dtmfdsl.get_dialect("twilio")).texts == expected
    assert dtmfdsl.compile_file(tmp_path / "script.dtmf", dialect="twilio").texts == expected
    assert dtmfdsl.compile_file(str(tmp_path / "script.dtmf"), dialect="twilio").texts == expected


def test_compile_file_takes_what_compile_takes(tmp_path: Path) -> None:
    path = tmp_path / "script.dtmf"
    path.write_text("param x: 1 digit; press $x 2 every 500ms; wait 250ms")
    compiled = dtmfdsl.compile_file(path, values={"x": "1"}, dialect="bandwidth-v1", half_second="w")
    assert compiled.texts == ("1w2w",)
    with pytest.raises(DtmfError, match="unwritable-pause"):
        dtmfdsl.compile_file(path, values={"x": "1"}, rounding="error")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"rounding": "down"}, "unknown-rounding"),
        ({"dialect": "bandwith-v1"}, "unknown-dialect"),
        ({"half_second": "x"}, "no-such-pause"),
    ],
)
def test_an_unknown_option_is_an_error(options: dict[str, str], code: str) -> None:
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile("press 1", **options)  # type: ignore[arg-type]
    assert [found.code for found in caught.value.diagnostics] == [code]


def test_one_chunk_is_the_text_of_a_script() -> None:
    assert dtmfdsl.compile("press 1").text == "1"


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("script", ["press 1", "press a"])
def test_the_garbage_collector_is_left_as_it_was(enabled: bool, script: str) -> None:
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        if script == "press 1":
            dtmfdsl.compile(script)
        else:
            with pytest.raises(DtmfError):
                dtmfdsl.compile(script)
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if before else gc.disable)()

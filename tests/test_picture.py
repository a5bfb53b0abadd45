"""The picture of a timeline: what it draws, counted in the SVG."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import attrs
import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.compiler import encode
from dtmfdsl.dialects import DIALECTS
from dtmfdsl.picture import MOST_ROWS, draw, to_png, to_svg
from dtmfdsl.semantics.lowering import Lowered
from dtmfdsl.timing import Timeline

ROOT = Path(__file__).parents[1]
SCRIPT = """secret pin: 8 digits
press 1 for "English"
wait up to 12s for "enter $5 or $6 _{now}_"
press $pin # every 1s for "PIN <&> more"
wait 4m
press 2
"""
CANARY = "73914862"
SVG = "{http://www.w3.org/2000/svg}"


def line_of(text: str, dialect: str) -> Timeline:
    values = {"pin": CANARY} if "$pin" in text else {}
    return dtmfdsl.compile(text, values=values, dialect=dialect, waits="beside").timeline()


def shapes(svg: bytes) -> dict[str, list[float]]:
    """The corners of each shape that has an id of ours."""
    found = {}
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        name = group.get("id", "")
        if re.fullmatch(r"[a-z]-(key|pause|chunk|cue)-\d+", name):
            (path,) = group.iter(f"{SVG}path")
            found[name] = [
                round(float(each), 1) for each in re.findall(r"-?\d+(?:\.\d+)?", path.get("d", ""))
            ]
    return found


def words(svg: bytes) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@settings(max_examples=10)
@given(st.data(), st.sampled_from(["bandwidth", "asterisk", "telnyx", "azure", "jambonz", "vonage"]))
def test_each_key_pause_string_and_cue_is_drawn_once(data: st.DataObject, name: str) -> None:
    dialect = DIALECTS[name]
    program = data.draw(strategies.programs(dialect.keys, max(dialect.step_ms, 100), 4))
    line = encode(Lowered(program, ()), dialect).timeline()
    counts = Counter(re.sub(r"-\d+$", "", each) for each in shapes(to_svg([line])))
    assert counts == +Counter(
        {
            "a-key": len(line.keys),
            "a-pause": len(line.pauses),
            "a-chunk": len(line.chunks),
            "a-cue": sum(pause.cue is not None for pause in line.pauses),
        }
    )


@pytest.mark.parametrize("dialect", ["asterisk", "telnyx"])
def test_a_shape_stands_at_its_earliest_time_above_and_its_latest_below(dialect: str) -> None:
    line = line_of("press 1; wait 1s; press 59#; wait 1s", dialect)
    found = shapes(to_svg([line]))
    left, right = found["a-chunk-0"][0], found["a-chunk-0"][4]
    scale = (right - left) / line.ends.latest_ms
    for number, key in enumerate(line.keys):
        x = found[f"a-key-{number}"][0:8:2]
        times = [key.start.earliest_ms, key.end.earliest_ms, key.end.latest_ms, key.start.latest_ms]
        assert x == pytest.approx([left + time * scale for time in times], abs=0.3)


@pytest.mark.parametrize("dark", [False, True])
def test_the_words_stand_in_it_as_text_and_no_secret_does(dark: bool) -> None:
    lines = [line_of(SCRIPT, "bandwidth-v1"), line_of(SCRIPT, "azure")]
    svg = to_svg(lines, dark=dark)
    said = "\n".join(words(svg))
    for words_of_it in (
        "bandwidth-v1",
        "azure",
        "English",
        "enter $5 or $6 _{now}_",
        "PIN <&> more",
        "••••••••#",
        "4m",
        "12s",
    ):
        assert words_of_it in said
    assert not any(CANARY[at : at + 4] in svg.decode() for at in range(5))
    numbers = re.sub(r'd="[^"]*"', "", svg.decode())
    assert not any(f">{digit}<" in numbers for digit in "73486")  # the others are pressed in the open
    assert svg.count(b"a-key-") == 11


def test_the_same_timeline_gives_the_same_bytes_in_another_process_too() -> None:
    code = (
        "import dtmfdsl, hashlib; from dtmfdsl.picture import to_svg, to_png;"
        "t = [dtmfdsl.compile('press 1; wait 1s; press 2', dialect='azure', waits='beside').timeline()];"
        "print(hashlib.sha256(to_svg(t) + to_png(t)).hexdigest())"
    )
    runs = {
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
        for _ in range(2)
    }
    assert len(runs) == 1
    assert "Date" not in to_svg([line_of("press 1", "azure")]).decode()


def test_a_png_is_a_png() -> None:
    assert to_png([line_of("press 1", "azure")]).startswith(b"\x89PNG")


def test_what_a_machine_has_set_for_matplotlib_does_not_change_the_picture() -> None:
    import matplotlib

    line = line_of("press 1", "azure")
    usual = to_svg([line])
    with matplotlib.rc_context({"font.size": 30, "axes.linewidth": 5, "svg.fonttype": "path"}):
        assert to_svg([line]) == usual
        assert matplotlib.rcParams["font.size"] == 30


@pytest.mark.parametrize(
    "text",
    [
        "press 1; wait 1s; press 59#",
        'repeat 8 { press 1234 for "a long label"; wait 75s }',
        "press 12; press 3",
        "press 1234567890123456789; wait 20s; press 1234; wait 20s",
    ],
)
def test_no_text_leaves_the_picture_and_none_overlap(text: str) -> None:
    figure = draw([line_of(text, name) for name in ("asterisk", "azure", "twilio")])
    figure.canvas.draw()
    width, height = figure.get_size_inches() * figure.dpi
    for axes in figure.axes:
        boxes = [each.get_window_extent() for each in axes.texts if each.get_text()]
        for box in boxes:
            assert -1 <= box.x0 <= box.x1 <= width + 1
            assert -1 <= box.y0 <= box.y1 <= height + 1
        left = sorted((box for box in boxes if box.x0 < 60), key=lambda box: box.y0)
        assert len(left) > 3
        assert all(one.y1 <= other.y0 + 1 for one, other in pairwise(left))
        axis = axes.get_window_extent().x0
        assert all(box.x1 <= axis + 1 for box in left)
        assert all(box.x0 >= axis - 1 for box in boxes if box not in left)


@pytest.mark.parametrize("dialect", ["asterisk", "twilio", "telnyx", "freeclimb"])
def test_the_name_of_a_key_stands_where_the_key_certainly_sounds(dialect: str) -> None:
    line = line_of("press 123; wait 500ms; press 4", dialect)
    (axes,) = draw([line]).axes
    found = [(each.get_text(), each.get_position()[0]) for each in axes.texts if each.get_ha() == "center"]
    named = [(text, ms) for text, ms in found if text in "1234"]
    assert named
    for (text, ms), key in zip(named, line.keys, strict=False):
        assert text == key.shown
        assert key.start.latest_ms < ms < key.end.earliest_ms


def test_a_picture_that_nobody_could_read_is_refused() -> None:
    line = line_of(f"repeat {MOST_ROWS} {{ press 1; wait 500ms }}", "asterisk")
    with pytest.raises(DtmfError, match="picture-too-long"):
        to_svg([line])


def test_nothing_at_all_can_be_drawn() -> None:
    assert shapes(to_svg([line_of("", "asterisk")])) == {}


def test_what_does_not_print_is_not_drawn() -> None:
    program = dtmfdsl.press("1", label="a\u202eb\ud800c")
    svg = to_svg([dtmfdsl.compile(attrs.evolve(program), dialect="asterisk").timeline()])
    assert "a\ufffdb\ufffdc" in "\n".join(words(svg))


def test_the_picture_of_the_readme_is_what_is_drawn_now(pytestconfig: pytest.Config) -> None:
    """The golden picture, which `make demo` writes. Another matplotlib may round another way."""
    source = ROOT / "examples" / "conference.dtmf"
    lines = [
        dtmfdsl.compile_file(source, values={"pin": "12345678"}, dialect=name).timeline()
        for name in ("bandwidth-v1", "asterisk")
    ]
    golden = (ROOT / "docs" / "timeline.svg").read_bytes()
    drawn = to_svg(lines)
    assert words(golden) == words(drawn)
    assert shapes(golden).keys() == shapes(drawn).keys()
    for name, corners in shapes(drawn).items():
        assert corners == pytest.approx(shapes(golden)[name], abs=0.2), name

"""Find the keys in a recording, and turn it into a script.

Keys may be somebody's PIN: they are shown on a terminal, and elsewhere only with --show-keys. Without, they
are counted.

Silence that is longer than the gap becomes a wait, as the carrier of the dialect would play it.
"""

from __future__ import annotations

import argparse
import sys

from dtmfdsl import limits
from dtmfdsl.audio.listen import HeardKey, listen
from dtmfdsl.cli.input import add_dialect, dialect_of, duration
from dtmfdsl.cli.late import late
from dtmfdsl.cli.output import show
from dtmfdsl.cli.streams import give, say
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.language.formatter import to_text
from dtmfdsl.loader import read_bytes
from dtmfdsl.notation import mask, write_duration
from dtmfdsl.semantics.lifting import lift


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a WAV file; - is standard input")
    add_dialect(parser)
    parser.add_argument("--gap", metavar="TIME", type=duration, help="the length of each gap")
    parser.add_argument("--json", action="store_true", help="each key with its times and levels, as JSON")
    parser.add_argument("--show-keys", action="store_true", help="show the keys elsewhere than on a terminal")


def run(options: argparse.Namespace) -> int:
    dialect = dialect_of(options)
    try:
        heard = listen(_content(options.file))
    except DtmfError as error:
        show(error.diagnostics)
        return 1
    show(heard.warnings)
    shown = options.show_keys or sys.stdout.isatty()
    gap_ms = None if options.gap is None else round(options.gap * 1000)
    if options.json:
        keys = [_as_dict(key, shown) for key in heard.keys]
        late("jsonoutput").show({"keys": keys, "ends_ms": heard.length_ms})
    elif shown and heard.keys:
        give(to_text(lift(heard.program(dialect, gap_ms=gap_ms))))
    else:
        say(f"{heard.shown} in {write_duration(heard.length_ms)}")
    return 0


def _content(file: str) -> bytes:
    if file == "-":
        return b"" if sys.stdin is None else sys.stdin.buffer.read(limits.SOUND_BYTES + 1)
    return read_bytes(file, limits.SOUND_BYTES + 1, None, file, what="WAV file")


def _as_dict(key: HeardKey, shown: bool) -> dict[str, object]:
    if not shown:
        # How loud each tone is, and milliseconds, would say which key it is: no line carries all tones alike.
        times = {"start_ms": round(key.start_ms, -1), "end_ms": round(key.end_ms, -1)}
        return {"shown": mask(key.key), **times, "row_db": None, "column_db": None}
    return {
        "shown": key.key,
        "start_ms": key.start_ms,
        "end_ms": key.end_ms,
        "row_db": key.row_db,
        "column_db": key.column_db,
    }

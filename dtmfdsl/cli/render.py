"""Write a script as sound: a WAV file with the tones of its keys.

Tones and gaps are as long as the dialect documents, or else 100ms, and pauses as long as its strings have
them. Whoever hears keys can read them: a script with a secret needs --with-secrets.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile

from dtmfdsl.audio.render import LEVEL_DB, RATE, to_wav
from dtmfdsl.audio.wav import CODINGS
from dtmfdsl.cli import compiling
from dtmfdsl.cli.input import add_dialect, add_scripts, add_spelling, chosen, duration, settle
from dtmfdsl.cli.late import late
from dtmfdsl.cli.output import show
from dtmfdsl.cli.streams import Refusal, give_bytes, tell
from dtmfdsl.cli.values import add_values
from dtmfdsl.diagnostics import DtmfError

PLAYERS = (
    ("aplay", "-q"),
    ("paplay",),
    ("afplay",),
    ("play", "-q"),
    ("ffplay", "-loglevel", "error", "-nodisp", "-autoexit"),
)
"""Commands that play a WAV file: of ALSA, PulseAudio, macOS, SoX and FFmpeg."""


def configure(parser: argparse.ArgumentParser) -> None:
    add_scripts(parser, many=False)
    add_values(parser)
    add_dialect(parser)
    add_spelling(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="the WAV file; - is standard output")
    parser.add_argument("--play", action="store_true", help="play it on this machine")
    parser.add_argument("--tone", metavar="TIME", type=duration, help="the length of each tone")
    parser.add_argument("--gap", metavar="TIME", type=duration, help="the length of each gap")
    parser.add_argument(
        "--rate", metavar="HERTZ", type=int, default=RATE, help=f"samples in a second ({RATE})"
    )
    parser.add_argument("--coding", choices=CODINGS, default="pcm", help="how samples are written (pcm)")
    parser.add_argument(
        "--level", metavar="DB", type=float, default=LEVEL_DB, help=f"level of a key in dBFS ({LEVEL_DB:g})"
    )
    parser.add_argument(
        "--twist", metavar="DB", type=float, default=0.0, help="how much louder the upper tone is (0)"
    )
    parser.add_argument("--with-secrets", action="store_true", help="let the keys of secrets be heard")


def run(options: argparse.Namespace) -> int:
    (file,) = chosen(options)
    if not options.output and not options.play:
        raise Refusal("name the file of the sound with -o, or hear it with --play")
    dialect = settle(options, file)
    tone_ms, gap_ms = (None if each is None else round(each * 1000) for each in (options.tone, options.gap))
    try:
        compiled = compiling.compiled(options, file, dialect, waits="beside")
        show(compiling.warnings_of(compiled))
        content = to_wav(
            compiled,
            tone_ms=tone_ms,
            gap_ms=gap_ms,
            rate=options.rate,
            coding=options.coding,
            level_db=options.level,
            twist_db=options.twist,
            with_secrets=options.with_secrets,
        )
    except DtmfError as error:
        show(error.diagnostics)
        return 1
    if options.output == "-":
        give_bytes(content)
    elif options.output and not late("rewriting").rewrite(options.output, content):
        return 1
    return _play(content) if options.play else 0


def _play(content: bytes) -> int:
    """Plays a WAV file with the first player that is there; no other user can read it meanwhile."""
    player = next((player for player in PLAYERS if shutil.which(player[0])), None)
    if player is None:
        names = ", ".join(player[0] for player in PLAYERS)
        tell(f"dtmfdsl: nothing here plays sound: none of {names}")
        return 1
    with tempfile.NamedTemporaryFile(prefix="dtmfdsl-", suffix=".wav") as file:
        file.write(content)
        file.flush()
        status = subprocess.run([*player, file.name], stdin=subprocess.DEVNULL).returncode  # noqa: S603
    if status:
        tell(f"dtmfdsl: {player[0]} could not play the sound")
    return 1 if status else 0

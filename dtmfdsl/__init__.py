"""Scripts for phone menus: read them, compile them to a carrier's strings, and read the strings back.

    >>> import dtmfdsl
    >>> dtmfdsl.compile("press 1; wait 3.5s; press 59#").texts
    ('1WWW,59#',)
    >>> print(dtmfdsl.decompile("1WWW,59#"), end="")
    press 1
    wait 3.5s
    press 59#
    >>> program = dtmfdsl.press("1") + dtmfdsl.wait("3.5s") + dtmfdsl.press("59#")
    >>> dtmfdsl.compile(program, dialect="vonage").texts
    ('1ppppppp59#',)

A script with mistakes raises `DtmfError`, which carries all of them; `str()` of it can be shown as it is.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dtmfdsl.audio.listen import Heard as Heard
    from dtmfdsl.audio.listen import listen as listen
    from dtmfdsl.audio.render import to_wav as to_wav
    from dtmfdsl.compiler import Compiled as Compiled
    from dtmfdsl.compiler import check as check
    from dtmfdsl.compiler import compile as compile
    from dtmfdsl.compiler import compile_file as compile_file
    from dtmfdsl.compiler import lower as lower
    from dtmfdsl.compiler import prepare as prepare
    from dtmfdsl.decompiler import decompile as decompile
    from dtmfdsl.diagnostics import Diagnostic as Diagnostic
    from dtmfdsl.diagnostics import DtmfError as DtmfError
    from dtmfdsl.diagnostics import Note as Note
    from dtmfdsl.diagnostics import render as render
    from dtmfdsl.dialects import DIALECTS as DIALECTS
    from dtmfdsl.dialects import Dialect as Dialect
    from dtmfdsl.dialects import get_dialect as get_dialect
    from dtmfdsl.dialects.chunks import Chunk as Chunk
    from dtmfdsl.dialects.file import read_dialect as read_dialect
    from dtmfdsl.language.fixer import Fixed as Fixed
    from dtmfdsl.language.fixer import fix as fix
    from dtmfdsl.language.formatter import format as format
    from dtmfdsl.language.formatter import to_text as to_text
    from dtmfdsl.language.parser import parse as parse
    from dtmfdsl.language.tree import Script as Script
    from dtmfdsl.loader import Disk as Disk
    from dtmfdsl.loader import Loader as Loader
    from dtmfdsl.loader import Memory as Memory
    from dtmfdsl.program import Pause as Pause
    from dtmfdsl.program import Program as Program
    from dtmfdsl.program import Tones as Tones
    from dtmfdsl.program import press as press
    from dtmfdsl.program import wait as wait
    from dtmfdsl.semantics.lifting import lift as lift
    from dtmfdsl.sending.front import call as call
    from dtmfdsl.sending.front import call_async as call_async
    from dtmfdsl.sending.front import send as send
    from dtmfdsl.sending.front import send_async as send_async
    from dtmfdsl.sending.many import call_many as call_many
    from dtmfdsl.sending.many import send_many as send_many
    from dtmfdsl.sending.phoning import call_by_sip as call_by_sip
    from dtmfdsl.sending.phoning import call_by_sip_async as call_by_sip_async
    from dtmfdsl.sending.play import play as play
    from dtmfdsl.source import Source as Source
    from dtmfdsl.source import Span as Span

__version__ = "0.1.0"

# The module of each name. It is imported when the name is first used, because the command line imports this
# package, and `--help` must not wait for Lark. A test compares this list with the one above.
_HOMES = {
    "audio.listen": ("Heard", "listen"),
    "audio.render": ("to_wav",),
    "dialects.chunks": ("Chunk",),
    "dialects.file": ("read_dialect",),
    "compiler": ("Compiled", "check", "compile", "compile_file", "lower", "prepare"),
    "decompiler": ("decompile",),
    "diagnostics": ("Diagnostic", "DtmfError", "Note", "render"),
    "dialects": ("DIALECTS", "Dialect", "get_dialect"),
    "language.fixer": ("Fixed", "fix"),
    "language.formatter": ("format", "to_text"),
    "language.parser": ("parse",),
    "loader": ("Disk", "Loader", "Memory"),
    "program": ("Pause", "Program", "Tones", "press", "wait"),
    "semantics.lifting": ("lift",),
    "sending.front": ("call", "call_async", "send", "send_async"),
    "sending.many": ("call_many", "send_many"),
    "sending.phoning": ("call_by_sip", "call_by_sip_async"),
    "sending.play": ("play",),
    "source": ("Source", "Span"),
    "language.tree": ("Script",),
}

__all__ = [name for names in _HOMES.values() for name in names]  # pyright: ignore


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            found = getattr(__import__(f"dtmfdsl.{home}", fromlist=[name]), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *(name for name in globals() if name[:2] == "__")])

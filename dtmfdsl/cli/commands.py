"""The commands, and the parser of the command line."""

from __future__ import annotations

import argparse
import re
import sys

import dtmfdsl
from dtmfdsl.cli.late import late
from dtmfdsl.cli.streams import Refusal, say, tell, width_of
from dtmfdsl.notation import without_keys

COMMANDS = {
    "compile": "Compile a script: a string a line, ready to send",
    "check": "Show everything that is wrong with scripts, and fix what is safe",
    "format": "Rewrite scripts in canonical form, in place",
    "timeline": "Show when each key of a script sounds, or draw it",
    "prove": "Prove that every key of a script arrives, after a map of the phone line",
    "simulate": "Try a script on a map of the phone line, once or many times",
    "port": "Show what a script becomes in every dialect, and what each cannot say",
    "map": "Check a map of phone menus, or draw it",
    "decompile": "Turn a dial string back into a script",
    "translate": "Translate a dial string from one dialect to another",
    "send": "Send a script's keys on a live call, each at most once",
    "call": "Call a number, and play a script's keys when it is answered",
    "render": "Write a script as sound: a WAV file with the tones of its keys",
    "listen": "Find the keys in a recording, and turn it into a script",
    "testline": "Run a stand-in for the carrier on this machine, to try programs on",
    "explain": "Say what a diagnostic code means, with a wrong and a right example",
    "dialects": "List the dialects: their keys, pauses and limits",
    "completion": "Print the completion script of a shell",
}
"""Every command and the first line of its help. The file of its name is imported when it is asked for."""


def run(arguments: list[str]) -> int:
    """Runs a command line that asks for more than the version."""
    try:
        parser = make_parser(arguments[:1])
        options, unknown = parser.parse_known_args(arguments)
        if unknown:  # only options are repeated: the rest may be a PIN
            names = [word.partition("=")[0] for word in unknown if word.startswith("-")]
            if not names and hasattr(options, "file"):
                one = "script; `check` and `format` take many" if hasattr(options, "text") else "file"
                parser.error(f"{arguments[0]} takes one {one}")
            parser.error(f"unrecognized arguments: {without_keys(' '.join(names)) or 'too many'}")
        status: int = options.run(options)
        return status
    except Refusal as refusal:
        tell(f"dtmfdsl: {refusal}")
        return 2
    except SystemExit as stop:  # argparse
        return stop.code if isinstance(stop.code, int) else 2


def make_parser(chosen: list[str]) -> argparse.ArgumentParser:
    """The parser of the `chosen` commands, or of only the names of all; `run` stands in its result."""
    parser = _Parser(
        prog="dtmfdsl",
        formatter_class=_Layout,
        description="Phone-key scripts in words, compiled to the strings that carriers accept.",
        epilog="Exit status: 0 fine, 1 the script is wrong or would be reformatted, 2 wrong usage.",
    )
    parser.add_argument("--version", action="version", version=f"dtmfdsl {dtmfdsl.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in [name for name in chosen if name in COMMANDS] or COMMANDS:
        sub = commands.add_parser(name, help=COMMANDS[name], add_help=name in chosen, formatter_class=_Layout)
        if name in chosen:
            try:
                command = late(name)
            except ModuleNotFoundError as error:
                if len(chosen) > 1:  # completion: the command has a name, and nothing to complete
                    continue
                package = (error.name or "a package").partition(".")[0]
                message = f"`{name}` needs {package}, which is not installed: pip install 'dtmfdsl[send]'"
                raise Refusal(message) from None
            details = (command.__doc__ or "").partition("\n")[2].strip()
            sub.description = f"{COMMANDS[name]}.\n\n{details}".strip()
            command.configure(sub)
            sub.set_defaults(run=command.run)
    return parser


class _Parser(argparse.ArgumentParser):
    def _print_message(self, message: str, file: object = None) -> None:
        (tell if file is sys.stderr else say)(*message.removesuffix("\n").split("\n"))

    def error(self, message: str) -> None:  # type: ignore[override]
        """Ends with the reason. A value that does not fit is not repeated: it may be a misplaced PIN."""
        value = r"(invalid [^:']+): ['\"].*['\"](?=$| \(choose from )"
        super().error(without_keys(re.sub(value, r"\1", message, flags=re.DOTALL)))


class _Layout(argparse.HelpFormatter):
    """The standard layout, which breaks no word, and in a text keeps paragraphs and indented lines."""

    def __init__(self, prog: str) -> None:
        self.columns = min(width_of(sys.stdout) or 80, 100)
        super().__init__(prog, max_help_position=28, width=self.columns - 2)

    def format_help(self) -> str:
        usage, blank, rest = super().format_help().partition("\n\n")
        if self.columns < 60:  # beside the command's name, where argparse puts them, options would not fit
            usage = re.sub(r"\n +", "\n    ", usage)
        return usage + blank + rest

    def _split_lines(self, text: str, width: int) -> list[str]:
        lines = [""]
        for word in text.split():
            if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
                lines.append("")
            lines[-1] += f" {word}" if lines[-1] else word
        return lines

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = text.strip().split("\n\n")
        return "\n\n".join(
            paragraph if paragraph.startswith(" ") else "\n".join(self._split_lines(paragraph, width))
            for paragraph in paragraphs
        )

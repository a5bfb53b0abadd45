"""Compiles every script in this folder, shows each beside its strings, and reads the strings back.

The examples' secrets get made-up values here, and are shown as bullets.
"""

from __future__ import annotations

import sys
from pathlib import Path

import dtmfdsl
from dtmfdsl.decompiler import read_strings
from dtmfdsl.files import read_file
from dtmfdsl.lowering import lower_source

MADE_UP = {"pin": "4711", "passcode": "4711"}
RULE = "─" * 78


def main() -> int:
    for path in sorted(Path(__file__).parent.glob("*.dtmf")):
        script = path.read_text(encoding="utf-8")
        program, _ = lower_source(read_file(path), lookup=lambda param: MADE_UP.get(param.name.name))
        compiled = dtmfdsl.compile(program)
        print(f"{RULE}\n{path.name}\n{RULE}\n{script}")
        for warning in compiled.warnings:
            print(dtmfdsl.render(warning))
        if not compiled.chunks:
            print("→ nothing to send: this file is for others to use\n")
            continue
        for number, chunk in enumerate(compiled.chunks, 1):
            print(f"→ {number}/{len(compiled.chunks)}  {chunk.shown}  ({len(chunk.text)} characters)")
        if read_strings(compiled.texts).steps() != compiled.program.steps():
            print(f"{path.name}: the strings do not read back as the script", file=sys.stderr)
            return 1
        print("  read back: the same keys and the same silences\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Writes docs/diagnostics.md from dtmfdsl.catalogue. Run it after a change there; a test compares the two."""

from __future__ import annotations

from pathlib import Path

from dtmfdsl.catalogue import GROUPS, Entry

PAGE = Path(__file__).with_name("diagnostics.md")

HEAD = """\
# Diagnostics

Every error and warning ends in its code, in square brackets. Here is what each code means, with the
shortest example of the mistake and of its cure. `dtmfdsl explain CODE` prints the same on a terminal,
and `dtmfdsl explain` lists the codes. A code keeps its meaning from one version to the next; the
sentences around it may become better.

A line `=== menu.dtmf ===` is not part of an example: the lines after it stand in the file of that name,
and the first file is the one that is compiled. Examples of the Python API begin with `import dtmfdsl`.

<!-- Made by docs/make_diagnostics.py from dtmfdsl/catalogue.py: make changes there. -->
"""

LANGUAGES = {"script": "dtmf", "string": "text", "python": "python", "files": "text", "command": "text"}


def page() -> str:
    """The page as Markdown."""
    lines = [HEAD]
    for title, entries in GROUPS:
        lines += [f"**{title}**", ""]
        lines += [f"- [{entry.code}](#{entry.code}): {entry.title}" for entry in entries]
        lines.append("")
    for title, entries in GROUPS:
        lines += [f"## {title}", ""]
        for entry in entries:
            lines += _entry(entry)
    return "\n".join(lines).rstrip() + "\n"


def _entry(entry: Entry) -> list[str]:
    title = entry.title[0].upper() + entry.title[1:]
    return [
        f"### {entry.code}",
        "",
        f"*{title}.* {entry.meaning}",
        "",
        f"Wrong{entry.condition}:",
        "",
        f"```{LANGUAGES[entry.how]}\n{entry.wrong}\n```",
        "",
        f"Right{entry.condition}:",
        "",
        f"```{LANGUAGES[entry.how]}\n{entry.right}\n```",
        "",
    ]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")

"""The examples of docs/diagnostics. A fenced block's first line says how an example is run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from dtmfdsl.explanations import explanations

EXAMPLE = re.compile(r"^([^\n]+):\n\n```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """`how` and `options` are for the fixture `run_example`; `label` is the line above, such as `Wrong`."""

    label: str
    how: str
    options: dict[str, Any]
    text: str


def examples_of(body: str) -> list[Example]:
    """The examples in the Markdown of an explanation."""
    return [
        Example(label, how, options_of(options), text) for label, how, options, text in EXAMPLE.findall(body)
    ]


def options_of(line: str) -> dict[str, Any]:
    """Keyword arguments of `compile` or `decompile`, written as `dialect=twilio $pin=1234`."""
    options: dict[str, Any] = {}
    for word in line.split():
        name, _, value = word.partition("=")
        if name.startswith("$"):
            options.setdefault("values", {})[name[1:]] = value
        else:
            options[name] = value
    return options


EXAMPLES = {code: examples_of(each.body) for code, each in explanations().items()}
"""The examples of every code, which are a wrong one and a right one."""

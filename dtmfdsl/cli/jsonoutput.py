"""What `--json` writes."""

from __future__ import annotations

import json


def show(value: object) -> None:
    """Writes a value on standard output as JSON."""
    print(json.dumps(value, indent=2, ensure_ascii=False))

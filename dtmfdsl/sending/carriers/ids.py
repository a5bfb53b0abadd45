"""The id of a string that is sent, by which a carrier knows a repeat of it."""

from __future__ import annotations

import re
import secrets
from uuid import UUID

NO_ID = "00000000-0000-7000-8000-000000000000"
"""In the place of an id where it does not matter."""


def new_id(wall_ms: float) -> str:
    """A UUID of version 7 (RFC 9562), which holds the time it was made: milliseconds since the epoch."""
    time, version, variant = int(wall_ms) << 80, 7 << 76, 2 << 62
    return str(UUID(int=time | version | secrets.randbits(12) << 64 | variant | secrets.randbits(62)))


def is_id(id: object) -> bool:
    """Whether this is an id as `new_id` makes it, or ""."""
    return isinstance(id, str) and bool(
        re.fullmatch("|[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f-]{17}", id)
    )


def made_ms(id: str) -> int:
    """When an id of `new_id` was made, in milliseconds since the epoch."""
    return UUID(id).int >> 80

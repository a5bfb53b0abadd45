"""The tones of the keys, as ITU-T Q.23 has them: each key is a row's tone and a column's together."""

from __future__ import annotations

import attrs

ROWS = (697, 770, 852, 941)
"""The tones of the rows of a keypad, in hertz."""

COLUMNS = (1209, 1336, 1477, 1633)
"""The tones of its columns, in hertz."""

KEYPAD = ("123A", "456B", "789C", "*0#D")

PAIRS = {
    key: (row, column)
    for row, keys in zip(ROWS, KEYPAD, strict=True)
    for column, key in zip(COLUMNS, keys, strict=True)
}
"""The two tones of each key, in hertz."""


@attrs.frozen
class Note:
    """A key that sounds from `start_ms` to `end_ms`, in milliseconds. Its `repr` does not show the key."""

    key: str = attrs.field(repr=False)
    start_ms: int
    end_ms: int

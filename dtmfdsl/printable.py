"""What of a text can be shown. A file of its own, so that `--version` imports nothing else."""

from __future__ import annotations

# Unicode calls these printable, though they show nothing (Default_Ignorable_Code_Point in its Derived Core
# Properties); those that choose the form of a character, as after an emoji, are left.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")


def printable(text: str) -> str:
    """A text that cannot control a terminal or hide in one: U+FFFD for what is not printable.

    That is C0 and C1, what changes the direction of text, and what has no width; a line end and a tab too.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() and c not in _UNSEEN else "\ufffd" for c in text)

"""Program to strings and back: dialects, how they are written and read, and how strings are cut."""

from dtmfdsl.dialects.codec import Rounding, Waits
from dtmfdsl.dialects.dialect import Dialect
from dtmfdsl.dialects.table import DIALECTS, get_dialect

__all__ = ["DIALECTS", "Dialect", "Rounding", "Waits", "get_dialect"]


def __dir__() -> list[str]:
    """What the package offers, without its files."""
    return __all__

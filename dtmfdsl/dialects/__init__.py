"""The dialects: one file each, and one registry."""

from __future__ import annotations

from dtmfdsl.diagnostics import Diagnostic, DtmfError, closest
from dtmfdsl.dialects.bandwidth_v1 import BANDWIDTH_V1
from dtmfdsl.dialects.base import Dialect, Rounding
from dtmfdsl.dialects.twilio import TWILIO
from dtmfdsl.dialects.vonage import VONAGE
from dtmfdsl.source import Span

DIALECTS = {dialect.name: dialect for dialect in (BANDWIDTH_V1, TWILIO, VONAGE)}
"""Every dialect by its name."""


def get_dialect(name: str, span: Span | None = None) -> Dialect:
    """The dialect of that name.

    Raises DtmfError, at `span` if the name stands in a script, if there is none.
    """
    dialect = DIALECTS.get(name) if isinstance(name, str) else None
    if dialect is None:
        meant = closest(str(name), DIALECTS)
        raise DtmfError(
            Diagnostic(
                "unknown-dialect",
                f"there is no dialect `{name}`",
                span,
                help=f"did you mean `{meant}`?" if meant else f"there are {', '.join(DIALECTS)}",
                suggestion=meant if span else None,
            )
        )
    return dialect


__all__ = ["DIALECTS", "Dialect", "Rounding", "get_dialect"]

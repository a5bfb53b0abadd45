"""Every dialect: one row each, with its sources and what they do not say."""

from __future__ import annotations

from dtmfdsl.diagnostics import DtmfError, closest, did_you_mean
from dtmfdsl.dialects.dialect import Dialect
from dtmfdsl.source import Span

# The page gives the pattern [A-D0-9#*,wW]+, the limit and the pauses. It says that keys are sent with a
# small delay between them and gives no figure for it, nor for a tone, nor whether a pause adds to it.
BANDWIDTH_V1 = Dialect(
    name="bandwidth-v1",
    title="Bandwidth v1, dtmfOut",
    keys="0123456789ABCD*#",
    pauses=((",", 500), ("w", 500), ("W", 1000)),
    limit=92,
    tone_ms=None,
    gap_ms=None,
    pause_adds=None,
    sources=("https://old.dev.bandwidth.com/ap-docs/methods/calls/postCallsCallIdDTMF.html",),
)

# Until about 2024 the page listed neither `W` nor A-D. `,` is not legal. Tones and gaps: undocumented.
TWILIO = Dialect(
    name="twilio",
    title="Twilio, SendDigits",
    keys="0123456789ABCD*#",
    pauses=(("w", 500), ("W", 1000)),
    limit=32,
    tone_ms=None,
    gap_ms=None,
    pause_adds=None,
    sources=("https://www.twilio.com/docs/voice/api/call-resource",),
)

# The official client's pattern is ^[0-9#*p]+$. Length, tones and gaps: undocumented.
VONAGE = Dialect(
    name="vonage",
    title="Vonage, digits",
    keys="0123456789*#",
    pauses=(("p", 500),),
    limit=None,
    tone_ms=None,
    gap_ms=None,
    pause_adds=None,
    sources=("https://developer.vonage.com/en/api/voice#startDTMF",),
)

DIALECTS = {dialect.name: dialect for dialect in (BANDWIDTH_V1, TWILIO, VONAGE)}
"""Every dialect by its name."""


def get_dialect(
    dialect: str | Dialect, span: Span | None = None, *, half_second: str | None = None
) -> Dialect:
    """The dialect of that name, or itself, writing half a second as the character `half_second`.

    Raises DtmfError, at `span` if the name stands in a script, if there is none, or no such character.
    """
    found = dialect if isinstance(dialect, Dialect) else DIALECTS.get(dialect)
    if found is None:
        meant = closest(str(dialect), DIALECTS)
        raise DtmfError.of(
            "unknown-dialect",
            f"there is no dialect `{dialect}`",
            span,
            help=did_you_mean(meant, f"there are {', '.join(DIALECTS)}"),
            suggestion=meant if span else None,
        )
    return found if half_second is None else found.preferring(half_second)

"""Every dialect: a row for each, with its sources and what they do not document."""

from __future__ import annotations

from dtmfdsl.diagnostics import DtmfError, closest, did_you_mean
from dtmfdsl.dialects.dialect import Dialect
from dtmfdsl.notation import without_keys
from dtmfdsl.source import Span

# The page gives the pattern [A-D0-9#*,wW]+, the limit and the pauses. It mentions a small delay between keys.
# It documents neither its length, nor the length of a tone, nor whether a pause adds to the delay.
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

# Until about 2024 the page listed neither `W` nor A-D. `,` is not allowed. Tones and gaps are undocumented.
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

# The official client's pattern is ^[0-9#*p]+$. Length, tones and gaps are undocumented.
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

# What people keep in contacts, calendars and links. On Android `,` is 3 s (GSM) or 2 s (CDMA), and `;` waits
# for the person; iOS has both, and documents no length. No limit holds for all phones.
PHONE = Dialect(
    name="phone",
    title="Phones, contacts and tel: links",
    keys="0123456789*#",
    pauses=((",", 2000),),
    waits=((";", "go on", 60_000),),
    number=True,
    limit=None,
    tone_ms=None,
    gap_ms=None,
    pause_adds=None,
    sources=(
        "https://developer.android.com/reference/android/telephony/PhoneNumberUtils",
        "https://www.rfc-editor.org/rfc/rfc3966",
        "https://www.rfc-editor.org/rfc/rfc2806",
    ),
    about=True,
)

DIALECTS = {dialect.name: dialect for dialect in (BANDWIDTH_V1, TWILIO, VONAGE, PHONE)}
"""Every dialect by its name."""


def get_dialect(
    dialect: str | Dialect, span: Span | None = None, *, half_second: str | None = None
) -> Dialect:
    """The dialect of this name, or itself; with `half_second`, it writes half a second as this character.

    Raises DtmfError if there is no such dialect or character. `span` is the name's place in a script.
    """
    found = dialect if isinstance(dialect, Dialect) else DIALECTS.get(dialect)
    if found is None:
        meant = closest(str(dialect), DIALECTS)
        message = f"there is no dialect `{without_keys(str(dialect))}`"
        help = did_you_mean(meant, f"there are {', '.join(DIALECTS)}")
        raise DtmfError.of("unknown-dialect", message, span, help=help, suggestion=meant if span else None)
    return found if half_second is None else found.preferring(half_second)

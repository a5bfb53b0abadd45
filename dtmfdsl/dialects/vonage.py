"""The `digits` of Vonage's call DTMF request."""

from dtmfdsl.dialects.base import Dialect

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

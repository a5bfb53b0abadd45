"""The `SendDigits` parameter of Twilio's call resource."""

from dtmfdsl.dialects.base import Dialect

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

"""The `dtmfOut` string of Bandwidth's v1 API."""

from dtmfdsl.dialects.base import Dialect

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

"""How large things may be, so that no script can hang the compiler or exhaust memory.

Each limit has an error of its own, which names the figure.
"""

SOURCE_BYTES = 2 * 1024 * 1024
"""A script's text, in bytes of UTF-8: some 150,000 statements."""

NESTING = 50
"""Blocks inside blocks, and files used by files used by files."""

CALLS = 100
"""Defines running defines running defines."""

STEPS = 300_000
"""Statements run, and events of the program they make. Running a define counts as four."""

KEYS = 1_000_000
"""Keys of the whole program."""

GROUP_KEYS = 10_000
"""Keys of one `press`, or of one name."""

DURATION_MS = 24 * 60 * 60 * 1000
"""The program's pauses together, in milliseconds: a day."""

DIAGNOSTICS = 100
"""Mistakes reported in one run; past that the rest are probably echoes of the first."""

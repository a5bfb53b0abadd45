"""How large things may be, so that no script can hang the compiler or exhaust memory.

Whatever goes past one gets an error that names the figure.
"""

SOURCE_BYTES = 3 * 1024 * 1024 // 2
"""A script's text, in bytes of UTF-8: some 110,000 statements."""

STATEMENT_EXPLAINED = 500
"""The longest statement, in characters, that is searched for the usual mistakes when it cannot be read."""

NESTING = 50
"""Blocks inside blocks, and files used by files used by files."""

DEPTH = 150
"""Blocks and running defines inside one another, while a script is run."""

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

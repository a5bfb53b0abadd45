"""How large things may be, so that no script can hang the compiler or exhaust memory.

Exceeding a limit is an error that names it.
"""

SOURCE_BYTES = 3 * 1024 * 1024 // 2
"""A script's text, in bytes of UTF-8: some 110,000 statements."""

STATEMENT_EXPLAINED = 500
"""The longest statement, in characters, that is searched for the usual mistakes when it cannot be read."""

NESTING = 50
"""Blocks inside blocks, and files used by files used by files."""

DEPTH = 150
"""Blocks and running defines inside one another, while a script is run."""

STATEMENTS = 300_000
"""Statements run. Running a define counts as four. As many names may a script bring in by `use`."""

EVENTS = 300_000
"""Events of a program."""

STRING_CHARACTERS = 300_000
"""Dial strings that are read back together, in characters."""

KEYS = 1_000_000
"""Keys of the whole program."""

GROUP_KEYS = 10_000
"""Keys of one `press`, or of one name."""

DURATION_MS = 24 * 60 * 60 * 1000
"""The program's pauses together, in milliseconds: a day."""

DIAGNOSTICS = 100
"""Mistakes reported in one run; the rest are probably echoes of the first."""

"""How large things may be, so that no script can hang the compiler or exhaust memory.

Exceeding a limit is an error that names it. Each limit is the greatest value that is allowed.
"""

SOURCE_BYTES = 3 * 1024 * 1024 // 2
"""A script's text, in bytes of UTF-8: about 110,000 statements."""

WORDS = 450_000
"""A script's words and marks, without comments, `;` and brackets. Most statements have two or three."""

STATEMENT_EXPLAINED = 500
"""A statement that cannot be read and is searched for the usual mistakes, in characters."""

NESTING = 50
"""Blocks inside blocks, and files used by files used by files."""

DEPTH = 150
"""Blocks and running defines inside one another, while a script is run."""

STATEMENTS = 300_000
"""Statements run, where running a define counts as four. Also the names that a script brings in by `use`."""

EVENTS = 300_000
"""Events of a program."""

STRING_CHARACTERS = 300_000
"""Dial strings that are decompiled together, in characters."""

UNNAMED_CHARACTERS = 20_000
"""The same where no dialect is named, so that all of them read the strings."""

KEYS = 1_000_000
"""Keys of the whole program."""

GROUP_KEYS = 10_000
"""Keys of one `press`, or of one name."""

DURATION_MS = 24 * 60 * 60 * 1000
"""The program's pauses together, in milliseconds: a day."""

SOUND_BYTES = 512 * 1024 * 1024
"""A file of sound, in bytes: more than nine hours of a telephone's sound in 16 bits."""

DIAGNOSTICS = 100
"""Mistakes reported in one run; further ones probably follow from the first."""

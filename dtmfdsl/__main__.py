"""`python -m dtmfdsl` is the command `dtmfdsl`."""

import sys

from dtmfdsl.cli import run

if __name__ == "__main__":
    sys.exit(run())

"""`python -m dtmfdsl` is the command `dtmfdsl`."""

import sys

from dtmfdsl.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""`python -m dtmfdsl` is the command `dtmfdsl`."""

from dtmfdsl.cli import run

if __name__ == "__main__":
    run()

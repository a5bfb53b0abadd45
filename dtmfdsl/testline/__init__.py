"""A stand-in for the carriers on loopback, to try scripts and programs on."""

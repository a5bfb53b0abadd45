"""Sound: a script as the tones of its keys, and the keys in a recording."""

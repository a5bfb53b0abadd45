"""Tree to program and back: used files, names, values, lowering and lifting."""

"""Text to tree and back: the grammar, the parser, the formatter, and what people get wrong."""

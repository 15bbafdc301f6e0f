"""A mended copy of a set: what can be put right without looking at the pictures."""

"""Deal a set out to train, val and test."""

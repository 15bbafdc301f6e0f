"""Image sets of any origin: read, check, split, fetch."""

"""Image files: what their bytes are, their folder, their size, their copies."""

"""Image sets drawn by our own programs: leaks, cracks, rust, pictograms."""

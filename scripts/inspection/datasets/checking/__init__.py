"""Find the faults of a set, and report them."""

"""Where pictures and what belongs to them lie in the sets that people publish."""

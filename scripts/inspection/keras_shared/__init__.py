"""What the networks of all tasks share."""

"""Sets of pictures with their labels, drawn for the tests."""

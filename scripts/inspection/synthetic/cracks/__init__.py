"""Walls and slabs with cracks and what looks like them."""

"""Broken files and requests, made by hypothesis, and what must hold for them."""

"""Finds what good parts never show: learnt from good pictures alone."""

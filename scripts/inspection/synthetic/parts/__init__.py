"""Draws turned flanges, good ones and ones with defects, and masks of these."""

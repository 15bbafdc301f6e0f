"""Downloads, archives and what they unpack to."""

"""Public data sets by name: where each lies, what it must hold, how it is laid out."""

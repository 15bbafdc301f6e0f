"""Steel that rusts, with its masks."""

"""Ten classes at 32x32: networks, training, transfer, export."""

"""How good detections are, and where they are wrong."""

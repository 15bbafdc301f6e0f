"""From records to checkpoints."""

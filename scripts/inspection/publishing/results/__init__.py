"""The page docs/results.md and its figures, made from the measurements in assets/results."""

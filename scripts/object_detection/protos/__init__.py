"""The messages of pipeline.config and label maps."""

"""pipeline.config and label_map.pbtxt, read and written."""

"""Annotations of other formats: YOLO text, COCO JSON, labelme JSON."""

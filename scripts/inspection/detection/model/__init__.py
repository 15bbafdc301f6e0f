"""The network, its anchors, its weights, and the way from image to detections."""

"""Light, color and texture of an image, and boxes drawn on it; no TensorFlow."""

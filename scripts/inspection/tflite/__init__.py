"""From a trained network to a .tflite file that says what it is."""

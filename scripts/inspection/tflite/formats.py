"""The formats of a .tflite, where commands can name them without TensorFlow.

float32: as trained. float16: weights rounded, computed in float32 on a CPU. dynamic:
weights in 8 bits, activations in float. int8: both in 8 bits, uint8 pictures in.
"""

FORMATS = ("float32", "float16", "dynamic", "int8")

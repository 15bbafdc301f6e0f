"""RetinaNet of TensorFlow's Model Garden on the records and settings of this course.

Needs requirements-modelgarden.txt; nothing outside this folder imports it but notebook
08, its benchmark and its tests.
"""

import matplotlib

# this module of Model Garden switches figures to files, and notebooks would show none
BACKEND = matplotlib.get_backend()
from official.vision.utils.object_detection import visualization_utils  # noqa: E402,F401

matplotlib.use(BACKEND)

# loggers that tell, among much, that the last convolution of MobileNetV2 learns nothing:
# so it is, the pyramid does not use it
TALKATIVE = ("tensorflow", "absl")

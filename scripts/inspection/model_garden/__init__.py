"""RetinaNet of TensorFlow's Model Garden on the records and settings of this course.

Needs requirements-modelgarden.txt; nothing outside this folder imports it but notebook
08, its benchmark and its tests.
"""

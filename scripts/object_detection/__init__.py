"""The names that tutorials import from the Object Detection API, over this course's engine.

It is: label maps, drawn boxes, pipeline.config as protocol buffers, features of records,
and a detection model to look through a checkpoint with. Written for this course, not the
API's code. It is not: the API's training, evaluation or exporter as modules (they are the
commands model_main_tf2.py, exporter_main_v2.py, export_tflite_graph_tf2.py), its other
models, masks or keypoints. What is not here is an ImportError that says so; see
docs/old_notebooks.md. An object_detection that is installed is taken in its place.
"""

import importlib.util
import sys
from importlib.machinery import PathFinder
from pathlib import Path

from inspection.common.notices import say_once

INSTEAD = "see docs/old_notebooks.md for what takes its place"


def missing(name):
    """Return the ImportError for something of the API that is not here."""
    return ImportError(
        f"{name} is not among what this course has of the Object Detection API, which is "
        f"the names that tutorials use, over an engine of its own: {INSTEAD}",
        name=name,
    )


def refuse_others(module):
    """Return a module's __getattr__ that refuses by name what the API has and we have not."""

    def refuse(name):
        if name.startswith("__"):
            raise AttributeError(f"{module} has no {name}")
        raise missing(f"{module}.{name}")

    return refuse


class _Refusal:
    """The last finder of modules: asked for one of ours, nobody else has it."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.startswith(f"{__name__}."):
            raise missing(name)


def _installed():
    """Return the spec of an object_detection elsewhere on the path, or None."""
    here = Path(__file__).resolve().parents[1]
    places = [place for place in sys.path if Path(place or ".").resolve() != here]
    spec = PathFinder.find_spec(__name__, places)
    return spec if spec and spec.origin else None  # a mere folder has no origin


def _hand_over(spec):
    say_once(f"object_detection is the installed one, {spec.origin}, not the course's")
    module = importlib.util.module_from_spec(spec)
    sys.modules[__name__] = module  # which the import statement returns
    spec.loader.exec_module(module)


if spec := _installed():
    _hand_over(spec)
else:
    sys.meta_path.append(_Refusal)

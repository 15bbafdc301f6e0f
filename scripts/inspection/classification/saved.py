"""A classifier in one file, with all that its use needs: .keras, or .tflite for phones.

The order of the classes, the size of the pictures and the chosen threshold travel inside
the .keras file, so that a program which loads it cannot mix them up.
"""

import json
import zipfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import keras
import numpy as np

from inspection.classification.batches import score_files
from inspection.classification.model import answer
from inspection.common.atomic_files import atomic_write
from inspection.common.errors import UserError
from inspection.common.stored_settings import build_settings
from inspection.common.text import plural
from inspection.keras_shared import fused_batch_norm  # noqa: F401 - for loading
from inspection.keras_shared.saving import atomic_keras_file, read_model, refuse_damaged

BATCH = 32
ENTRY = "inspection.json"  # inside the .keras file, which is a zip


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a classifier's file says beside its weights.

    threshold: from which probability of the last of two classes on it is said.
    tile: the usual side in pixels of the pictures it learned from, for scanning.
    """

    class_names: tuple[str, ...]
    size: int
    backbone: str
    weights: str
    threshold: float = 0.5
    tile: int = 0
    trained_on: str = ""


class Classifier:
    """A trained network with its facts."""

    def __init__(self, model, facts):
        self.model, self.facts = model, facts

    def scores(self, images):
        """Return float32 [N, C] for uint8 RGB [N, size, size, 3]."""
        parts = np.split(images, range(BATCH, len(images), BATCH))
        return np.concatenate([answer(self.model, part) for part in parts])

    def scores_of_files(self, paths):
        """Return float32 [N, C] for picture files of any size."""
        return score_files(self.scores, paths, self.facts.size)


def save_classifier(classifier, path):
    """Write a Classifier as one .keras file, whole or not at all."""
    path = Path(path)
    if path.suffix != ".keras":
        raise UserError(f"{path.name}: a classifier is saved as .keras")
    with atomic_keras_file(path) as temporary:
        classifier.model.save(temporary)
        with zipfile.ZipFile(temporary, "a") as archive:
            archive.writestr(ENTRY, json.dumps(asdict(classifier.facts), indent=2))
    return path


def load_classifier(path):
    """Read a Classifier; raise UserError for a file that is none of ours."""
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path} is no file; looked from {Path.cwd()}")
    if not zipfile.is_zipfile(path):
        raise UserError(f"{path.name} is no .keras file")
    stored = _read_facts(path)
    facts = build_settings(Facts, stored, path.name)
    facts = replace(facts, class_names=tuple(facts.class_names))
    return Classifier(read_model(path, compile=False), facts)


def _read_facts(path):
    with refuse_damaged(path), zipfile.ZipFile(path) as archive:
        if ENTRY in archive.namelist():
            return json.loads(archive.read(ENTRY))
    raise UserError(
        f"{path.name} does not say what its classes are: it was not saved by "
        "train_classifier.py or compare_classifiers.py"
    )


def save_tflite(classifier, path, format="float32", images=None):
    """Write a Classifier as .tflite with its labels inside; return the path.

    images: uint8 [N, size, size, 3], which int8 needs to learn how large values become.
    """
    from inspection.tflite.convert import convert_keras
    from inspection.tflite.metadata import add_metadata

    def representative():
        for image in images:
            yield image[None].astype("float32")

    facts = classifier.facts
    data = convert_keras(
        with_all_scores(classifier.model),
        format,
        None if images is None else representative,
        input_range=(0.0, 255.0),
    )
    # the network takes 0..255: what else it wants is inside
    scale = {"mean": 0.0, "std": 1.0}
    labels = list(facts.class_names)
    about = {**scale, "threshold": float(facts.threshold), "tile": int(facts.tile)}
    data = add_metadata(data, "classifier", labels, *describe(facts), **about)
    with atomic_write(path) as temporary:
        temporary.write_bytes(data)
    return Path(path)


def describe(facts):
    """Return (name, description) for the metadata of a .tflite."""
    names, about = facts.class_names, f"{facts.backbone}, {facts.weights}"
    if len(names) > 2:
        return f"classifier of {plural(len(names), 'class')}", about
    return f"{names[-1]} classifier", f"{about}, threshold {facts.threshold:.3f}"


def with_all_scores(model):
    """Return a model with one score for each class, also where there are two."""
    if model.output_shape[-1] > 1:
        return model
    last = model.output
    return keras.Model(model.input, keras.ops.concatenate([1 - last, last], axis=-1))

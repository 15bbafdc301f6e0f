"""From a checkpoint of the API to one .keras and one .tflite."""

import shutil
import tempfile
from pathlib import Path

from inspection.common.atomic_files import atomic_write, together
from inspection.detection.export.files import class_labels
from inspection.detection.export.tflite_conversion import (
    LABEL_MAP_TEXT,
    convert_all,
    write_label_list,
)
from inspection.detection.export.tflite_graph import export_graph
from inspection.detection.model.detector import load_network
from inspection.keras_shared.saving import atomic_keras_file


def convert_old(config, checkpoint_path, output_directory, label_map=None):
    """Write model.keras, the network without decoding, and model.tflite; return both.

    The .tflite is float32, with NMS and the names of the classes inside, which stand in
    labelmap.txt as well. All appear at once.
    """
    output = Path(output_directory)
    network = load_network(config, checkpoint_path)
    names = class_labels(config, label_map)
    with tempfile.TemporaryDirectory() as folder:
        saved, _ = export_graph(config, checkpoint_path, folder, label_map=label_map)
        (written,) = convert_all(saved, folder, ["float32"], name="model")
        with together():
            with atomic_keras_file(output / "model.keras") as temporary:
                network.save(temporary)
            write_label_list(names, output / LABEL_MAP_TEXT)
            with atomic_write(output / "model.tflite") as draft:
                shutil.move(written, draft)
    return [output / "model.keras", output / "model.tflite"]

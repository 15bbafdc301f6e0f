"""The small detector of drawn leaks that comes with the course, where others do not know them.

Full mode trains on photographs of blood cells. The leaks of the film, and of a look
beside, are found by this one.
"""

from pathlib import Path

from inspection.common.errors import UserError
from inspection.course import paths, plots

WEIGHTS = "data/weights/leak_scenes"
SHOWN = 3  # scenes, the first of the test list
THRESHOLD = 0.4


def show_found(folder: str | Path, weights: str | Path = WEIGHTS) -> None:
    """Show test scenes of a folder of drawn leaks with what the bundled detector finds."""
    from inspection.datasets.images import image_file
    from inspection.datasets.splitting.split_lists import read_split
    from inspection.detection.config import pipeline_config
    from inspection.detection.config.label_map import read_label_map
    from inspection.detection.model.detector import load_detector

    folder, weights = Path(folder), Path(weights)
    config = pipeline_config.read(weights / "pipeline.config")
    detector = load_detector(config, weights / "checkpoint")
    names = read_split(folder / "splits" / "test.txt")[:SHOWN]
    images = [image_file.read_rgb(folder / "images" / f"{name}.jpg") for name in names]
    found = [detector.detect(image).best_first(THRESHOLD) for image in images]
    plots.show_boxes(
        images,
        [f.boxes for f in found],
        [f.class_ids for f in found],
        [f.scores for f in found],
        list(read_label_map(weights / "label_map.pbtxt")),
    )


def trained_or_bundled(training: Path, data: Path, bundled: str | Path, mode: str):
    """Return (folder of a checkpoint, folder of its pipeline.config and label map).

    Raises UserError where there is no training in full mode: the bundled detector knows
    the drawn leaks alone.
    """
    if training.exists():
        return training, data
    if mode != "quick":
        raise UserError(
            f"there is no training {paths.short(training)}: run notebook 02 with "
            f'MODE = "{mode}" first, or give RUN the name of one that is there'
        )
    return Path(bundled) / "checkpoint", Path(bundled)


def film_model(model, alarm_class: str, bundled: str | Path, folder: Path):
    """Return the model that watches the film: the given one, if it knows the class.

    Else the bundled detector is exported into a folder, as float16, and that is said.
    Raises UserError where neither knows the class.
    """
    if alarm_class in model.labels:
        return model
    from inspection.deploy import runtime
    from inspection.detection.config import pipeline_config
    from inspection.detection.config.label_map import read_label_map
    from inspection.detection.export import tflite_conversion, tflite_graph

    bundled = Path(bundled)
    label_map = bundled / "label_map.pbtxt"
    if alarm_class not in read_label_map(label_map):
        raise UserError(
            f"ALARM_CLASS is {alarm_class!r}, and the model knows "
            f"{', '.join(model.labels)}: give one of these"
        )
    print(
        f"{alarm_class} is none of {', '.join(model.labels)}: {bundled} watches the film"
    )
    config = pipeline_config.read(bundled / "pipeline.config")
    tflite_graph.export_graph(
        config, bundled / "checkpoint", folder, label_map=label_map
    )
    (file,) = tflite_conversion.convert_all(folder / "saved_model", folder, ["float16"])
    return runtime.load_model(file)

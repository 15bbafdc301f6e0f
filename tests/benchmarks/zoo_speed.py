"""Milliseconds a picture of the zoo's SSD models in LiteRT, float32 and int8, by turns.

    python tests/benchmarks/zoo_speed.py
    python tests/benchmarks/zoo_speed.py ssd_mobilenet_v2_320x320 --rounds 5

Networks of two classes with random weights, NMS inside, 2 threads; the median of the
rounds. Every model takes its turn in every round. Writes assets/results/zoo_speed.json.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

import measure
from inspection.common import arguments as flags

NAMES = (
    "ssd_mobilenet_v2_320x320",
    "ssd_mobilenet_v2_fpnlite_320x320",
    "ssd_mobilenet_v2_fpnlite_640x640",
    "ssd_mobilenet_v1_fpn_640x640",
    "ssd_resnet50_v1_fpn_640x640",
    "efficientdet_d0",
    "efficientdet_d1",
)
FORMATS = ("float32", "int8")
LABELS = ("leak", "puddle")


def export(name, folder):
    """Return {format: .tflite} of a model with random weights."""
    from inspection.detection.config import base_configs
    from inspection.detection.export import tflite_conversion, tflite_graph
    from inspection.detection.model.network import build_network
    from inspection.tflite.images import representative

    config = base_configs.read(name)
    config.set("model.ssd.num_classes", len(LABELS))
    settings = config.model
    nms = tflite_graph.Suppression().resolved(settings)
    graph = tflite_graph.DetectionGraph(build_network(settings), settings, nms)
    tflite_graph.save_graph(graph, folder / "saved_model")
    images = measure.ROOT / "data/leaks/images"
    rows = representative(images, settings.size, count=8)
    files = {}
    for format in FORMATS:
        data = tflite_conversion.convert_detector(
            folder / "saved_model", format, LABELS, name, rows
        )
        files[format] = folder / f"{name}_{format}.tflite"
        files[format].write_bytes(data)
    return files


def measure_all(files, rounds):
    """Return {(name, format): milliseconds}, each in turn in every round."""
    from inspection.deploy.runtime import load_model

    image = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    models = {key: load_model(path, num_threads=2) for key, path in files.items()}
    took = {key: [] for key in models}
    for _ in range(rounds + 1):
        for key, model in models.items():
            started = time.perf_counter()
            model.predict(image)
            took[key].append(1000 * (time.perf_counter() - started))
    # the first round does not count: memory is still being taken
    return {key: statistics.median(times[1:]) for key, times in took.items()}


def main():
    parser = flags.parser(__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="models (seven)")
    parser.add_argument("--rounds", type=flags.positive_int, default=9)
    arguments = parser.parse_args()
    machine = measure.describe_machine()
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for name in arguments.names or NAMES:
            place = Path(folder, name)
            place.mkdir()
            for format, path in export(name, place).items():
                files[name, format] = path
        sizes = {key: path.stat().st_size for key, path in files.items()}
        took = measure_all(files, arguments.rounds)
    rows = {}
    for (name, format), milliseconds in took.items():
        row = rows.setdefault(name, {})
        row[f"{format} ms"] = round(milliseconds, 1)
        row[f"{format} MB"] = round(sizes[name, format] / 1e6, 1)
        print(f"{name:36} {format:8} {milliseconds:8.1f} ms", flush=True)
    command = "python tests/benchmarks/zoo_speed.py"
    result = {"command": command, "machine": machine, "threads": 2, "models": rows}
    path = measure.ROOT / "assets/results/zoo_speed.json"
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(path.relative_to(measure.ROOT))


if __name__ == "__main__":
    main()

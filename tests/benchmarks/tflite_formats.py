"""Compare a detector's .tflite formats with Keras: bytes, milliseconds, mAP.

    python tests/benchmarks/tflite_formats.py --name leaks --data data/leaks \\
        --weights data/weights/leak_scenes
    python tests/benchmarks/tflite_formats.py --name bccd --data ../shared/data/bccd \\
        --weights build/bccd --checkpoint build/bccd/training
    python tests/benchmarks/tflite_formats.py --name speed

--data holds images/, annotations/ and splits/test.txt; --weights a pipeline.config,
label_map.pbtxt and, unless --checkpoint names another, checkpoint/. Pictures for int8 are
those of splits/train.txt. "speed" is alpha 1 at 320 pixels with random weights. Results
go to assets/results/tflite_formats.json, one part for each name; files to
build/tflite_formats.
"""

import json
import os
import platform
import time
from pathlib import Path

import measure
from inspection.common import arguments as flags

RESULTS = measure.ROOT / "assets/results/tflite_formats.json"
BUILD = measure.ROOT / "build/tflite_formats"
ROUNDS = 40  # of all files in turn; the median of a file's is its latency
SPLIT = "splits/{}.txt"
SHOWN = 0.3  # detections that a user sees; those of Keras and float32 are compared


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--name", required=True, help="of the part of the results")
    add("--data", type=Path, metavar="DIR")
    add("--weights", type=Path, metavar="DIR")
    add("--checkpoint", type=Path, metavar="DIR")
    add("--results", type=Path, default=RESULTS, metavar="JSON")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    folder = BUILD / arguments.name
    part = speed(folder) if arguments.name == "speed" else compare(arguments, folder)
    part["command"] = command(arguments)
    part["machine"] = f"{os.cpu_count()} cores, {platform.machine()}, no GPU"
    part["load_average"] = measure.describe_machine()["load_average_at_start"]
    write(arguments.results, arguments.name, part)
    print(json.dumps(part, indent=2))


def command(arguments):
    """Return the line that gives these results again."""
    flags = {k: v for k, v in vars(arguments).items() if v and k != "results"}
    words = [f"--{name} {value}" for name, value in flags.items()]
    return " ".join(["python tests/benchmarks/tflite_formats.py", *words])


def write(path, name, part):
    done = json.loads(path.read_text()) if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**done, name: part}, indent=2) + "\n")


def compare(arguments, folder):
    from inspection.detection.config import pipeline_config
    from inspection.detection.evaluation import evaluator
    from inspection.detection.model.detector import load_detector

    weights = arguments.weights
    config = pipeline_config.read(weights / "pipeline.config")
    make_records(arguments.data, weights / "label_map.pbtxt", config, folder)
    checkpoint = arguments.checkpoint or weights / "checkpoint"
    files = make_files(config, checkpoint, arguments, folder)
    detector = load_detector(config, checkpoint)
    result = evaluator.evaluate(detector, config)
    rows = {"keras": {"mAP@.50": percent(result.coco), "mAP": percent(result.coco, "")}}
    for format, path in files.items():
        rows[format] = measure_file(path, result, arguments.data)
    for format, times in latencies(files).items():
        rows[format].update(times)
    return {
        "data": f"{arguments.data.name}, test ({len(result.ground_truths)} pictures)",
        "input": list(detector.size),
        "alpha": config.model.feature_extractor.depth_multiplier,
        "calibration": "pictures of the train list",
        "float32_against_keras": agreement(detector, files["float32"], config),
        "formats": rows,
    }


def percent(coco, iou="@.50IOU"):
    return round(100 * coco.metrics[f"DetectionBoxes_Precision/mAP{iou}"], 2)


def make_records(data, label_map, config, folder):
    """Write the records of the test list and point the config's eval reader to them."""
    from inspection.datasets import voc
    from inspection.detection.config import pipeline_config
    from inspection.detection.config.label_map import read_label_map
    from inspection.detection.records.record_builder import build_records

    names = listed(data, "test")
    sources = [data / "annotations" / f"{name}.xml" for name in names]
    assert set(sources) <= set(voc.list_annotations(data / "annotations"))
    records = folder / "test.record"
    build_records(sources, data / "images", read_label_map(label_map), records)
    pipeline_config.edit(config, eval_records=records, label_map=label_map)


def listed(data, split):
    lines = (data / SPLIT.format(split)).read_text().split()
    return [Path(line).stem for line in lines]


def make_files(config, checkpoint, arguments, folder):
    """Export and convert; return {format: path}."""
    from inspection.detection.export import tflite_conversion, tflite_graph

    label_map = arguments.weights / "label_map.pbtxt"
    tflite_graph.export_graph(config, checkpoint, folder, label_map=label_map)
    images = link_images(arguments.data, folder / "train")
    started = time.perf_counter()
    made = tflite_conversion.convert_all(
        folder / "saved_model", folder, images=images, name=arguments.name
    )
    files = {path.stem.rsplit("_", 1)[1]: path for path in made}
    print(f"converted in {time.perf_counter() - started:.0f} s")
    return files


def link_images(data, folder):
    """Return a folder with the pictures of the train list alone."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = set(listed(data, "train"))
    for path in (data / "images").iterdir():
        if path.stem in wanted and not (folder / path.name).exists():
            (folder / path.name).symlink_to(path.resolve())
    return folder


def measure_file(path, result, data):
    """Return bytes and mAP of a file, run by the runtime that students use."""
    from inspection.datasets.images.image_file import read_rgb
    from inspection.deploy.runtime import load_model
    from inspection.detection.evaluation import coco_metrics

    model, found = load_model(path), {}
    for name in result.ground_truths:
        found[name] = model.predict(read_rgb(data / "images" / name))
    coco = coco_metrics.evaluate(result.ground_truths, found, result.label_map)
    return {
        "bytes": path.stat().st_size,
        "mAP@.50": percent(coco),
        "mAP": percent(coco, ""),
    }


def agreement(detector, path, config):
    """Return how far float32 is from Keras on the same prepared pictures.

    A detection that Keras shows is found again where the file has one of its class
    within .001 of each corner.
    """
    from inspection.detection.training.input_pipeline import evaluation_batches

    run, total, offs, scores = runner(path), 0, [], []
    for images, _ in evaluation_batches(config):
        for image, wanted in zip(images.numpy(), detector.detect_prepared(images)):
            boxes, classes, confidences, count = run(image)
            shown = wanted.above(SHOWN)
            total += len(shown)
            for box, score, class_id in zip(
                shown.boxes, shown.scores, shown.class_ids, strict=True
            ):
                same = classes[: int(count)] + 1 == class_id
                if not same.any():
                    continue
                off = abs(boxes[: int(count)][same].clip(0, 1) - box).max(1)
                offs.append(float(off.min()))
                scores.append(
                    abs(confidences[: int(count)][same][off.argmin()] - score)
                )
    near = [i for i, off in enumerate(offs) if off <= 1e-3]
    return {
        "keras_detections": total,
        "found_within_.001": len(near),
        "largest_box_difference_of_those": max(offs[i] for i in near),
        "largest_score_difference_of_those": float(max(scores[i] for i in near)),
    }


def runner(path):
    """Return a function from a prepared picture to the four outputs of a file."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path), num_threads=2)
    interpreter.allocate_tensors()
    place = interpreter.get_input_details()[0]["index"]
    outputs = [detail["index"] for detail in interpreter.get_output_details()]

    def run(image):
        interpreter.set_tensor(place, image[None])
        interpreter.invoke()
        return [interpreter.get_tensor(index)[0] for index in outputs]

    return run


def latencies(files):
    """Return {format: {ms_1_thread, ms_2_threads}}: wall time, files in turn."""
    from inspection.deploy.runtime import load_model

    rows = {}
    for threads in (1, 2):
        models = {name: load_model(path, threads) for name, path in files.items()}
        sides = {name: invoker(model) for name, model in models.items()}
        measure.alternate(sides, 3)
        for name, spent in measure.alternate(sides, ROUNDS).items():
            key = f"ms_{threads}_thread" + "s" * (threads > 1)
            cpu = f"cpu_ms_{threads}_thread" + "s" * (threads > 1)
            rows.setdefault(name, {})[key] = round(1e3 * spent["wall_s"], 1)
            rows[name][cpu] = round(1e3 * spent["cpu_s"], 1)
    return rows


def invoker(model):
    """Return a function that runs the network alone, without reading or resizing."""
    import numpy as np

    image = np.random.default_rng(0).integers(0, 256, (*model.input_size, 3), "uint8")
    batch = model._prepare(image)[None]
    return lambda: model._invoke(batch)


def speed(folder):
    """Return the latencies of alpha 1 at 320 pixels, two classes, random weights."""
    import keras
    import numpy as np

    from inspection.detection.config import base_configs
    from inspection.detection.export import tflite_conversion, tflite_graph
    from inspection.detection.model.network import build_network

    keras.utils.set_random_seed(0)
    config = base_configs.read("ssd_mobilenet_v2_fpnlite_320x320")
    config.set("model.ssd.num_classes", 2)
    nms = tflite_graph.Suppression().resolved(config.model)
    network = build_network(config.model)
    graph = tflite_graph.DetectionGraph(network, config.model, nms)
    tflite_graph.save_graph(graph, folder / "saved_model")

    def noise():
        rng = np.random.default_rng(0)
        for _ in range(8):
            yield rng.uniform(-1, 1, (1, *graph.size, 3)).astype("float32")

    files = {}
    for format in tflite_conversion.FORMATS:
        data = tflite_conversion.convert_detector(
            folder / "saved_model", format, ["a", "b"], "speed", noise
        )
        files[format] = folder / f"speed_{format}.tflite"
        files[format].write_bytes(data)
    rows = latencies(files)
    for format, path in files.items():
        rows[format] = {"bytes": path.stat().st_size, **rows[format]}
    what = "alpha 1, 320 px, 2 classes, random weights of seed 0, NMS inside"
    return {"data": what, "formats": rows}


if __name__ == "__main__":
    main()

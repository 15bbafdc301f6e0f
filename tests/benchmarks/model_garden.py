"""Model Garden's RetinaNet beside our detector on BCCD: the same records, start and steps.

    python tests/benchmarks/model_garden.py --bccd ../shared/data/bccd \\
        --weights ../shared/data/weights/mobilenet_v2_0.35_224_notop.npz --num_steps 200

Each engine trains in a process of its own, from the same ImageNet weights, with flips
and crops alone, since Model Garden changes no colours; then one step of each by turns,
and the exported files by turns. Our COCO code judges both on the test list. Writes
assets/results/model_garden.json. Needs requirements-modelgarden.txt.
"""

import argparse
import functools
import json
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import measure
from inspection.common import arguments as flags

STARTED = time.perf_counter()

BUILD = measure.ROOT / "build/model_garden"
RESULTS = measure.ROOT / "assets/results/model_garden.json"
CLASSES = ["RBC", "WBC", "Platelets"]
ENGINES = ("ours", "model_garden")
PARTS = (*ENGINES, "step")
ALPHA = 0.35
SEED = 0
STRETCH = 10  # steps between two looks at the clock
ROUNDS = 10
PRECISION = "DetectionBoxes_Precision/mAP"


def parse_arguments():
    parser = flags.parser(__doc__)
    parser.add_argument("--bccd", required=True, type=Path, metavar="DIR")
    parser.add_argument("--weights", required=True, type=Path, metavar="NPZ")
    parser.add_argument("--num_steps", type=flags.positive_int, default=200)
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="JSON")
    parser.add_argument(
        "--parts",
        nargs="*",
        choices=PARTS,
        default=list(PARTS),
        help="to measure now; what was measured before is taken from build/",
    )
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    return parser.parse_args()


def make_config(arguments):
    """Return the settings of both: the course's own, without changes of colour."""
    from inspection.detection.config import base_configs, pipeline_config

    config = base_configs.read("ssd_mobilenet_v2_fpnlite_320x320")
    pipeline_config.edit(
        config,
        num_classes=len(CLASSES),
        num_steps=arguments.num_steps,
        fine_tune_checkpoint=arguments.weights.resolve(),
        fine_tune_checkpoint_type="classification",
        train_records=BUILD / "trainval.record",
        eval_records=BUILD / "test.record",
        label_map=BUILD / "label_map.pbtxt",
    )
    config.set("model.ssd.feature_extractor.depth_multiplier", ALPHA)
    options = config.message.values("train_config.data_augmentation_options")
    kept = [o for o in options if o.get("random_horizontal_flip") is not None]
    kept += [o for o in options if o.get("random_crop_image") is not None]
    config.set("train_config.data_augmentation_options", kept)
    return config


def make_records(bccd):
    from inspection.datasets import voc
    from inspection.detection.config import label_map
    from inspection.detection.records import record_builder, record_sources

    BUILD.mkdir(parents=True, exist_ok=True)
    label_map.write_label_map(CLASSES, BUILD / "label_map.pbtxt")
    ids = {name: i + 1 for i, name in enumerate(CLASSES)}
    sources = voc.list_annotations(bccd / "annotations")
    for part in ("trainval", "test"):
        chosen = record_sources.select_split(sources, bccd / f"splits/{part}.txt")
        record_builder.build_records(
            chosen, bccd / "images", ids, BUILD / f"{part}.record"
        )


class Clock:
    """Keep (step, wall seconds since the process began, CPU seconds)."""

    def __init__(self):
        self.rows = []

    def look(self, step):
        wall = time.perf_counter() - STARTED
        self.rows.append((step, wall, time.process_time()))

    def figures(self):
        """Return the seconds to the first step, and what a step takes after it."""
        pairs = list(zip(self.rows, self.rows[1:]))
        per_step = [
            [(after - before) / (b[0] - a[0]) for before, after in zip(a[1:], b[1:])]
            for a, b in pairs
        ]
        step = measure.medians(per_step)
        first, wall, cpu = self.rows[0]
        return {
            "seconds_to_first_step": round(wall - (first - 1) * step["wall_s"], 1),
            "cpu_seconds_to_first_step": round(cpu - (first - 1) * step["cpu_s"], 1),
            "steps_a_second": round(1 / step["wall_s"], 2),
            "cpu_seconds_a_step": step["cpu_s"],
        }


def peak_memory_gb():
    """Return the most memory that this process has held, on Linux."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2)


def score(detector, config):
    from inspection.detection.evaluation import evaluator

    coco = evaluator.evaluate(detector, config).coco.metrics
    names = {"mAP@.50": f"{PRECISION}@.50IOU", "mAP@[.5:.95]": PRECISION}
    return {ours: round(100 * coco[theirs], 1) for ours, theirs in names.items()}


def lines_of(text):
    return len([line for line in text.splitlines() if line.strip()])


def run_ours(arguments):
    """Train, judge and export our detector; return its figures."""
    from inspection.detection.export import tflite_graph
    from inspection.detection.model.detector import Detector
    from inspection.detection.training import training_loop

    config, clock = make_config(arguments), Clock()

    class Bar(training_loop.StepBar):
        def on_train_batch_end(self, batch, logs=None):
            step = int(self.model.optimizer.iterations)
            if step % STRETCH == 0:
                clock.look(step)

    training_loop.StepBar = Bar
    folder = BUILD / "ours"
    trainer = training_loop.train(config, folder / "training", seed=SEED)
    memory = peak_memory_gb()
    figures = {
        "parameters": trainer.network.count_params(),
        **clock.figures(),
        "peak_memory_gb": memory,
        **score(Detector(trainer.network, config.model), config),
        "configuration_lines": lines_of(config.text()),
    }
    tflite_graph.export_graph(config, folder / "training", folder)
    return {**figures, "files": convert_ours(folder, arguments.bccd)}


def convert_ours(folder, bccd):
    from inspection.detection.export.tflite_conversion import convert_all

    made = convert_all(
        folder / "saved_model", folder, ("float32", "int8"), bccd / "images"
    )
    return {path.stem.split("_")[1]: str(path) for path in made}


def run_model_garden(arguments):
    """Train, judge and export Model Garden's detector; return its figures."""
    import yaml

    from inspection.model_garden import export, training
    from inspection.model_garden.detector import GardenDetector

    wanted, clock = make_experiment(arguments), Clock()
    config = make_config(arguments)

    class Progress(training.Progress):
        def __call__(self, output):
            super().__call__(output)
            clock.look(self.step)

    training.Progress = Progress
    wanted.trainer.steps_per_loop = STRETCH
    folder = BUILD / "model_garden"
    model, _ = training.train(wanted, folder / "training", seed=SEED)
    memory = peak_memory_gb()
    figures = {
        "parameters": model.count_params(),
        **clock.figures(),
        "peak_memory_gb": memory,
        **score(GardenDetector(model, wanted), config),
        "configuration_lines": lines_of(yaml.safe_dump(wanted.as_dict())),
    }
    files = export.export_tflite(wanted, folder / "training", folder)
    return {**figures, "files": {name: str(path) for name, path in files.items()}}


def make_experiment(arguments):
    """Return Model Garden's experiment, from the weights that ours begins with."""
    from inspection.model_garden import backbone, experiment

    config = make_config(arguments)
    wanted = experiment.make_experiment(config)
    start = backbone.write_checkpoint(arguments.weights, wanted, BUILD)
    return experiment.make_experiment(config, start)


def run_step(arguments):
    """Return the seconds of one training step of each, by turns, input included."""
    import tensorflow as tf
    from official.core import task_factory

    from inspection.detection.training import training_loop
    from inspection.detection.training.input_pipeline import training_batches

    config, wanted = make_config(arguments), make_experiment(arguments)
    trainer = training_loop.build_trainer(config)
    trainer.make_train_function()
    ours = iter(training_batches(config, SEED).take(1).cache().repeat())
    task = task_factory.get_task(wanted.task)
    model = task.build_model()
    optimizer = task.create_optimizer(wanted.trainer.optimizer_config)
    theirs = iter(task.build_inputs(wanted.task.train_data).take(1).cache().repeat())
    step = tf.function(lambda batch: task.train_step(batch, model, optimizer))
    sides = {
        "ours": lambda: trainer.train_function(ours),
        "model_garden": lambda: step(next(theirs)),
    }
    measure.alternate(sides, 2)  # traced and warm
    return measure.alternate(sides, ROUNDS)


def run_part(part, arguments):
    """Run a part of the measurement in a process of its own, which writes its figures."""
    flags = ("--bccd", arguments.bccd, "--weights", arguments.weights)
    flags += ("--num_steps", arguments.num_steps, "--part", part)
    # a training goes on where one lies
    shutil.rmtree(BUILD / part, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, __file__, *map(str, flags)], stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        sys.exit(f"{done.stdout[-2000:]}\nerror: {part} did not end well, see above")
    print(done.stdout, flush=True)


def read_figures(part):
    return json.loads((BUILD / f"{part}.json").read_text())


def measure_files(parts, bccd):
    """Add size of the exported files, and what a test picture costs, by turns."""
    sides = {}
    image = read_image(bccd)
    for engine in ENGINES:
        for format, path in parts[engine].pop("files").items():
            parts[engine][f"{format}_mb"] = round(Path(path).stat().st_size / 1e6, 2)
            sides[engine, format] = RUNNERS[engine](path, image)
    measure.alternate(sides, 3)
    for (engine, format), spent in measure.alternate(sides, 40).items():
        parts[engine][f"{format}_ms"] = round(1e3 * spent["wall_s"], 1)
        parts[engine][f"{format}_cpu_ms"] = round(1e3 * spent["cpu_s"], 1)


def read_image(bccd):
    """Return the first test picture, uint8 [320, 320, 3]."""
    import cv2

    from inspection.datasets.images import image_file

    name = (bccd / "splits/test.txt").read_text().split()[0]
    (path,) = (bccd / "images").glob(f"{name}.*")
    return cv2.resize(image_file.read_rgb(path), (320, 320))


def runner_of_ours(path, image):
    """Return a function that finds what is in the picture."""
    from inspection.deploy import runtime

    return functools.partial(runtime.load_model(path).predict, image)


def runner_of_model_garden(path, image):
    """Return a function that finds what is in the picture, with Model Garden's file."""
    from inspection.model_garden.detector import MEAN, STD
    from inspection.model_garden.export import TfliteDetector

    detector = TfliteDetector(path)
    return lambda: detector.invoke((image[None] - 255 * MEAN) / (255 * STD))


RUNNERS = {"ours": runner_of_ours, "model_garden": runner_of_model_garden}


def main():
    arguments = parse_arguments()
    if arguments.part:
        runs = {"ours": run_ours, "model_garden": run_model_garden, "step": run_step}
        figures = runs[arguments.part](arguments)
        (BUILD / f"{arguments.part}.json").write_text(json.dumps(figures))
        return
    machine = measure.describe_machine()
    make_records(arguments.bccd.resolve())
    for part in arguments.parts:
        run_part(part, arguments)
    parts = {part: read_figures(part) for part in ENGINES}
    measure_files(parts, arguments.bccd)
    if (BUILD / "step.json").exists():
        for engine, spent in read_figures("step").items():
            parts[engine] |= {f"step_by_turns_{name}": v for name, v in spent.items()}
    result = {
        "data": "BCCD, trained on trainval (292 pictures), measured on test (72)",
        "network": f"MobileNetV2 alpha {ALPHA}, FPN, 320 px, separable convolutions",
        "start": "the same ImageNet weights of the backbone",
        "augmentation": "flips and crops",
        "steps": arguments.num_steps,
        "batch_size": 8,
        "seed": SEED,
        "machine": machine,
        "remark": "other work on the machine lengthens wall times; both engines meet it "
        "alike only in the step by turns and in the files, which take turns",
        "command": "python tests/benchmarks/model_garden.py --bccd DIR --weights NPZ "
        f"--num_steps {arguments.num_steps}",
        "engines": parts,
    }
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()

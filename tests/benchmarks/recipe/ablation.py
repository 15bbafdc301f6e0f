"""What each part of a training recipe brings: BCCD's validation part, three seeds.

    python tests/benchmarks/recipe/ablation.py --bccd ../shared/data/bccd \\
        --weights ../shared/data/weights/mobilenet_v2_0.35_224_notop.npz
    python tests/benchmarks/recipe/ablation.py --bccd ../shared/data/bccd \\
        --weights ../shared/data/weights/mobilenet_v2_0.35_224_notop.npz \\
        --num_steps 300 --seeds 1 --only base mosaic --results build/small.json

Each row trains with one change to the course's own config; the last with all of them.
Trained on the train list, measured on val; the test list is not touched. Half an hour a
run on two cores, and there are 24: stopped, the same command goes on. Writes
assets/results/ablation.json after each run.
"""

import subprocess
import sys
from functools import partial
from pathlib import Path

import runs

import bootstrap  # noqa: F401
import measure
from inspection.common import arguments as flags
from inspection.detection.config import base_configs, pipeline_config
from inspection.detection.records.fitted_anchors import (
    fit_anchors,
    use_adaptive_matcher,
)

BUILD = measure.BUILD / "ablation"
CLASSES = ("RBC", "WBC", "Platelets")
ALPHA = "model.ssd.feature_extractor.depth_multiplier"
JITTER = {"output_size": 320, "scale_min": 0.5, "scale_max": 2.0}


def adaptive(config):
    use_adaptive_matcher(config)


def fitted(config):
    fit_anchors(config)


def mosaic(config):
    runs.add_augmentation(config, "random_mosaic")


def paste(config):
    runs.add_augmentation(config, "random_paste_boxes")


def scale_jitter(config):
    runs.add_augmentation(config, "random_scale_crop_and_pad_to_square", **JITTER)


def frozen(config):
    config.set("model.ssd.freeze_batchnorm", True)


def flip(config):
    config.set("eval_config.test_time_flip", True)


# row: (changes of the training, changes of the evaluation, row whose training it is)
ROWS = {
    "base": ((), (), "base"),
    "flip at test": ((), (flip,), "base"),
    "adaptive matcher": ((adaptive,), (), "adaptive matcher"),
    "fitted anchors": ((fitted,), (), "fitted anchors"),
    "mosaic": ((mosaic,), (), "mosaic"),
    "paste": ((paste,), (), "paste"),
    "scale jitter": ((scale_jitter,), (), "scale jitter"),
    "frozen batch norm": ((frozen,), (), "frozen batch norm"),
    "all": ((fitted, mosaic, paste, scale_jitter), (flip,), "all"),
}


def parse_arguments():
    parser = flags.parser(__doc__)
    add, count = parser.add_argument, flags.positive_int
    add("--bccd", required=True, type=Path, metavar="DIR")
    add("--weights", required=True, type=Path, metavar="NPZ")
    add("--num_steps", type=count, default=3000)
    add("--depth_multiplier", type=flags.positive_float, default=0.35)
    add("--seeds", type=count, default=3, metavar="N", help="seeds 0 to N - 1 (3)")
    add("--only", nargs="+", choices=ROWS, default=list(ROWS), metavar="ROW")
    add("--results", type=Path, default=measure.ROOT / "assets/results/ablation.json")
    return parser.parse_args()


def make_records(bccd):
    """Write label map and records with the course's commands, once."""
    if all((BUILD / name).exists() for name in ("train.record", "val.record")):
        return
    BUILD.mkdir(parents=True, exist_ok=True)
    label_map = BUILD / "label_map.pbtxt"
    script("make_label_map.py", "--classes", *CLASSES, "-o", label_map)
    source = ("-x", bccd / "annotations", "-i", bccd / "images", "-l", label_map)
    for split in ("train", "val"):
        lists = ("--split", bccd / f"splits/{split}.txt")
        script("generate_tfrecord.py", *source, *lists, "-o", BUILD / f"{split}.record")


def script(name, *words):
    command = [sys.executable, measure.SCRIPTS / name, *words]
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)


def base_config(arguments):
    config = base_configs.read(base_configs.OWN)
    config.set("model.ssd.num_classes", len(CLASSES))
    config.set(ALPHA, arguments.depth_multiplier)
    return pipeline_config.edit(
        config,
        num_steps=arguments.num_steps,
        fine_tune_checkpoint=arguments.weights.resolve(),
        fine_tune_checkpoint_type="classification",
        train_records=BUILD / "train.record",
        eval_records=BUILD / "val.record",
        label_map=BUILD / "label_map.pbtxt",
    )


def build(row, arguments):
    """Return (config to train, config to evaluate, row of the training) of a row."""
    changes, of_evaluation, owner = ROWS[row]
    training, evaluation = base_config(arguments), base_config(arguments)
    for config, wanted in ((training, changes), (evaluation, changes + of_evaluation)):
        for change in wanted:
            change(config)
    return training, evaluation, owner


def main():
    arguments = parse_arguments()
    make_records(arguments.bccd.resolve())
    head = {
        "data": "BCCD, trained on train, measured on val; test not touched",
        "network": "SSD MobileNetV2 FPNLite, 320 px, alpha "
        f"{arguments.depth_multiplier:g}",
        "start": "ImageNet weights of the backbone",
        "steps": arguments.num_steps,
    }
    results = runs.read_results(arguments.results, head)
    variants = {row: partial(build, row, arguments) for row in arguments.only}
    folder = BUILD / f"{arguments.num_steps}_{arguments.depth_multiplier:g}"
    runs.run_missing(
        results, arguments.results, variants, range(arguments.seeds), folder
    )
    for row, found in results["runs"].items():
        print(row, *runs.summarize(found))


if __name__ == "__main__":
    main()

"""What models of the zoo with a MobileNetV2 reach after the same training on BCCD.

    python tests/benchmarks/recipe/zoo_models.py --bccd ../shared/data/bccd \\
        --weights ../shared/data/weights/mobilenet_v2_0.35_224_notop.npz

The course's own training, from ImageNet weights of the backbone, for each of them.
Trained on the train list, measured on val; the test list is not touched. Stopped, the
same command goes on. Writes assets/results/zoo_models.json after each run.
"""

from functools import partial
from pathlib import Path

import ablation
import runs

import bootstrap  # noqa: F401
import measure
from inspection.common import arguments as flags
from inspection.detection.config import base_configs, pipeline_config

BUILD = measure.BUILD / "zoo_models"
MODELS = (
    "ssd_mobilenet_v2_320x320",
    "ssd_mobilenet_v2_fpnlite_320x320",
    "ssd_mobilenet_v2_fpnlite_640x640",
)


def parse_arguments():
    parser = flags.parser(__doc__)
    add, count = parser.add_argument, flags.positive_int
    add("--bccd", required=True, type=Path, metavar="DIR")
    add("--weights", required=True, type=Path, metavar="NPZ")
    add("--num_steps", type=count, default=1000)
    add("--depth_multiplier", type=flags.positive_float, default=0.35)
    add("--seeds", type=count, default=1, metavar="N", help="seeds 0 to N - 1 (1)")
    add("--only", nargs="+", choices=MODELS, default=list(MODELS), metavar="NAME")
    add("--results", type=Path, default=measure.ROOT / "assets/results/zoo_models.json")
    return parser.parse_args()


def build(name, arguments):
    """Return (config to train, the same to evaluate, name of the training) of a model."""
    config = base_configs.read(name)
    config.set("model.ssd.num_classes", len(ablation.CLASSES))
    config.set(ablation.ALPHA, arguments.depth_multiplier)
    records = ablation.BUILD
    pipeline_config.edit(
        config,
        num_steps=arguments.num_steps,
        fine_tune_checkpoint=arguments.weights.resolve(),
        fine_tune_checkpoint_type="classification",
        train_records=records / "train.record",
        eval_records=records / "val.record",
        label_map=records / "label_map.pbtxt",
    )
    return config, config, name


def main():
    arguments = parse_arguments()
    ablation.make_records(arguments.bccd.resolve())
    head = {
        "data": "BCCD, trained on train, measured on val; test not touched",
        "network": f"models of the zoo at alpha {arguments.depth_multiplier:g}",
        "start": "ImageNet weights of the backbone",
        "steps": arguments.num_steps,
    }
    results = runs.read_results(arguments.results, head)
    variants = {name: partial(build, name, arguments) for name in arguments.only}
    folder = BUILD / f"{arguments.num_steps}_{arguments.depth_multiplier:g}"
    seeds = range(arguments.seeds)
    runs.run_missing(results, arguments.results, variants, seeds, folder)


if __name__ == "__main__":
    main()

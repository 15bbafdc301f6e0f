"""Train the small checkpoint that quick mode starts from, on scenes drawn for it.

    python tools/make_start_checkpoint.py --output data/weights/leak_scenes
    python tools/make_start_checkpoint.py --count 20 --num_steps 10 --output build/start

Draws leak scenes of another seed than the bundled ones, trains the network on them from
random weights, and keeps the weights alone. The one in data/weights took the defaults.
"""

import os
from pathlib import Path

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error

ADAM = """
adam_optimizer { learning_rate { cosine_decay_learning_rate {
  learning_rate_base: 0.002 warmup_learning_rate: 0.0002 warmup_steps: 100 } } }
use_moving_average: false
"""
SETTINGS = {
    "model.ssd.feature_extractor.depth_multiplier": 0.35,
    "model.ssd.image_resizer.fixed_shape_resizer.height": 224,
    "model.ssd.image_resizer.fixed_shape_resizer.width": 224,
}


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    flags.add_output(parser, metavar="DIR", help="gets checkpoint/ckpt-0.* and more")
    add("--work", default="build/start", metavar="DIR", help="scenes and training")
    add("--count", type=flags.positive_int, default=2000, help="scenes (2000)")
    add("--seed", type=flags.seed, default=1000, help="of the scenes (1000)")
    add(
        "--num_steps", type=flags.positive_int, default=7000, help="batches of 8 (7000)"
    )
    return parser.parse_args()


def draw_records(arguments, work):
    from inspection.datasets import voc
    from inspection.detection.config.label_map import write_label_map
    from inspection.detection.records.record_builder import build_records
    from inspection.synthetic.leaks import dataset

    scenes = work / "scenes"
    if not scenes.exists():
        dataset.make_leaks(scenes, arguments.count, arguments.seed, os.cpu_count())
    write_label_map(dataset.CLASSES, work / "label_map.pbtxt")
    class_ids = {name: i + 1 for i, name in enumerate(dataset.CLASSES)}
    sources = voc.list_annotations(scenes / "annotations")
    build_records(sources, scenes / "images", class_ids, work / "scenes.record")


def make_config(num_steps, work):
    from inspection.detection.config import base_configs, pipeline_config, textproto
    from inspection.synthetic.leaks import dataset

    config = base_configs.read("ssd_mobilenet_v2_fpnlite_320x320")
    config.set("train_config.optimizer", textproto.parse(ADAM))
    for path, value in SETTINGS.items():
        config.set(path, value)
    return pipeline_config.edit(
        config,
        num_classes=len(dataset.CLASSES),
        num_steps=num_steps,
        train_records=work / "scenes.record",
        eval_records=work / "scenes.record",
        label_map=work / "label_map.pbtxt",
    )


@exit_on_error()
def main():
    arguments = parse_arguments()
    work, output = Path(arguments.work), Path(arguments.output)
    work.mkdir(parents=True, exist_ok=True)
    draw_records(arguments, work)
    config = make_config(arguments.num_steps, work)

    from inspection.detection.config.label_map import write_label_map
    from inspection.detection.model import checkpoint
    from inspection.detection.training import training_loop
    from inspection.synthetic.leaks.dataset import CLASSES

    trainer = training_loop.train(config, work / "training")
    (output / "checkpoint").mkdir(parents=True, exist_ok=True)
    checkpoint.write(trainer.network, output / "checkpoint/ckpt-0")
    config.write(output / "pipeline.config")
    write_label_map(CLASSES, output / "label_map.pbtxt")
    print(f"{output}/checkpoint/ckpt-0: {arguments.num_steps} steps")


if __name__ == "__main__":
    main()

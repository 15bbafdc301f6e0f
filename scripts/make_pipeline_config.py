"""Make a pipeline.config for your records from a base model's.

    python scripts/make_pipeline_config.py --label_map data/leaks/label_map.pbtxt \\
        --train_records build/train.record --eval_records build/test.record \\
        --num_steps 2000 --output build/pipeline.config
    python scripts/make_pipeline_config.py --base customTF2/training/pipeline.config \\
        --set train_config.batch_size=16 --output customTF2/data/pipeline.config
    python scripts/make_pipeline_config.py --label_map data/leaks/label_map.pbtxt \\
        --train_records build/train.record --eval_records build/test.record \\
        --fit_anchors --output build/pipeline.config

The base is the course's own SSD MobileNetV2 FPNLite 320x320, with --model any other SSD
of the zoo (download_model.py --list), or any pipeline.config of these families, such as
the one that comes with a zoo model. The number of classes is
that of the label map. --fit_anchors takes aspect ratios and the smallest scale of the
anchors from the boxes of the training records, and lets each object have anchors however
little they overlap (atss_matcher): for thin, elongated and small objects. The API's own
programs cannot read such a config; weights begin with those of another head, so
fine_tune_checkpoint_type is "detection" or "classification". --set reaches every field,
and needs no quotes for text; fields we do not know stay as they are.
"""

from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error
from inspection.common.own_outputs import own_outputs
from inspection.detection.config import base_configs, pipeline_config
from inspection.detection.config.label_map import read_label_map
from inspection.detection.config.pipeline_changes import apply_change


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    base = parser.add_mutually_exclusive_group()
    base.add_argument("--base", metavar="CONFIG", help="(the course's own)")
    base.add_argument(
        "--model",
        metavar="NAME",
        default=base_configs.OWN,
        help=f"({base_configs.OWN})",
    )
    flags.add_output(parser, metavar="CONFIG", help="the file to write")
    add("--label_map", metavar="PBTXT", help="also gives the number of classes")
    add("--train_records", nargs="+", metavar="RECORD", help="files or patterns")
    add("--eval_records", nargs="+", metavar="RECORD", help="files or patterns")
    add("--batch_size", type=flags.positive_int, metavar="N")
    add(
        "--num_steps",
        type=flags.positive_int,
        metavar="N",
        help="also ends the cosine schedule",
    )
    add(
        "--fine_tune_checkpoint", metavar="PATH", help='ckpt-0, .npz, .h5 or "imagenet"'
    )
    add("--fine_tune_checkpoint_type", choices=["detection", "full", "classification"])
    fit = "anchors from the boxes of the records, and the adaptive matcher"
    add("--fit_anchors", action="store_true", help=fit)
    add("--set", nargs="+", default=[], metavar="FIELD=VALUE", help="any other field")
    arguments = parser.parse_args()
    if arguments.fit_anchors and not arguments.train_records:
        parser.error("--fit_anchors needs --train_records")
    return arguments


@exit_on_error()
def main():
    arguments = parse_arguments()
    inputs = [path for path in (arguments.base, arguments.label_map) if path]
    with own_outputs("make_pipeline_config.py", [arguments.output], inputs):
        make_config(arguments)


def make_config(arguments):
    base = arguments.base
    config = pipeline_config.read(base) if base else base_configs.read(arguments.model)
    if arguments.label_map:
        config.set("model.ssd.num_classes", len(read_label_map(arguments.label_map)))
    pipeline_config.edit(
        config,
        batch_size=arguments.batch_size,
        num_steps=arguments.num_steps,
        fine_tune_checkpoint=arguments.fine_tune_checkpoint,
        fine_tune_checkpoint_type=arguments.fine_tune_checkpoint_type,
        train_records=arguments.train_records,
        eval_records=arguments.eval_records,
        label_map=arguments.label_map,
    )
    for change in arguments.set:
        if remark := apply_change(config, change):
            print(remark)
    if arguments.fit_anchors:
        print(fit(config))
    # what cannot be used is refused here
    model, train, _ = config.model, config.train, config.eval
    config.write(arguments.output)
    print(
        f"{arguments.output}: {model.num_classes} classes, {model.image_height}x"
        f"{model.image_width} pixels, {train.num_steps} steps of {train.batch_size}"
    )


def fit(config):
    """Fit the anchors of a config to its training records; return what was done."""
    from inspection.detection.records.fitted_anchors import fit_anchors

    before, after = fit_anchors(config)
    ratios = ", ".join(f"{ratio:g}" for ratio in config.model.anchors.aspect_ratios)
    return (
        f"anchors with aspect ratios {ratios}: {after:.0%} of the boxes have one with "
        f"IoU 0.5 about the same centre, {before:.0%} before"
    )


if __name__ == "__main__":
    main()

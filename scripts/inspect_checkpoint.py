"""Say what an old checkpoint of the Object Detection API is, and make it usable.

    python scripts/inspect_checkpoint.py efficientdet_d0_coco17_tpu-32
    python scripts/inspect_checkpoint.py old_training/ckpt-30 --config old.config \\
        --label_map old_label_map.pbtxt -o build/old

PATH is the folder of an archive or of a training, or a checkpoint without its ending.
Printed are the model, its classes, and whether every variable fits the pipeline.config
that lies beside it or is given. With -o it becomes model.keras and model.tflite.
"""

from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import UserError, exit_on_error
from inspection.common.own_outputs import own_outputs


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("path", metavar="PATH", help="a checkpoint, or the folder of one")
    add("--config", metavar="CONFIG", help="(pipeline.config beside or above it)")
    add("--label_map", metavar="PBTXT", help="(that of the config)")
    flags.add_output(parser, required=False, metavar="DIR", help="gets .keras, .tflite")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.detection.model import checkpoint_facts

    path = find_inside(Path(arguments.path))
    facts = checkpoint_facts.read_facts(path)
    print(f"{facts.prefix}: {facts.kind}")
    if facts.step is not None:
        print(f"trained to step {facts.step:,}")
    if not facts.supported:
        raise UserError(f"{facts.kind} is not among the SSD models that are built here")
    config_path = arguments.config or find_config(path)
    if not config_path:
        print("there is no pipeline.config beside it: name one with --config")
        return
    check(facts, config_path, arguments)


def find_inside(path):
    """Return path/checkpoint where PATH is the folder of an archive."""
    inside = path / "checkpoint"
    return inside if inside.is_dir() else path


def find_config(path):
    """Return the nearest pipeline.config, "" where there is none."""
    for folder in (path, *path.absolute().parents[:2]):
        if (folder / "pipeline.config").is_file():
            return folder / "pipeline.config"
    return ""


def check(facts, config_path, arguments):
    """Print how checkpoint and config go together; write the model where wanted."""
    from inspection.detection.config import pipeline_config
    from inspection.detection.export.files import class_labels
    from inspection.detection.model import checkpoint_facts
    from inspection.detection.model.network import build_network

    config = pipeline_config.read(config_path)
    labels = class_labels(config, arguments.label_map)
    print(f"{config_path}: {len(labels)} classes: {shortened(labels)}")
    network = build_network(config.model)
    fit = checkpoint_facts.compare(network, facts)
    print(f"{len(fit.used):,} of {len(network_keys(fit)):,} variables fit")
    for title in ("missing", "unlike", "left"):
        keys = getattr(fit, title)
        if keys:
            print(f"{title}: {len(keys):,}, the first is {keys[0]}")
    if fit.missing or fit.unlike:
        raise UserError(f"{facts.prefix} is not of {config_path}: see above")
    if arguments.output:
        from inspection.detection.export.old_model import convert_old
        from inspection.detection.export.tflite_conversion import changed_label_list

        output = Path(arguments.output)
        outputs = [output / name for name in ("model.keras", "model.tflite")]
        outputs += changed_label_list(labels, output)
        with own_outputs("inspect_checkpoint.py", outputs):
            for path in convert_old(config, facts.prefix, output, arguments.label_map):
                print(f"wrote {path}")


def network_keys(fit):
    return fit.used + fit.missing + fit.unlike


def shortened(labels):
    shown = ", ".join(labels[:8])
    return f"{shown}, ..." if len(labels) > 8 else shown


if __name__ == "__main__":
    main()

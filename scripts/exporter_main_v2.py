"""Export a trained detector: SavedModel, checkpoint, frozen graph for OpenCV.

    python scripts/exporter_main_v2.py --input_type=image_tensor \\
        --pipeline_config_path=customTF2/data/pipeline.config \\
        --trained_checkpoint_dir=customTF2/training --output_directory=customTF2/exported

The flags are those of the Object Detection API's program of this name, and so is what
comes out: saved_model/ with the API's signature, checkpoint/, pipeline.config. Beside
them label_map.pbtxt, and frozen_inference_graph.pb, which cv2.dnn reads: it holds the
network and the decoding of boxes, without NMS (see inspection/detection/export/frozen_graph.py).
"""

import argparse
from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.api_flags import (
    add_logging_flags,
    add_override,
    add_switch,
    parse_passing,
)
from inspection.common.errors import exit_on_error
from inspection.common.own_outputs import (
    SAVED_MODEL,
    files_of,
    files_within,
    own_outputs,
)
from inspection.detection.config import pipeline_config
from inspection.detection.config.pipeline_changes import override

WRITTEN = (
    *SAVED_MODEL,
    *("checkpoint/checkpoint", "checkpoint/ckpt-0.index"),
    "checkpoint/ckpt-0.data-00000-of-00001",
    *("label_map.pbtxt", "frozen_inference_graph.pb", "pipeline.config"),
)


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add(
        "--input_type",
        default="image_tensor",
        metavar="TYPE",
        help="image_tensor, float_image_tensor, encoded_image_string_tensor or"
        " tf_example (image_tensor)",
    )
    add("--pipeline_config_path", required=True, metavar="CONFIG")
    add("--trained_checkpoint_dir", required=True, metavar="DIR")
    add("--output_directory", required=True, metavar="DIR")
    add("--label_map", metavar="PBTXT", help="(that of the config)")
    add_override(parser)
    add_logging_flags(parser)
    add_switch(parser, "use_side_inputs", False, "this network has no side inputs")
    for name in ("shapes", "types", "names"):
        parser.add_argument(f"--side_input_{name}", help=argparse.SUPPRESS)
    return parse_passing(parser)


@exit_on_error()
def main():
    arguments = parse_arguments()
    config = pipeline_config.read(arguments.pipeline_config_path)
    override(config, arguments.config_override)
    from inspection.detection.export.saved_model import describe_input, export

    output = Path(arguments.output_directory)
    inputs = [
        arguments.pipeline_config_path,
        *files_of(arguments.trained_checkpoint_dir),
        *([arguments.label_map] if arguments.label_map else []),
    ]
    outputs = [output / name for name in WRITTEN]
    outputs += files_within(output / "saved_model", output / "checkpoint")
    with own_outputs("exporter_main_v2.py", outputs, inputs):
        written = export(
            config,
            arguments.trained_checkpoint_dir,
            arguments.output_directory,
            arguments.input_type,
            arguments.label_map,
        )
    for path in written:
        print(path)
    print(f"saved_model takes {describe_input(arguments.input_type)}")


if __name__ == "__main__":
    main()

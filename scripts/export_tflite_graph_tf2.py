"""Export a trained detector as a graph for TensorFlow Lite, then as .tflite files.

    python scripts/export_tflite_graph_tf2.py \\
        --pipeline_config_path=customTF2/data/pipeline.config \\
        --trained_checkpoint_dir=customTF2/training --output_directory=customTF2/tflite
    python scripts/convert_to_tflite.py --saved_model_dir=customTF2/tflite/saved_model \\
        --images=data/leaks/images --output_directory=customTF2/tflite

The flags are those of the Object Detection API's program of this name. It writes
saved_model/, with TFLite_Detection_PostProcess for the NMS, and labels.txt. Defaults
that differ: --max_detections is that of the config (the API: 10), and up to two classes
are suppressed class by class. For more, the default is the API's: the best class of each
box alone, since --ssd_use_regular_nms loses a class where a phone has fewer threads than
the network has classes, an error of TensorFlow Lite.
"""

from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.api_flags import (
    add_logging_flags,
    add_override,
    add_switch,
    add_value,
    parse_passing,
    truth,
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


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--pipeline_config_path", required=True, metavar="CONFIG")
    add("--trained_checkpoint_dir", required=True, metavar="DIR")
    add("--output_directory", required=True, metavar="DIR")
    add(
        "--max_detections",
        type=flags.positive_int,
        metavar="N",
        help="boxes (those of the config)",
    )
    add(
        "--ssd_use_regular_nms",
        type=truth,
        nargs="?",
        const=True,
        metavar="TRUTH",
        help="suppress class by class (true for one or two classes)",
    )
    add(
        "--score_threshold",
        type=flags.threshold,
        default=0.05,
        metavar="S",
        help="what scores less never comes out; 0 takes twice the time (0.05)",
    )
    add("--label_map", metavar="PBTXT", help="(that of the config)")
    add(
        "--raw-heads",
        action="store_true",
        help="no NMS inside, for GPU delegates, which lack it",
    )
    add_override(parser)
    add_logging_flags(parser)
    centernet = "only SSD is here, no CenterNet"
    add_switch(parser, "centernet_include_keypoints", False, centernet)
    add_value(parser, "keypoint_label_map_path", ("",), centernet)
    return parse_passing(parser)


@exit_on_error()
def main():
    arguments = parse_arguments()
    config = pipeline_config.read(arguments.pipeline_config_path)
    override(config, arguments.config_override)
    from inspection.detection.export.tflite_graph import Suppression, export_graph

    nms = Suppression(
        arguments.max_detections,
        arguments.ssd_use_regular_nms,
        arguments.score_threshold,
    )
    output = Path(arguments.output_directory)
    outputs = [output / name for name in (*SAVED_MODEL, "labels.txt")]
    outputs += files_within(output / "saved_model")
    inputs = [
        arguments.pipeline_config_path,
        *files_of(arguments.trained_checkpoint_dir),
        *([arguments.label_map] if arguments.label_map else []),
    ]
    with own_outputs("export_tflite_graph_tf2.py", outputs, inputs):
        written = export_graph(
            config,
            arguments.trained_checkpoint_dir,
            arguments.output_directory,
            nms,
            arguments.raw_heads,
            arguments.label_map,
        )
    for path in written:
        print(path)


if __name__ == "__main__":
    main()

"""Convert an exported detector to .tflite files: what phones and browsers run.

    python scripts/convert_to_tflite.py --saved_model_dir=customTF2/tflite/saved_model \\
        --images=data/leaks/images -o customTF2/tflite --name=leaks
    python scripts/convert_to_tflite.py --saved_model_dir=customTF2/tflite/saved_model \\
        -o customTF2/tflite --formats float16

Takes what export_tflite_graph_tf2.py wrote. Writes one file for each format, such as
leaks_int8.tflite: float32 as trained, float16 of half its size, dynamic with weights in
8 bits, int8 with all in 8 bits, the fastest. Labels and the scale of the input are
inside. int8 needs --images, some hundred pictures like those of training, without boxes.
"""

from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error
from inspection.common.own_outputs import own_outputs
from inspection.tflite.formats import FORMATS


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--saved_model_dir", required=True, metavar="DIR")
    flags.add_output(parser, "--output_directory", metavar="DIR")
    add("--formats", nargs="+", choices=FORMATS, help="(all four)")
    add("--images", metavar="DIR", help="pictures like those of training, for int8")
    add("--labels", metavar="TXT", help="(labels.txt beside the folder of the model)")
    add("--name", default="detector", help="begin of the file names (detector)")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.detection.export.tflite_conversion import (
        convert_all,
        label_list_of,
    )

    outputs = [
        Path(arguments.output, f"{arguments.name}_{format}.tflite")
        for format in arguments.formats or FORMATS
    ]
    outputs += label_list_of(
        arguments.saved_model_dir, arguments.labels, arguments.output
    )
    with own_outputs("convert_to_tflite.py", outputs):
        files = convert_all(
            arguments.saved_model_dir,
            arguments.output,
            arguments.formats,
            arguments.images,
            arguments.labels,
            arguments.name,
        )
        for path in files:
            print(f"{path}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

"""Download a model of the TensorFlow 2 detection zoo, ready to be trained further.

    python scripts/download_model.py ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8
    python scripts/download_model.py --list

The model is unpacked into customTF2/training (or -o); the archive stays in the
cache, ~/.cache/visual-inspection or the folder that VISUAL_INSPECTION_CACHE names, so
that a second time needs no network. Exit status: 0 the model is there, 2 it is not.
"""

from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error

TRAINING = Path(__file__).resolve().parent.parent / "customTF2" / "training"


def parse_arguments():
    parser = flags.parser(__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("name", nargs="?", metavar="NAME", help="name of the model")
    what.add_argument("--list", action="store_true", help="list the supported models")
    flags.add_output(
        parser, "--out", metavar="DIR", default=TRAINING, help="(customTF2/training)"
    )
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.detection.model import zoo

    if arguments.list:
        for model in zoo.MODELS.values():
            print(f"{model.name:<47}{model.backbone:<13}COCO mAP {model.coco_map}")
        return
    folder = zoo.download_model(arguments.name, arguments.output)
    print(f"{folder}\nfine_tune_checkpoint: {folder / 'checkpoint' / 'ckpt-0'}")


if __name__ == "__main__":
    main()

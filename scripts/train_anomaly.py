"""Learn what good parts look like from pictures of them, to find whatever is unlike.

    python scripts/train_anomaly.py data/parts --weights data/weights/walls.npz \\
        --size 192 -o build/parts_model
    python scripts/train_anomaly.py my/good --method memory -o build/mine

SOURCE is a folder of good parts alone, or a set with train/good. No picture of a defect
is needed. A part of the pictures is kept aside: from them comes the threshold, over which
--false_alarms of new good parts will lie. Written are model.keras, model.tflite and
settings.json. Good parts that look odd are named: are they good?

--method gaussian knows what is good at each place, and wants parts that lie alike;
memory knows good patches wherever they are, as on textures.
"""

import random
from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import UserError, exit_on_error
from inspection.common.own_outputs import own_outputs
from inspection.common.text import plural

SHOWN = 10  # odd pictures
WRITTEN = ("model.keras", "model.tflite", "settings.json")


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("source", metavar="SOURCE", help="folder of good parts, or of a set")
    flags.add_output(parser, metavar="DIR", help="folder to write the model into")
    add(
        "--weights",
        default="imagenet",
        metavar="FILE",
        help="of MobileNetV2 0.35, .npz or .h5, or imagenet to download them (imagenet)",
    )
    add("--method", default="gaussian", choices=("gaussian", "memory"))
    count, share = flags.positive_int, flags.share
    add("--size", type=count, default=224, help="side pictures are resized to (224)")
    add("--count", type=count, help="take so many of the pictures, by --seed (all)")
    add(
        "--false_alarms",
        type=share,
        default=0.05,
        help="share of good parts that may raise an alarm (0.05)",
    )
    add("--seed", type=flags.seed, default=0, help="of what is kept aside (0)")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.datasets.good_parts import find_good

    paths = find_good(arguments.source)
    paths = choose(paths, arguments.count, arguments.seed)
    outputs = [Path(arguments.output, name) for name in WRITTEN]
    with own_outputs("train_anomaly.py", outputs, paths):
        learn(paths, arguments)


def choose(paths, count, seed):
    """Return so many of the pictures, by a seed; all where no count is told."""
    if not count:
        return paths
    if count > len(paths):
        raise UserError(
            f"--count {count}: there are not so many of the pictures, but {len(paths)}"
        )
    return sorted(random.Random(seed).sample(paths, count))


def learn(paths, arguments):
    """Train on pictures, write the model, and say what came out."""
    from inspection.anomaly.settings import Settings
    from inspection.anomaly.training import save, train

    names = ("size", "method", "false_alarms", "seed")
    settings = Settings(**{name: getattr(arguments, name) for name in names})
    trained = train(paths, arguments.weights, settings)
    save(trained, arguments.output)
    learnt, aside = len(trained.fitted.learnt), trained.fitted.aside
    print(f"learnt from {plural(learnt, 'picture')}, threshold from {aside} others")
    for path in trained.odd[:SHOWN]:
        print(f"odd among the good: {path}")
    print(f"wrote {arguments.output}")


if __name__ == "__main__":
    main()

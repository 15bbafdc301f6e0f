"""The input of training from photographs of 12 megapixels, stored whole and smaller.

    python tests/benchmarks/large_pictures.py --max_width 640

Two records of the same pictures and boxes, read as training reads them: CPU seconds a
picture from the record to the batch, without the network.
"""

import time

import numpy as np
from PIL import Image

import measure
from inspection.common import arguments as flags

WIDTH, HEIGHT = 4032, 3024  # of phones
COUNT, BATCH = 8, 4
LABEL_MAP = measure.ROOT / "data/leaks/label_map.pbtxt"


def make_set(folder):
    """Write photographs, a smooth scene with grain, and their annotations."""
    from inspection.datasets import voc

    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for number in range(COUNT):
        path = folder / f"photo_{number}.jpg"
        scene = Image.fromarray(rng.integers(0, 256, (30, 40, 3), np.uint8))
        pixels = np.asarray(scene.resize((WIDTH, HEIGHT)), np.int16)
        grain = rng.integers(-8, 9, pixels.shape, np.int16)
        grainy = (pixels + grain).clip(0, 255).astype(np.uint8)
        Image.fromarray(grainy).save(path, quality=90)
        boxes = (voc.Box("leak", 400, 300, 1600, 1200),)
        annotation = voc.Annotation(path, path, WIDTH, HEIGHT, boxes, 3, path.name)
        voc.write_annotation(annotation, path.with_suffix(".xml"))
    return folder


def write_records(folder, name, *options):
    """Write the record and the config that reads it; return the config's path."""
    record, config = folder / f"{name}.record", folder / f"{name}.config"
    script = measure.SCRIPTS / "generate_tfrecord.py"
    measure.run_process(
        script, "-x", folder, "-l", LABEL_MAP, "-o", record, *map(str, options)
    )
    script = measure.SCRIPTS / "make_pipeline_config.py"
    records = ("--train_records", record, "--eval_records", record)
    given = ("--label_map", LABEL_MAP, "--batch_size", BATCH, "--output", config)
    measure.run_process(script, *records, *map(str, given))
    return config


def seconds_a_picture(config, batches):
    """Return the CPU seconds a picture takes from the record to the batch."""
    from inspection.detection.config import pipeline_config
    from inspection.detection.training.input_pipeline import training_batches

    waiting = iter(training_batches(pipeline_config.read(config)))
    next(waiting)  # builds the graph, fills the buffers
    started = time.process_time()
    for _ in range(batches):
        next(waiting)
    return (time.process_time() - started) / (batches * BATCH)


def main():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--max_width", type=flags.positive_int, default=640, metavar="PIXELS")
    add("--batches", type=flags.positive_int, default=25)
    arguments = parser.parse_args()
    folder = make_set(measure.BUILD / "large_pictures")
    whole = write_records(folder, "whole")
    smaller = write_records(folder, "smaller", "--max_width", arguments.max_width)
    before = seconds_a_picture(whole, arguments.batches)
    after = seconds_a_picture(smaller, arguments.batches)
    print(f"12 MP, stored whole: {before:.3f} CPU s a picture")
    print(f"at most {arguments.max_width} pixels wide: {after:.4f} CPU s a picture")
    print(f"{before / after:.0f} times faster")


if __name__ == "__main__":
    main()

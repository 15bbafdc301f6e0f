"""Time to the first step and memory of a training, in a process of its own.

    python tests/benchmarks/first_step.py

Trains on the bundled leaks from random weights, alpha 1, 320 px, batch 8, as
model_main_tf2.py does. The clock starts when TensorFlow, Keras and our modules are
imported, and stops when the first step has ended: building, reading, tracing included.
"""

import json
import sys
import time

import psutil

import measure
from inspection.common import arguments as flags

STEPS = 8
LEAKS = measure.ROOT / "data/leaks"


def write_config():
    """Write the records of the bundled leaks and the config to train on them."""
    folder = measure.BUILD / "leaks"
    folder.mkdir(parents=True, exist_ok=True)
    labels = LEAKS / "label_map.pbtxt"
    source = ("-x", LEAKS / "annotations", "-i", LEAKS / "images", "-l", labels)
    record, config = folder / "leaks.record", folder / "pipeline.config"
    measure.run_process(measure.SCRIPTS / "generate_tfrecord.py", *source, "-o", record)
    measure.run_process(
        *(measure.SCRIPTS / "make_pipeline_config.py", "--label_map", labels),
        *("--train_records", record, "--batch_size", 8, "--output", config),
        *("--set", 'train_config.fine_tune_checkpoint=""'),
    )
    return config


def peak_memory():
    """Return the highest resident memory of this process so far, in bytes."""
    if sys.platform == "win32":
        return psutil.Process().memory_info().peak_wset
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def train(config_path):
    """Train some steps; return the seconds of import and first step, and the memory."""
    started = time.perf_counter()
    import keras

    from inspection.detection.config import pipeline_config
    from inspection.detection.training.input_pipeline import training_batches
    from inspection.detection.training.training_loop import build_trainer

    imported = time.perf_counter()
    ended = []
    clock = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: ended.append(time.perf_counter())
    )
    keras.utils.set_random_seed(0)
    config = pipeline_config.read(config_path)
    trainer = build_trainer(config)
    batches = training_batches(config)
    trainer.fit(batches, steps_per_epoch=STEPS, callbacks=[clock], verbose=0)
    return {
        "first_step_after_import_s": round(ended[0] - imported, 1),
        "import_s": round(imported - started, 1),
        "peak_memory_gb": round(peak_memory() / 1e9, 2),
    }


def measure_start():
    """Return the figures of a training in a process of its own."""
    *_, output = measure.run_process(__file__, "--train", write_config())
    figures = json.loads(output.splitlines()[-1])
    return {
        **figures,
        "what": f"bundled leaks, alpha 1, 320 px, batch 8, {STEPS} steps",
    }


def main():
    parser = flags.parser(__doc__)
    parser.add_argument(
        "--train", metavar="CONFIG", help="train here, print the figures"
    )
    config = parser.parse_args().train
    if config:
        print(json.dumps(train(config)))
    else:
        measure.print_result("first_step", measure_start())


if __name__ == "__main__":
    main()

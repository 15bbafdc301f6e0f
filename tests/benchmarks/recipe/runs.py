"""Trainings of an experiment, one after the other; what is measured is kept at once.

A run is a training by `model_main_tf2.py` and its evaluation. Stopped in the middle, the
same command goes on: finished runs stand in the file of results, and a training that was
stopped goes on from its last checkpoint.
"""

import json
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import bootstrap  # noqa: F401
import measure
from inspection.common.atomic_files import write_text
from inspection.detection.config.textproto import ProtoMessage

POINTS = 100  # figures are in points, of a hundred
CHECKPOINT_EVERY = 250


def add_augmentation(config, name, **parameters):
    """Add a block of data_augmentation_options to a config."""
    option = ProtoMessage()
    block = option.add(name, ProtoMessage())
    for field, value in parameters.items():
        block.add(field, value)
    config.message.get("train_config").add("data_augmentation_options", option)


def read_results(path, head):
    """Return the results that a file holds, or the head of new ones without any."""
    if path.exists():
        found = json.loads(path.read_text(encoding="utf-8"))
        if {name: found.get(name) for name in head} != head:
            sys.exit(f"{path} is of another experiment: name another --results")
        return found
    return {**head, "machine": describe(), "runs": {}}


def describe():
    machine = measure.describe_machine()
    return f"{machine['cores']} cores, {platform.machine()}, no GPU"


def run_missing(results, path, variants, seeds, folder):
    """Train and measure what the results lack, seed by seed; write after each run.

    variants: {name: function(seed) that returns (config to train, config to evaluate, name of
    the variant whose training it is)}. Seeds come first, so that a stop leaves whole rounds.
    """
    for seed in seeds:
        for name, build in variants.items():
            runs = results["runs"].setdefault(name, {})
            if str(seed) in runs:
                continue
            training, evaluation, owner = build()
            place = folder / f"{owner}_{seed}".replace(" ", "_")
            runs[str(seed)] = run_one(training, evaluation, place, name, seed)
            write_text(path, json.dumps(results, indent=2) + "\n")
            print(name, seed, runs[str(seed)], flush=True)


def run_one(training, evaluation, place, name, seed):
    """Train a config with a seed into a folder, and measure; return the figures."""
    place.mkdir(parents=True, exist_ok=True)
    minutes = command("train", training, place, "--seed", seed)
    command(name, evaluation, place, "--checkpoint_dir", place, "--eval_timeout", 0)
    metrics = json.loads((place / "eval/metrics.json").read_text(encoding="utf-8"))
    prefix = "DetectionBoxes_Precision/mAP"
    figures = {
        "mAP@.50": metrics[f"{prefix}@.50IOU"],
        "mAP": metrics[prefix],
        **{f"AP50 {k}": row["AP50"] for k, row in metrics["per_class"].items()},
    }
    figures = {name: round(POINTS * value, 2) for name, value in figures.items()}
    return {**figures, "minutes": round(minutes, 1)}


def command(name, config, place, *flags):
    """Run model_main_tf2.py on a config, keep its output; return its minutes."""
    file = place / f"{name.replace(' ', '_')}.config"
    config.write(file)
    script = measure.SCRIPTS / "model_main_tf2.py"
    words = [
        sys.executable,
        script,
        "--pipeline_config_path",
        file,
        "--model_dir",
        place,
    ]
    words += ["--checkpoint_every_n", CHECKPOINT_EVERY, *flags]
    started = time.perf_counter()
    done = subprocess.run(
        list(map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    Path(f"{file}.log").write_bytes(done.stdout)
    if done.returncode:
        sys.exit(done.stdout.decode(errors="replace")[-2000:])
    return (time.perf_counter() - started) / 60


def summarize(runs, figure="mAP@.50"):
    """Return (mean, standard deviation) of a figure over the seeds, the latter None for one."""
    values = [run[figure] for run in runs.values()]
    spread = statistics.stdev(values) if len(values) > 1 else None
    return statistics.mean(values), spread

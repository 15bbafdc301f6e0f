"""Train the detector on BCCD with the course's commands and measure it on its test set.

    python tests/benchmarks/bccd.py --bccd ../shared/data/bccd \\
        --weights ../shared/data/weights/mobilenet_v2_0.35_224_notop.npz

Writes every command's output to build/bccd/ and the figures with machine, seed and
times to assets/results/bccd.json. BCCD: blood cells, 364 pictures, the set's own splits;
trained on its trainval list, measured once on its test list.
"""

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import measure
from inspection.common import arguments as flags

ROOT = measure.ROOT
BUILD = ROOT / "build/bccd"
CLASSES = ["RBC", "WBC", "Platelets"]


def parse_arguments():
    parser = flags.parser(__doc__)
    parser.add_argument("--bccd", required=True, type=Path, metavar="DIR")
    parser.add_argument("--weights", required=True, type=Path, metavar="NPZ")
    parser.add_argument("--num_steps", type=flags.positive_int, default=4500)
    parser.add_argument("--depth_multiplier", type=flags.positive_float, default=0.35)
    parser.add_argument(
        "--results", type=Path, default=ROOT / "assets/results/bccd.json"
    )
    return parser.parse_args()


def run(script, *flags):
    """Run a command of scripts/, keep its output, return its seconds."""
    command = [sys.executable, str(ROOT / "scripts" / script), *map(str, flags)]
    print("$", "python", f"scripts/{script}", *flags, flush=True)
    started = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    (BUILD / f"{script}.log").write_bytes(done.stdout)
    if done.returncode:
        sys.exit(done.stdout.decode()[-2000:])
    return time.perf_counter() - started


def make_records(bccd):
    label_map = BUILD / "label_map.pbtxt"
    run("make_label_map.py", "--classes", *CLASSES, "-o", label_map)
    source = ("-x", bccd / "annotations", "-i", bccd / "images", "-l", label_map)
    run("check_dataset.py", *source)
    for part in ("trainval", "test"):
        split = ("--split", bccd / f"splits/{part}.txt")
        run("generate_tfrecord.py", *source, *split, "-o", BUILD / f"{part}.record")
    return label_map


def write_config(arguments, label_map):
    config = BUILD / "pipeline.config"
    flags = {
        "--label_map": label_map,
        "--train_records": BUILD / "trainval.record",
        "--eval_records": BUILD / "test.record",
        "--num_steps": arguments.num_steps,
        "--fine_tune_checkpoint": arguments.weights.resolve(),
        "--fine_tune_checkpoint_type": "classification",
        "--output": config,
    }
    alpha = "model.ssd.feature_extractor.depth_multiplier"
    pairs = [part for flag in flags.items() for part in flag]
    change = f"{alpha}={arguments.depth_multiplier}"
    run("make_pipeline_config.py", *pairs, "--set", change)
    return config


def main():
    arguments = parse_arguments()
    BUILD.mkdir(parents=True, exist_ok=True)
    config = write_config(arguments, make_records(arguments.bccd.resolve()))
    model_dir = BUILD / "training"
    flags = ("--pipeline_config_path", config, "--model_dir", model_dir)
    training = run("model_main_tf2.py", *flags, "--seed", 0)
    evaluating = ("--checkpoint_dir", model_dir, "--eval_timeout", 0)
    evaluation = run("model_main_tf2.py", *flags, *evaluating)
    result = {
        "data": "BCCD, trained on trainval (292 pictures), measured on test (72)",
        "network": f"SSD MobileNetV2 FPNLite, 320 px, alpha {arguments.depth_multiplier}",
        "start": "ImageNet weights of the backbone",
        "steps": arguments.num_steps,
        "seed": 0,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, no GPU",
        "training_minutes": round(training / 60, 1),
        "evaluation_seconds": round(evaluation),
        "metrics": json.loads((model_dir / "eval/metrics.json").read_text()),
    }
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()

"""Learn from good pictures alone, measure on real and drawn ones: AUROC, false alarms.

    python tests/benchmarks/anomaly/good_only.py --shared ../shared/data \\
        --weights ../shared/data/weights/mobilenet_v2_0.35_224_notop.npz
    python tests/benchmarks/anomaly/good_only.py --sets parts --seeds 5

Each set is learnt from 150 of its good pictures; all that is left is judged, or --most of
each side. parts is the bundled set, with the bundled small backbone. Puts its rows into
assets/results/good_only.json in place of those of the same set, method and seed.
"""

import json
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import measure
from inspection.anomaly import evaluation, training
from inspection.anomaly.settings import Settings
from inspection.common import arguments as flags
from inspection.datasets.good_parts import JudgedParts, find_good, find_test
from inspection.datasets.images.image_folder import list_images

WALLS = measure.ROOT / "data/weights/walls.npz"
RESULT = measure.ROOT / "assets/results/good_only.json"
LEARNT = 150
# name: folders of good and of bad pictures below --shared
REAL = {
    "concrete_cracks": (["concrete_cracks/Negative"], ["concrete_cracks/Positive"]),
    "pavement_cracks": (["pavement_cracks/negative"], ["pavement_cracks/positive"]),
    "rust_photos": (
        [f"rust_photos/{part}/NOCORROSION" for part in ("train", "validation", "test")],
        [f"rust_photos/{part}/CORROSION" for part in ("train", "validation", "test")],
    ),
}


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--shared", type=Path, help="folder of the real sets")
    add("--weights", type=Path, help=".npz of MobileNetV2 0.35, for these")
    add("--sets", nargs="+", default=["parts", *REAL], choices=["parts", *REAL])
    add("--method", nargs="+", default=["gaussian", "memory"])
    add("--seeds", type=flags.positive_int, default=1, help="of what is learnt (1)")
    add("--most", type=flags.positive_int, default=10_000, help="pictures of a side")
    return parser.parse_args()


def parts_of(name, shared, seed, most):
    """Return (pictures to learn from, `JudgedParts`) of a set."""
    if name == "parts":
        folder = measure.ROOT / "data/parts"
        return find_good(folder), find_test(folder)
    good, bad = (list_images([shared / one for one in side]) for side in REAL[name])
    random.Random(seed).shuffle(good)
    random.Random(seed).shuffle(bad)
    rest = good[LEARNT : LEARNT + most]
    return good[:LEARNT], JudgedParts(rest, {"bad": bad[:most]})


def measure_set(name, method, seed, arguments):
    """Return the figures of one training."""
    learn, test = parts_of(name, arguments.shared, seed, arguments.most)
    bundled = name == "parts"
    settings = Settings(size=192 if bundled else 224, method=method, seed=seed)
    folder = measure.BUILD / "good_only" / f"{name}_{method}_{seed}"
    began = time.perf_counter(), time.process_time()
    trained = training.train(learn, WALLS if bundled else arguments.weights, settings)
    seconds = time.perf_counter() - began[0], time.process_time() - began[1]
    training.save(trained, folder)
    result = evaluation.evaluate(folder, test)
    low, high = result.interval
    return {
        "set": name,
        "method": method,
        "seed": seed,
        "judged": [len(test.good), sum(map(len, test.bad.values()))],
        "kinds": result.table.round(4).to_dict(orient="index"),
        "false_alarms": round(result.false_alarms, 4),
        "interval": [round(low, 4), round(high, 4)],
        "fit_seconds": round(seconds[0], 1),
        "fit_cpu_seconds": round(seconds[1], 1),
        "milliseconds": round(result.milliseconds, 1),
    }


def main():
    arguments = parse_arguments()
    rows = {key_of(row): row for row in stored_rows()}
    for name in arguments.sets:
        for method in arguments.method:
            for seed in range(arguments.seeds):
                row = measure_set(name, method, seed, arguments)
                rows[key_of(row)] = row
                print(json.dumps(row), flush=True)
                write([rows[key] for key in sorted(rows)])


def key_of(row):
    return row["set"], row["method"], row["seed"]


def stored_rows():
    """Return the rows of earlier runs."""
    return json.loads(RESULT.read_text())["rows"] if RESULT.is_file() else []


def write(rows):
    """Write all rows, with the machine of this run."""
    result = {
        "machine": measure.describe_machine(),
        "versions": measure.describe_software(),
        "rows": rows,
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

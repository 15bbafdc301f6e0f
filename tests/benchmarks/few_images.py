"""Train on 60 + 60 real pictures with the course's command, against scikit-learn.

    python tests/benchmarks/few_images.py --data ../shared/data \\
        --weights ../shared/data/weights/mobilenet_v2_0.35_224_notop.npz

For each of three sets and five seeds 60 pictures of each class are chosen and given to
train_classifier.py as it is; a scaled logistic regression of scikit-learn learns from
the same features of the same split. Both are measured on 300 pictures that neither has
seen, the command's model also as .tflite in float32, float16 and int8; what learned on
concrete, on 300 pictures of pavement as well. Writes assets/results/few_images.json.
"""

import csv
import json
import runpy
import shutil
import sys
from pathlib import Path

import numpy as np

import measure
from inspection.common import arguments as flags

BUILD = measure.ROOT / "build/few_images"
SETS = {
    "concrete": ("concrete_cracks/Negative", "concrete_cracks/Positive"),
    "pavement": ("pavement_cracks/negative", "pavement_cracks/positive"),
    "rust": ("rust_photos/*/NOCORROSION", "rust_photos/*/CORROSION"),
}
CLASSES = ("no", "yes")
COUNT, TESTED = 60, 150  # pictures of each class
FORMATS = ("float32", "float16", "int8")
SEEDS = range(5)
SIZE = 224


def parse_arguments():
    parser = flags.parser(__doc__)
    parser.add_argument("--data", required=True, type=Path, metavar="DIR")
    parser.add_argument("--weights", required=True, metavar="NPZ")
    return parser.parse_args()


def choose(data, name, seed):
    """Return ({class: paths to learn from}, paths to test on, their labels)."""
    rng = np.random.default_rng(seed)
    few, tested = {}, []
    for label, pattern in zip(CLASSES, SETS[name]):
        paths = sorted(p for p in data.glob(f"{pattern}/*") if p.name[0] != ".")
        mixed = [paths[i] for i in rng.permutation(len(paths))]
        few[label], tested = mixed[:COUNT], tested + mixed[COUNT : COUNT + TESTED]
    return few, tested, np.repeat([0, 1], TESTED)


def write_folders(few, folder):
    """Copy chosen pictures into one folder for each class; return the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    for label, paths in few.items():
        (folder / label).mkdir(parents=True)
        for path in paths:
            # pictures of one name lie in several folders
            shutil.copy(path, folder / label / f"{path.parent.parent.name}_{path.name}")
    return folder


def train(folder, weights, out, seed):
    """Run the command; return {path of a training picture: its label}.

    In this process, where TensorFlow is loaded already.
    """
    options = ("--weights", weights, "--seed", seed, "--features", BUILD / "features")
    script = measure.SCRIPTS / "train_classifier.py"
    sys.argv = [str(script), *map(str, (folder, "-o", out, *options))]
    runpy.run_path(str(script), run_name="__main__")
    with open(out / "answers.csv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "train"]
    return {folder / row["image"]: CLASSES.index(row["class"]) for row in rows}


class Tester:
    """Pictures read once, their features, and who is right about them."""

    def __init__(self, backbone, paths, labels):
        from inspection.classification import batches, features

        self.labels = labels
        self.images = batches.load_images(paths, SIZE, title="")
        self.features = features.extract(backbone, paths, BUILD / "features")

    def of_sklearn(self, fitted):
        return round(float(fitted.score(self.features, self.labels)), 4)

    def of_tflite(self, path):
        from inspection.deploy.runtime import load_model

        model = load_model(path)
        predicted = [model.predict(image).scores.argmax() for image in self.images]
        return round(float(np.mean(np.array(predicted) == self.labels)), 4)


def fit_sklearn(backbone, known):
    """Return a scaled logistic regression of the features of {path: label}."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from inspection.classification import features

    rows = features.extract(backbone, list(known), BUILD / "features")
    regression = LogisticRegression(max_iter=3000)
    return make_pipeline(StandardScaler(), regression).fit(rows, [*known.values()])


def convert(out, known):
    """Return {format: .tflite} of the model that the command wrote, its own first."""
    from inspection.classification import batches, saved

    classifier = saved.load_classifier(out / "model.keras")
    images = batches.load_images(list(known), SIZE, title="")
    files = {
        format: saved.save_tflite(classifier, out / f"{format}.tflite", format, images)
        for format in FORMATS[1:]
    }
    return {"float32": out / "model.tflite", **files}


def measure_one(arguments, backbone, name, seed):
    """Return {set tested on: {who: accuracy}} of one set and seed."""
    few, tested, labels = choose(arguments.data, name, seed)
    testers = {name: Tester(backbone, tested, labels)}
    if name == "concrete":
        other = choose(arguments.data, "pavement", seed)[1:]
        testers["pavement"] = Tester(backbone, *other)
    folder = write_folders(few, BUILD / f"{name}_{seed}" / "set")
    out = folder.parent / "out"
    known = train(folder, arguments.weights, out, seed)
    fitted, files = fit_sklearn(backbone, known), convert(out, known)
    return {
        where: {"scikit-learn": tester.of_sklearn(fitted)}
        | {format: tester.of_tflite(path) for format, path in files.items()}
        for where, tester in testers.items()
    }


def summary(rows):
    """Return mean accuracies, and the worst difference to scikit-learn, in points."""
    gaps = {f: [100 * (row[f] - row["scikit-learn"]) for row in rows] for f in FORMATS}
    return {
        "accuracy": {
            n: round(float(np.mean([r[n] for r in rows])), 4) for n in rows[0]
        },
        "worst_points_against_scikit_learn": {
            f: round(min(values), 2) for f, values in gaps.items()
        },
        "seeds": rows,
    }


def write(found, seeds):
    """Write what was measured so far."""
    result = {
        "data": "concrete_cracks, pavement_cracks, rust_photos; 60 + 60 pictures each, "
        "split by the command into train, val and test; measured on 150 + 150 others",
        "weights": "MobileNetV2 0.35, ImageNet, frozen",
        "seeds": seeds,
        "machine": measure.describe_machine(),
        "command": "python tests/benchmarks/few_images.py --data ../shared/data "
        "--weights ../shared/data/weights/mobilenet_v2_0.35_224_notop.npz",
        **{name: summary(rows) for name, rows in found.items()},
    }
    path = measure.ROOT / "assets/results/few_images.json"
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def main():
    arguments = parse_arguments()
    from inspection.classification.backbones import build_backbone

    backbone = build_backbone("mobilenetv2_035", SIZE, arguments.weights)
    found = {}
    for seed in SEEDS:
        for name in SETS:
            for where, row in measure_one(arguments, backbone, name, seed).items():
                print(f"{name} on {where}, seed {seed}: {row}", flush=True)
                found.setdefault(f"{name} on {where}", []).append(row)
        write(found, list(range(seed + 1)))
    print("assets/results/few_images.json")


if __name__ == "__main__":
    main()

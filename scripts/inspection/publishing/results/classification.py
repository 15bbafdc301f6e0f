"""One label a picture: cracks, rust, CIFAR-10."""

from inspection.publishing.results.markdown import (
    interval,
    published,
    sentence,
    table,
    three,
)


def cracks(result):
    """Write the classifiers of cracks."""
    head = ["", "accuracy", "95 % interval", "F1", "ROC-AUC", "on other pavements"]
    rows = []
    for step in ("head on features", "then fine-tuned, 3 epochs"):
        for name, row in result[step]["test at 0.5"].items():
            there = result[step]["on pavement_cracks at 0.5"][name]["accuracy"]
            title = name if name == "Texture" else f"{name}, {step}"
            scores = [three(row["F1"]), three(row["ROC-AUC"]), three(there)]
            sure = interval(row["low"], row["high"])
            rows.append([title, three(row["accuracy"]), sure, *scores])
    text = (
        f"{result['data']}; split {result['split']}; {result['start']}; seed "
        f"{result['seed']}, {result['machine']}. The last column is a set that nothing "
        "was trained on.\n\n"
    )
    return text + table(head, rows)


def cracks_untrained(result):
    """Write the large networks from random weights."""
    found = result["comparison"]
    rows = [
        [
            name,
            three(row["accuracy"]),
            interval(row["low"], row["high"]),
            f"{found['costs'][name]['parameters']:,}",
        ]
        for name, row in found["test at 0.5"].items()
    ]
    text = (
        "The three large networks without ImageNet: all layers trained for 3 epochs at "
        f"224 px on 144 of the same crops, tested on 60, seed {result['seed']}, in "
        f"{found['seconds'] / 60:.0f} minutes of {result['machine']}. Crops of concrete "
        "are easy, and texture by hand is right on all of these.\n\n"
    )
    return text + table(["", "accuracy", "95 % interval", "parameters"], rows)


def few_images(result):
    """Write the command's default on few pictures, beside scikit-learn."""
    kinds = [kind for kind in result if " on " in kind]
    ways = list(result[kinds[0]]["accuracy"])
    rows = [
        [sentence(kind), *(three(result[kind]["accuracy"][way]) for way in ways)]
        for kind in kinds
    ]
    machine = result["machine"]
    text = (
        "`train_classifier.py` as it is, beside scikit-learn's scaled logistic "
        f"regression of the same features. From {result['data']}; "
        f"{result['weights']}; mean accuracy of the seeds "
        f"{', '.join(map(str, result['seeds']))}; {machine['cores']} cores, "
        f"{machine['architecture']}, no GPU.\n\n"
    )
    return text + table(["learned on, tested on", *ways], rows)


def rust_photos(result):
    """Write rust or no rust on photographs, beside what was published on them."""
    measures = ("accuracy", "precision", "recall", "F1", "AUC")
    rows = [
        [way, *(three(row[m]) for m in measures)] for way, row in result["test"].items()
    ]
    rows += [
        [f"[{one['by']}]({one['source']}), {one['differs']}", "", "", "", "",
         three(one["value"])]
        for one in published("rust_photos")
    ]  # fmt: skip
    text = (
        f"{result['data']} photographs; {result['weights']}; seed {result['seed']}, "
        f"{result['machine']}; best on validation: {result['best_on_validation']}.\n\n"
    )
    return text + table(["test", *measures], rows)


def cifar10(result):
    """Write the networks on CIFAR-10, beside the paper of their kind."""
    rows = []
    for name in ("resnet9", "resnet50"):
        one = result[name]
        minutes = f"{one['training_minutes']:.0f}"
        scores = [three(one["accuracy"]), interval(*one["interval_95"])]
        rows.append([name, str(one["epochs"]), minutes, *scores])
    rows += [
        [f"[{one['by']}]({one['source']}), {one['differs']}", "", "",
         three(one["value"]), ""]
        for one in published("cifar10")
    ]  # fmt: skip
    text = (
        "A JPEG copy of a part of CIFAR-10: 15,000 training, 3,000 test pictures, from "
        f"random weights, seed {result['seed']}, {result['machine']}.\n\n"
    )
    head = ["", "epochs", "minutes", "test accuracy", "95 % interval"]
    return text + table(head, rows)

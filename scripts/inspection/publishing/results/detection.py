"""Boxes: blood cells, the formats of an exported detector, Model Garden beside ours."""

from inspection.detection.model import zoo
from inspection.publishing.results.markdown import published, sentence, table, three


def blood_cells(result):
    """Write the detector on BCCD, beside what others have published."""
    values, classes = result["metrics"], result["metrics"]["per_class"]
    row = ["this course"]
    row += [three(values[f"DetectionBoxes_Precision/mAP{k}"]) for k in ("@.50IOU", "")]
    row += [three(one["AP50"]) for one in classes.values()]
    text = (
        f"Real photographs, Pascal VOC: {result['data']}. {result['network']}, "
        f"{result['steps']:,} batches of 8 from {result['start']}, seed "
        f"{result['seed']}, {result['machine']}, {result['training_minutes']:.0f} "
        "minutes with other work on the machine. Others trained other networks, on "
        "other splits: their figures show the order of size, not a ranking.\n\n"
    )
    head = ["", "mAP@.50", "mAP@[.5:.95]", *(f"AP50 {name}" for name in classes)]
    others = [
        [
            f"[{one['by']}]({one['source']})",
            three(one["value"]),
            *[""] * (len(head) - 2),
        ]
        for one in published("bccd")
    ]
    return text + table(head, [row, *others])


def exports(result):
    """Write what each format of a detector costs and loses."""
    text = (
        "What a file loses on the way to a phone: test pictures, the runtime of phones "
        "(LiteRT); latency with one and two threads; 2 cores, x86_64, no GPU. leaks_2000 "
        "is `make_leaks.py --count 2000 --seed 99`: on 40 pictures one box more or less "
        "is half a point.\n\n"
    )
    head = ["", "format", "MB", "ms, 1 thread", "ms, 2 threads", "mAP@.50", "mAP"]
    rows = []
    for name in [name for name in result if name != "speed"]:
        for format, row in result[name]["formats"].items():
            rows.append([result[name]["data"], format, *export_row(row)])
    for format, row in result["speed"]["formats"].items():
        rows.append(["alpha 1, 320 px, random weights", format, *export_row(row)])
    return text + table(head, rows)


def export_row(row):
    """Return the cells of one format."""
    size = f"{row['bytes'] / 1e6:.1f}" if "bytes" in row else ""
    times = [
        f"{row[k]:.1f}" if k in row else "" for k in ("ms_1_thread", "ms_2_threads")
    ]
    scores = [f"{row[k]:.1f}" if k in row else "" for k in ("mAP@.50", "mAP")]
    return [size, *times, *scores]


def zoo_speed(result):
    """Write the time that each model of the zoo takes for a picture."""
    text = (
        "Networks of two classes with random weights, NMS inside, in the runtime of phones "
        f"(LiteRT) with {result['threads']} threads, by turns in one run; "
        f"{result['machine']['cores']} cores, no GPU. COCO mAP is what the "
        "zoo's page states for the original.\n\n"
    )
    head = ["", "COCO mAP", *next(iter(result["models"].values()))]
    stated = {model.base: model.coco_map for model in zoo.MODELS.values()}
    rows = [
        [name, f"{stated[name]:.1f}", *(f"{value:.1f}" for value in row.values())]
        for name, row in result["models"].items()
    ]
    return text + table(head, rows)


def model_garden(result):
    """Write our detector beside Model Garden's."""
    text = (
        f"{result['data']}; {result['network']}, from {result['start']}, "
        f"{result['augmentation']}, {result['steps']:,} steps of {result['batch_size']} "
        f"for each, seed {result['seed']}, two x86-64 cores without a GPU. "
        f"{sentence(result['remark'])}. One seed, few steps: accuracies this near "
        "decide nothing.\n\n"
    )
    ours, theirs = result["engines"]["ours"], result["engines"]["model_garden"]
    rows = [
        [with_units(name), f"{ours[name]:,.6g}", f"{theirs[name]:,.6g}"]
        for name in ours
    ]
    return text + table(["", "ours", "Model Garden"], rows)


def with_units(name):
    """Return the name of a figure in words, such as `peak memory GB`."""
    units = {"cpu": "CPU", "mb": "MB", "gb": "GB"}
    return " ".join(units.get(word, word) for word in name.split("_"))

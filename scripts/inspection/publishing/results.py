"""The results section of README.md, made from the measurements in assets/results."""

import json
import re

from inspection.course import paths

RESULTS = paths.ROOT / "assets/results"
SECTION = re.compile(r"(<!-- results -->\n).*?(<!-- end of results -->)", re.DOTALL)


def filled(text):
    """Return the text of a README with the results as they were measured."""
    if not SECTION.search(text):
        raise ValueError("README.md has lost the two marks of the results")
    parts = "\n".join(make(read(name)) for name, make in PARTS.items() if exists(name))
    return SECTION.sub(lambda found: found[1] + parts + found[2], text)


def exists(name):
    """Tell whether a result has been measured."""
    return (RESULTS / f"{name}.json").exists()


def read(name):
    """Return a result as the benchmark wrote it."""
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def paragraph(title, text, name):
    """Return the words above a table, with a link to all figures."""
    return f"**{title}** {text} ([all figures](assets/results/{name}.json)).\n\n"


def table(head, rows):
    """Return a markdown table; numbers must come as text."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def three(value):
    """Return a share with three decimals."""
    return f"{value:.3f}"


def detection(result):
    """Write the detector on BCCD."""
    values, classes = result["metrics"], result["metrics"]["per_class"]
    row = ["this course"]
    row += [three(values[f"DetectionBoxes_Precision/mAP{k}"]) for k in ("@.50IOU", "")]
    row += [three(one["AP50"]) for one in classes.values()]
    text = (
        f"Real photographs, Pascal VOC: {result['data']}. {result['network']}, "
        f"{result['steps']:,} batches of 8 from {result['start']}, seed "
        f"{result['seed']}, {result['machine']}, {result['training_minutes']:.0f} "
        "minutes with other work on the machine. Published for other networks and "
        "splits: mAP@.50 0.901 (EfficientDet-D0, Object Detection API), 0.945 (YOLOv5s)"
    )
    head = ["", "mAP@.50", "mAP@[.5:.95]", *(f"AP50 {name}" for name in classes)]
    return paragraph("Blood cells (BCCD).", text, "bccd") + table(head, [row])


def exports(result):
    """Write what each format of a detector costs and loses."""
    text = (
        "What a file loses on the way to a phone: test pictures, the runtime of phones "
        "(LiteRT); latency with one and two threads. leaks_2000 is `make_leaks.py "
        "--count 2000 --seed 99`: on 40 pictures one box more or less is half a point"
    )
    head = ["", "format", "MB", "ms, 1 thread", "ms, 2 threads", "mAP@.50", "mAP"]
    rows = []
    for name in [name for name in result if name != "speed"]:
        for format, row in result[name]["formats"].items():
            rows.append([result[name]["data"], format, *export_row(row)])
    if "speed" in result:
        for format, row in result["speed"]["formats"].items():
            rows.append(["alpha 1, 320 px, random weights", format, *export_row(row)])
    return paragraph("Exports.", text, "tflite_formats") + table(head, rows)


def export_row(row):
    """Return the cells of one format."""
    size = f"{row['bytes'] / 1e6:.1f}" if "bytes" in row else ""
    times = [
        f"{row[k]:.1f}" if k in row else "" for k in ("ms_1_thread", "ms_2_threads")
    ]
    scores = [f"{row[k]:.1f}" if k in row else "" for k in ("mAP@.50", "mAP")]
    return [size, *times, *scores]


def cracks(result):
    """Write the classifiers of cracks."""
    head = ["", "accuracy", "95 % interval", "F1", "ROC-AUC", "on other pavements"]
    rows = []
    for step in ("head on features", "then fine-tuned, 3 epochs"):
        for name, row in result[step]["test at 0.5"].items():
            there = result[step]["on pavement_cracks at 0.5"][name]["accuracy"]
            title = name if name == "Texture" else f"{name}, {step}"
            interval = f"{row['low']:.3f} to {row['high']:.3f}"
            scores = [three(row["F1"]), three(row["ROC-AUC"]), three(there)]
            rows.append([title, three(row["accuracy"]), interval, *scores])
    text = (
        f"{result['data']}; split {result['split']}; {result['start']}; seed "
        f"{result['seed']}, {result['machine']}. The last column is a set that nothing "
        "was trained on"
    )
    return paragraph("Cracks.", text, "cracks") + table(head, rows)


def untrained(result):
    """Write the large networks from random weights."""
    found = result["comparison"]
    rows = [
        [
            name,
            three(row["accuracy"]),
            f"{row['low']:.3f} to {row['high']:.3f}",
            f"{found['costs'][name]['parameters']:,}",
        ]
        for name, row in found["test at 0.5"].items()
    ]
    text = (
        "The three large networks without ImageNet: all layers trained for 3 epochs at "
        "224 px on 144 of the same crops, tested on 60, in "
        f"{found['seconds'] / 60:.0f} minutes of {result['machine']}. Crops of concrete "
        "are easy, and texture by hand is right on all of these"
    )
    head = ["", "accuracy", "95 % interval", "parameters"]
    return paragraph("Cracks, random start.", text, "cracks_untrained") + table(
        head, rows
    )


def lead(result):
    """Write how far the network is ahead, and how sure that is."""
    low, high = result["low"], result["high"]
    return (
        f"U-Net leads {result['over']} by {result['points']} points of IoU; in 95 % of "
        f"drawings of as many of the test pictures, by {low} to {high}"
    )


def segmentation(name, title):
    """Return what writes one table of ways to segment."""
    measures = ["IoU", "Dice", "precision", "recall", "boundary F1"]

    def make(result):
        rows = [
            [way, *(three(row[m]) for m in measures), f"{row['ms an image']:.0f}"]
            for way, row in result["table"].items()
        ]
        text = (
            f"{result['data']} pictures, split {result['split']}; {result['network']}, "
            f"{result['start']}, {result['epochs']} epochs, seed {result['seed']}, "
            f"{result['machine']}, {result['training']['cpu_minutes'] / 2:.0f} minutes "
            f"of two cores. {lead(result['lead'])}"
        )
        head = ["", *measures, "ms"]
        return paragraph(title, text, f"segmentation_{name}") + table(head, rows)

    return make


def rust_photos(result):
    """Write rust or no rust on photographs."""
    rows = [
        [way, *(three(row[m]) for m in ("accuracy", "precision", "recall", "F1"))]
        for way, row in result["test"].items()
    ]
    text = (
        f"{result['data']} photographs; {result['weights']}; seed {result['seed']}; "
        f"best on validation: {result['best_on_validation']}"
    )
    head = ["test", "accuracy", "precision", "recall", "F1"]
    return paragraph("Rust or no rust.", text, "rust_photos") + table(head, rows)


def cifar10(result):
    """Write the two networks on CIFAR-10."""
    rows = []
    for name in ("resnet9", "resnet50"):
        if name in result:
            one = result[name]
            low, high = one["interval_95"]
            minutes = f"{one['training_minutes']:.0f}"
            scores = [three(one["accuracy"]), f"{low:.3f} to {high:.3f}"]
            rows.append([name, str(one["epochs"]), minutes, *scores])
    text = (
        "A JPEG copy of a part of CIFAR-10: 15,000 training, 3,000 test pictures, from "
        "random weights, seed 0, two x86-64 cores without a GPU"
    )
    head = ["", "epochs", "minutes", "test accuracy", "95 % interval"]
    return paragraph("CIFAR-10.", text, "cifar10") + table(head, rows)


def model_garden(result):
    """Write our detector beside Model Garden's."""
    text = (
        f"{result['data']}; {result['network']}, from {result['start']}, "
        f"{result['augmentation']}, {result['steps']:,} steps of {result['batch_size']} "
        f"for each, seed {result['seed']}, two x86-64 cores without a GPU. "
        f"{sentence(result['remark'])}. One seed, few steps: accuracies this near decide nothing"
    )
    ours, theirs = result["engines"]["ours"], result["engines"]["model_garden"]
    head = ["", "ours", "Model Garden"]
    rows = [
        [with_units(name), f"{ours[name]:,.6g}", f"{theirs[name]:,.6g}"]
        for name in ours
    ]
    title = "Model Garden beside ours."
    return paragraph(title, text, "model_garden") + table(head, rows)


def with_units(name):
    """Return the name of a figure in words, such as `peak memory GB`."""
    units = {"cpu": "CPU", "mb": "MB", "gb": "GB"}
    return " ".join(units.get(word, word) for word in name.split("_"))


def sentence(words):
    """Return words with a capital in front, the others as they are."""
    return words[:1].upper() + words[1:]


def service(result):
    """Write the web service under load."""
    one, many = result["one at a time"], result["micro-batching, 32"]
    text = (
        f"ResNet-50 at 32x32 in LiteRT, {result['clients']} clients for "
        f"{result['seconds']} s on the server's own {result['machine']['cores']} cores: "
        f"{many['requests_per_s']:.0f} answers a second with micro-batching, "
        f"{one['requests_per_s']:.0f} without; p99 {many['p99_ms'] / 1000:.2f} s and "
        f"{one['p99_ms'] / 1000:.2f} s; {many['errors'] + one['errors']} errors; memory "
        f"{many['memory_mb_first_third']:.0f} MB at first, "
        f"{many['memory_mb_last_third']:.0f} MB at last"
    )
    return paragraph("The web service under load.", text, "serve_load")


FORMATS = ("float32", "int8")
VIDEO_COSTS = ("frames_per_s", "cpu_ms_per_frame")


def video(result):
    """Write the frame rates of detect.py."""
    ways = [f"{film} {format}" for film in ("generated", "real") for format in FORMATS]
    rows = [
        [way, *(f"{result[way][k]:.0f}" for k in ("frames", *VIDEO_COSTS))]
        for way in ways
    ]
    text = (
        f"`detect.py` on a drawn and on a real film ({result['data']}), from reading to "
        f"H.264, {result['threads']} threads of the model, two x86-64 cores, no GPU, in "
        "an environment without TensorFlow"
    )
    head = ["film, format", "frames", "frames a second", "CPU ms a frame"]
    return paragraph("Video.", text, "video") + table(head, rows)


def speed(result):
    """Write what `make bench` measured."""
    machine = result["machine"]
    text = (
        f"`make bench`, {machine['cores']} cores, {machine['architecture']}, no GPU. "
        "Ratios are of sides that took turns in one run: 0.8 means that ours takes "
        "0.8 of the time"
    )
    parts = [result[name] for name in result if isinstance(result[name], list)]
    lines = "\n\n".join("\n".join(lines) for lines in parts)
    return paragraph("Speed and memory.", text, "speed") + f"```text\n{lines}\n```\n"


PARTS = {
    "bccd": detection,
    "tflite_formats": exports,
    "cracks": cracks,
    "cracks_untrained": untrained,
    "segmentation_rust_masks": segmentation("rust_masks", "Rust, pixel by pixel."),
    "segmentation_crack_masks": segmentation("crack_masks", "Cracks, pixel by pixel."),
    "rust_photos": rust_photos,
    "cifar10": cifar10,
    "model_garden": model_garden,
    "video": video,
    "serve_load": service,
    "speed": speed,
}

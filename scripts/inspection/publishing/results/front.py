"""The one table of results in README.md: a row for each task."""

from inspection.publishing.results.markdown import (
    interval,
    published,
    read,
    table,
    three,
)
from inspection.publishing.results.page import link_to

HEAD = ["task", "data", "this course", "published, other splits"]


def front_table():
    """Return the table; each task links to its section of docs/results.md."""
    rows = [blood_cells(), leaks(), *cracks(), *rust(), cifar10(), phone(), service()]
    return table(HEAD, [[f"[{t}]({link_to(section)})", *r] for t, section, *r in rows])


def others(name):
    """Return what others have published, each figure with its source."""
    return ", ".join(
        f"[{one['value']:.3f}]({one['source']}) {one['by'].split(',')[0]}"
        for one in published(name)
    )


def blood_cells():
    """Return the row of the detector on photographs."""
    metrics = read("bccd")["metrics"]
    score = f"mAP@.50 {metrics['DetectionBoxes_Precision/mAP@.50IOU']:.3f}"
    data = f"BCCD, {metrics['pictures']} test photographs"
    return "blood cells, boxes", "Blood cells, boxes", data, score, others("bccd")


def leaks():
    """Return the row of the detector on drawn scenes."""
    found = read("tflite_formats")["leaks_2000"]
    score = f"mAP@.50 {found['formats']['keras']['mAP@.50'] / 100:.3f}"
    data = found["data"].replace("leaks_2000, test (", "drawn: ").removesuffix(")")
    return "leaks, boxes", "Exports", data, score, "–"


def cracks():
    """Return the rows of cracks: one label a picture, one label a pixel."""
    key, name = "then fine-tuned, 3 epochs", "MobileNetV2 0.35"
    tuned = read("cracks")[key]
    row, there = (tuned[k][name] for k in ("test at 0.5", "on pavement_cracks at 0.5"))
    score = (
        f"accuracy {three(row['accuracy'])} ({interval(row['low'], row['high'])}); "
        f"another set {three(there['accuracy'])}"
    )
    return [
        (
            "cracks or none",
            "Cracks or none",
            "METU concrete, 500 test crops",
            score,
            "–",
        ),
        ("cracks, pixels", "Cracks, pixel by pixel", *masks("crack_masks"), "–"),
    ]


def rust():
    """Return the rows of rust: one label a picture, one label a pixel."""
    found = read("rust_photos")
    best = found["test"][found["best_on_validation"]]
    score = f"accuracy {three(best['accuracy'])}, AUC {three(best['AUC'])}"
    data, theirs = "140 test photographs", f"AUC {others('rust_photos')}"
    return [
        ("rust or none", "Rust or none", data, score, theirs),
        ("rust, pixels", "Rust, pixel by pixel", *masks("rust_masks"), "–"),
    ]


def masks(name):
    """Return data and score of a network that marks pixels, beside the best rule."""
    found = read(f"segmentation_{name}")
    over = found["lead"]["over"]
    scores = [three(found["table"][way]["IoU"]) for way in ("U-Net", over)]
    tested = found["data"].split(", ")[-1].removesuffix(" test")
    return f"{tested} test photographs", f"IoU {scores[0]}; {over} {scores[1]}"


def cifar10():
    """Return the row of ten classes."""
    small = read("cifar10")["resnet9"]
    score = f"accuracy {three(small['accuracy'])} in {small['training_minutes']:.0f} minutes"
    data = "15,000 of 50,000 to train, 3,000 to test"
    return "CIFAR-10", "CIFAR-10", data, score, others("cifar10")


def phone():
    """Return the row of what an exported detector costs."""
    formats = read("tflite_formats")["bccd"]["formats"]
    small = formats["int8"]
    lost = formats["keras"]["mAP@.50"] - small["mAP@.50"]
    score = (
        f"{small['ms_1_thread']:.0f} ms on one core, {small['bytes'] / 1e6:.1f} MB, "
        f"{lost:.1f} points of mAP@.50 lost"
    )
    return "for a phone", "Exports", "blood cells, int8", score, "–"


def service():
    """Return the row of the web service."""
    found = read("serve_load")["micro-batching, 32"]
    score = f"{found['requests_per_s']:.0f} answers a second, p99 {found['p99_ms']} ms"
    return "web service", "The web service", "ResNet-50, two cores", score, "–"

"""What the figures of the page show: their values and their words, without a drawing."""

import re
from dataclasses import dataclass

from inspection.publishing.results import growth as growths
from inspection.publishing.results.markdown import read

MASKS = {"rust": "segmentation_rust_masks", "cracks": "segmentation_crack_masks"}
FORMAT_SETS = {"bccd": "blood cells, 320 px", "leaks_2000": "leaks, 224 px"}
READINGS = {
    "cracks": "On the concrete that they know, a network is no better than texture by hand: "
    "the intervals overlap. On pavements that nothing was trained on they do not. "
    "Fine-tuning gains nothing: no epoch of it was better on validation than the head.",
    "masks": "A network is worth its labels, on thin cracks most of all. Several ways "
    "together take many times as long and gain less than a point of IoU over U-Net alone.",
    "formats": "All formats find the same within half a point. int8 is a third of float32 "
    "and the fastest; dynamic is as small and takes more than twice the time.",
    "growth": "Ten times as many pictures take about ten times as long; below a thousand the "
    "start is what takes the time. In a batch of 8 a picture costs little more than half of one "
    "alone, and 16 bring nothing more.",
    "speed": "Little is gained by doing the same faster, most by not doing it twice: a "
    "frozen network needs to see each picture once.",
}


@dataclass(frozen=True)
class Chart:
    """values: {series: {label: numbers}}; alt: the same for those who cannot see it.

    reading: what it shows; a test asks whether it still does.
    """

    name: str
    alt: str
    values: dict
    reading: str

    @property
    def description(self):
        """Return all values in words, to be kept within the file of the figure."""
        return "; ".join(
            f"{series}, {label}: {' '.join(f'{n:g}' for n in numbers)}"
            for series, points in self.values.items()
            for label, numbers in points.items()
        )


def cracks():
    """Return accuracies of crack classifiers: (value, low, high) of a 95 % interval."""
    result = read("cracks")
    tests = {
        "test, concrete": "test at 0.5",
        "other pavements": "on pavement_cracks at 0.5",
    }
    values = {series: {} for series in tests}
    for step, words in (
        ("head on features", "head on features"),
        ("then fine-tuned, 3 epochs", "fine-tuned"),
    ):
        for series, key in tests.items():
            for name, row in result[step][key].items():
                label = name if name == "Texture" else f"{name}, {words}"
                values[series][label] = (row["accuracy"], row["low"], row["high"])
    alt = "accuracy with 95 % intervals: " + "; ".join(
        f"{label} {values['test, concrete'][label][0]:.3f} on the test, {there[0]:.3f} on "
        "other pavements"
        for label, there in values["other pavements"].items()
    )
    return Chart("cracks", alt, values, READINGS["cracks"])


def masks():
    """Return the IoU of each way to segment rust and cracks."""
    values = {
        series: {way: (row["IoU"],) for way, row in read(name)["table"].items()}
        for series, name in MASKS.items()
    }
    rules = {
        series: max(("HSV limits", "Lab limits", "watershed"), key=points.get)
        for series, points in values.items()
    }
    alt = "IoU of twelve ways to segment: " + "; ".join(
        f"{series}: U-Net {points['U-Net'][0]:.3f}, best rule ({rules[series]}) "
        f"{points[rules[series]][0]:.3f}"
        for series, points in values.items()
    )
    return Chart("masks", alt, values, READINGS["masks"])


def formats():
    """Return (ms with one thread, mAP@.50, MB) of each file format of two detectors."""
    result = read("tflite_formats")
    values = {
        words: {
            kind: (row["ms_1_thread"], row["mAP@.50"], row["bytes"] / 1e6)
            for kind, row in result[name]["formats"].items()
            if "bytes" in row
        }
        for name, words in FORMAT_SETS.items()
    }
    alt = "milliseconds and mAP@.50 of exported detectors: " + "; ".join(
        f"{words}: float32 {points['float32'][0]:g} ms {points['float32'][1]:.1f}, int8 "
        f"{points['int8'][0]:g} ms {points['int8'][1]:.1f}"
        for words, points in values.items()
    )
    return Chart("formats", alt, values, READINGS["formats"])


def speed():
    """Return the time of our way as a share of the time of the other."""
    bench, garden = read("speed"), read("model_garden")["engines"]
    steps = [garden[k]["step_by_turns_wall_s"] for k in ("ours", "model_garden")]
    rates = [read("serve_load")[k]["requests_per_s"]
             for k in ("one at a time", "micro-batching, 32")]  # fmt: skip
    place, once, cache = (
        wall(bench["extraction"], name)
        for name in ("in place", "extracted once", "from the cache")
    )
    shares = {
        "a training step, over tf_keras": ratio(bench["training_step"], "tf_keras"),
        "a training step, over Model Garden": steps[0] / steps[1],
        "an answer under load, batched over one at a time": rates[0] / rates[1],
        "5 epochs on a frozen ResNet-50, features extracted once": once / place,
        "500 XML to a record, over importing TensorFlow": ratio(
            bench["records"], "import"
        ),
        "5 epochs on a frozen ResNet-50, features from the cache": cache / place,
    }
    values = {"share of the time": {k: (round(v, 3),) for k, v in shares.items()}}
    alt = "time as a share of the other way: " + "; ".join(
        f"{words} {share:.2f}" for words, share in shares.items()
    )
    return Chart("speed", alt, values, READINGS["speed"])


def growth():
    """Return the points of each cost, {series: {count: (cost,)}}, by panel."""
    values, alt = {}, []
    for panel, lines in growths.chart_values().items():
        for name, costs in lines.items():
            values[f"{panel}: {name}"] = {f"{n}": (cost,) for n, cost in costs.items()}
            alt.append(f"{name} ({panel.split(', ')[0]})")
    alt = "cost on logarithmic axes: " + "; ".join(alt)
    return Chart("growth", alt, values, READINGS["growth"])


def wall(lines, name):
    """Return the seconds in the first line of a benchmark that begins with a name."""
    line = next(line for line in lines if line.startswith(f"{name}  "))
    return float(re.search(r"wall_s ([\d.]+)", line)[1])


def ratio(lines, name):
    """Return the ratio of wall times to what a benchmark calls by a name."""
    line = next(line for line in lines if line.startswith(f"ratio_to_{name}_wall"))
    return float(line.split()[-1])


CHARTS = {
    "cracks": cracks,
    "masks": masks,
    "formats": formats,
    "speed": speed,
    "growth": growth,
}

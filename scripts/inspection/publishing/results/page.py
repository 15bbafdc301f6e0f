"""docs/results.md: a section for each measurement, with its figure."""

from inspection.common.atomic_files import write_text
from inspection.course import paths
from inspection.publishing.error_guide import anchor
from inspection.publishing.results import (
    anomaly,
    classification,
    datasets,
    deployment,
    detection,
    growth,
    recipe,
    segmentation,
)
from inspection.publishing.results.charts import CHARTS
from inspection.publishing.results.markdown import Section, is_measured, read

PAGE = paths.ROOT / "docs" / "results.md"
HEAD = """# Results

Made by `python tools/build_results.py` from the measurements in `assets/results/`.

What follows was measured once, most of it on real pictures, in full and never in quick mode;
figures of quick mode stand in the [list of notebooks](../notebooks/README.md), and `make course`
shows those of your machine. Below each heading stand data, seed and machine, then the benchmark
that measured it: its `--help` shows the line, with the data wherever you keep it. `make bench`
measures speed and memory on your machine.

"""
SECTIONS = [
    Section("Blood cells, boxes", "bccd", "bccd", detection.blood_cells),
    Section("Cracks or none", "cracks", "cracks", classification.cracks, "cracks"),
    Section("Cracks or none, random start", "cracks_untrained", "cracks",
            classification.cracks_untrained),
    Section("Few pictures", "few_images", "few_images", classification.few_images),
    Section("Cracks, pixel by pixel", "segmentation_crack_masks", "segmentation",
            segmentation.masks, "masks"),
    Section("Rust or none", "rust_photos", "rust_photos", classification.rust_photos),
    Section("Rust, pixel by pixel", "segmentation_rust_masks", "segmentation",
            segmentation.masks),
    Section("Only good parts", "good_only", "anomaly/good_only", anomaly.good_only),
    Section("Has the camera changed?", "drift", "anomaly/drift", anomaly.drift),
    Section("Large pictures in tiles", "tiled", "tiled", deployment.tiled),
    Section("CIFAR-10", "cifar10", "cifar10", classification.cifar10),
    Section("Exports", "tflite_formats", "tflite_formats", detection.exports,
            "formats"),
    Section("Video", "video", "video", deployment.video),
    Section("The web service", "serve_load", "service/serve_load", deployment.service),
    Section("Broken requests", "serve_fuzz", "service/serve_fuzz", deployment.fuzz),
    Section("Hostile clients", "serve_soak", "service/serve_soak", deployment.soak),
    Section("The page in the browser", "web_page", "web_page", deployment.web_page),
    Section("Large sets checked", "check_costs", "check_costs", datasets.check_costs),
    Section("How cost grows", "growth", "growth/records_growth", growth.growth, "growth"),
    Section("Broken files", "fuzz_readers", "fuzz_readers", datasets.fuzz_readers),
    Section("Model Garden beside ours", "model_garden", "model_garden",
            detection.model_garden),
    Section("Speed and memory", "speed", "run", deployment.speed, "speed"),
]  # fmt: skip
# of measurements that take days: each has its section when there is something to say
AWAITED = [
    Section("Models of the zoo", "zoo_speed", "zoo_speed", detection.zoo_speed),
    Section("Models of the zoo on blood cells", "zoo_models", "recipe/zoo_models",
            recipe.zoo_models),
    Section("What a recipe brings", "ablation", "recipe/ablation", recipe.ablation),
    Section("Elongated boxes", "elongated", "recipe/elongated", recipe.elongated),
    Section("Small objects in large pictures", "small_objects", "recipe/small_objects",
            recipe.small_objects),
    Section("What takes long", "soak", "endurance/soak", deployment.long_runs),
]  # fmt: skip
SECTIONS += [section for section in AWAITED if is_measured(section.name)]
ORIGINAL = """## The original

Against values that the Object Detection API computed (TensorFlow 2.15.1): anchors equal; network
outputs within 1e-5; detections from a PNG within 1e-6; targets equal; losses within 1e-6 relative
in both modes of batch normalization; all 384 variables of a zoo checkpoint read by name
([the test](../tests/detection/model/test_original_parity.py)). The gradient's norm agrees within
1e-6 with fixed statistics, within 0.2 % with those of the batch, where a change of 1e-7 in the
input moves the gradient by 2 %.

The zoo's other families, six references: preprocessed pictures equal, anchors within 2e-7, feature
maps, outputs and detections within 2e-4, losses and regularization within 1e-5 relative, every
variable at its place ([the test](../tests/detection/model/test_zoo_parity.py)).
"""


def tests_text():
    """Return how many of the small faults of tools/mutate.py the tests notice."""
    found = read("mutation")
    return (
        "## The tests\n\n"
        f"`tools/mutate.py` puts {found['faults']} small faults, one after the other, "
        "into copies of the modules that calculate, and runs the tests that speak of "
        f"them: {found['after']['caught']} of {found['after']['tried']} of those tried are noticed "
        f"([all figures](../assets/results/mutation.json)); before they were strengthened it was "
        f"{found['before']['caught']} of {found['before']['tried']}.\n"
    )


def write_page(page=PAGE):
    """Write the page and return its path."""
    write_text(page, page_text())
    return page


def page_text():
    """Return the text of the page as it should be."""
    titles = [section.title for section in SECTIONS] + ["The original", "The tests"]
    contents = "".join(f"* [{title}](#{anchor(title)})\n" for title in titles)
    sections = "".join(map(section_text, SECTIONS))
    return f"{HEAD}{contents}\n{sections}{ORIGINAL}\n{tests_text()}"


def section_text(section):
    """Return a heading with its words, tables and figure, and where they come from."""
    return (
        f"## {section.title}\n\n{section.write(read(section.name))}\n"
        f"{figure_text(section.figure)}"
        f"Measured by `tests/benchmarks/{section.benchmark}.py`; "
        f"[all figures](../assets/results/{section.name}.json).\n\n"
    )


def figure_text(name):
    """Return a figure and what it shows, nothing for a section without one."""
    if name is None:
        return ""
    chart = CHARTS[name]()
    return f"![{chart.alt}](../assets/figures/{name}.svg)\n\n{chart.reading}\n\n"


def link_to(title):
    """Return the address of a section as README.md links to it."""
    if title not in {section.title for section in SECTIONS}:
        raise ValueError(f"docs/results.md has no section {title!r}")
    return f"docs/results.md#{anchor(title)}"

"""One model, one answer: in a notebook, from a command, from the service, in the page.

Each asks about the same photographs, of any size and however the camera was held, and
has to say the same label, with scores within a hundredth or two.
"""

import csv
import dataclasses

import keras
import numpy as np
import pytest
from PIL import Image

from helpers import browser
from helpers.commands import run_command
from helpers.images import QUARTER_TURNS, encode, encode_oriented
from helpers.leak_exports import CHECKPOINT, export_once, read_config, sample_images
from inspection.classification import saved
from inspection.classification.predictions import Predictions
from inspection.common.detections import class_names_by_id
from inspection.datasets.images.image_file import read_rgb
from inspection.deploy import runtime
from inspection.deploy.service.app import create_app
from inspection.detection.model.detector import load_detector
from inspection.segmentation import export, training
from inspection.segmentation.segmenter import Segmenter
from inspection.segmentation.unet import build_unet

needs_browser = pytest.mark.skipif(
    bool(browser.missing()), reason=f"needs {browser.missing()}"
)
CLOSE = 0.02
SIZES = {"small": (44, 60), "large": (3000, 4000), "portrait": (1600, 900)}
NAMES = ["large.jpg", "portrait.jpg", "small.png", "turned.jpg"]  # as commands go


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Return picture files whose fine pattern is lost where single pixels are looked at."""
    folder = tmp_path_factory.mktemp("photographs ü")
    for number, (name, size) in enumerate(SIZES.items()):
        kind = "png" if name == "small" else "jpg"
        options = {} if kind == "png" else {"quality": 92}
        Image.fromarray(scene(number, size)).save(folder / f"{name}.{kind}", **options)
    stored = np.ascontiguousarray(np.rot90(scene(3, (1200, 800)), QUARTER_TURNS[6]))
    (folder / "turned.jpg").write_bytes(encode_oriented(stored, 6, quality=92))
    return [folder / name for name in NAMES]


def scene(seed, size):
    """Return a wall of large patches, with bright lines as thin as a few pixels."""
    rng = np.random.default_rng(seed)
    patches = Image.fromarray(rng.integers(20, 170, (5, 6, 3), np.uint8))
    image = np.array(patches.resize(size[::-1], Image.Resampling.BICUBIC))
    step = max(7, min(size) // 40)
    for start in range(max(1, step // 4)):
        image[:, start::step, seed % 3] = 250
    return image


def ask_service(path, image):
    """Return the JSON of a service of the model in a file."""
    client = create_app(runtime.load_model(path)).test_client()
    data = image.read_bytes()
    if len(data) > 5 * 2**20:  # as the page of the service shrinks what it sends
        data = encode(Image.fromarray(read_rgb(image)), "JPEG", quality=80)
    kind = "image/png" if image.suffix == ".png" else "image/jpeg"
    answer = client.post("/api/predict?threshold=0.1", data=data, content_type=kind)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


@pytest.fixture(scope="module")
def chromium():
    with browser.open_browser() as opened:
        yield opened


@pytest.fixture
def ask_page(chromium):
    """Return a function: a model's file and pictures to the rows of the page."""

    def ask(path, images):
        page = chromium.new_page()
        with browser.serve(path) as url:
            page.goto(url)
            browser.wait_for(page, "ready")
            page.evaluate(SLIDE)
            rows = [browser.show(page, image) for image in images]
        page.close()
        return rows

    return ask


SLIDE = """() => {
  document.getElementById("threshold").value = 0.1;
  document.getElementById("threshold").dispatchEvent(new Event("input"));
}"""


# --- classifier


@pytest.fixture(scope="module")
def classifier(photographs, tmp_path_factory):
    """Return (.keras, .tflite) of a network whose threshold parts the photographs."""
    keras.utils.set_random_seed(3)
    image = keras.Input((16, 16, 3), name="image")
    x = keras.layers.Rescaling(1 / 127.5, -1)(image)
    x = keras.layers.Conv2D(8, 3, activation="relu")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    score = keras.layers.Dense(1, activation="sigmoid")
    network = keras.Model(image, score(x))
    facts = saved.Facts(
        class_names=("clean", "crack"), size=16, backbone="tiny", weights="random"
    )
    scores = saved.Classifier(network, facts).scores_of_files(photographs)[:, 1]
    logits = np.log(scores / (1 - scores))
    spread = 2 / np.abs(logits - logits.mean()).max()
    score.kernel.assign(spread * score.kernel)
    score.bias.assign(-spread * logits.mean(keepdims=True))
    scores = saved.Classifier(network, facts).scores_of_files(photographs)[:, 1]
    low, high = np.sort(scores)[:2]
    assert high - low > 4 * CLOSE, "the photographs have to differ"
    facts = dataclasses.replace(facts, threshold=float((low + high) / 2))
    one, folder = saved.Classifier(network, facts), tmp_path_factory.mktemp("cracks")
    saved.save_classifier(one, folder / "model.keras")
    saved.save_tflite(one, folder / "model.tflite")
    return folder / "model.keras", folder / "model.tflite"


@pytest.fixture(scope="module")
def said(classifier, photographs):
    """Return what a notebook is told: [(label, score of the last class)]."""
    one = saved.load_classifier(classifier[0])
    scores = one.scores_of_files(photographs)
    found = Predictions(scores, one.facts.threshold)
    labels = [one.facts.class_names[place] for place in found.predicted]
    assert set(labels) == {"clean", "crack"}
    return list(zip(labels, found.probabilities))


@pytest.mark.parametrize("place", [0, 1], ids=[".keras", ".tflite"])
def test_classify_says_what_a_notebook_says(
    classifier, photographs, said, place, tmp_path, monkeypatch, capsys
):
    status, _, err = run_command(
        monkeypatch, capsys, "classify", classifier[place], *photographs, "-o", tmp_path
    )
    assert status == 0, err
    rows = csv.DictReader((tmp_path / "classes.csv").open(encoding="utf-8"))
    compare([(row["class"], float(row["crack"])) for row in rows], said)


def test_the_service_says_what_a_notebook_says(classifier, photographs, said):
    answers = [ask_service(classifier[1], path) for path in photographs]
    compare([(a["label"], score_of(a["classes"], "score")) for a in answers], said)


@needs_browser
def test_the_page_says_what_a_notebook_says(classifier, photographs, said, ask_page):
    pages = ask_page(classifier[1], photographs)
    found = [(rows[0][0], dict(row[:2] for row in rows)["crack"]) for rows in pages]
    compare(found, said)


def score_of(rows, key, label="crack"):
    return next(row[key] for row in rows if row["label"] == label)


def compare(found, wanted):
    assert [label for label, _ in found] == [label for label, _ in wanted]
    scores = [[score for _, score in some] for some in (found, wanted)]
    np.testing.assert_allclose(*scores, atol=CLOSE)


# --- segmenter


@pytest.fixture(scope="module")
def segmenter(photographs, tmp_path_factory):
    """Return (folder, .tflite) of a U-Net; a third of the pixels reach its threshold."""
    keras.utils.set_random_seed(5)
    network = build_unet(depth=2, width=4, size=(32, 32))
    network.get_layer("score").kernel.assign(3 * network.get_layer("score").kernel)
    folder = tmp_path_factory.mktemp("rust")
    settings = training.Settings(size=32, depth=2, width=4)
    network.save(folder / training.MODEL)
    training.write_settings(folder, settings)
    maps = [Segmenter(folder).probability(read_rgb(path)) for path in photographs]
    threshold = float(np.mean([np.quantile(one, 0.66) for one in maps]))
    training.write_settings(folder, dataclasses.replace(settings, threshold=threshold))
    export.export(network, 32, folder / "rust.tflite", threshold=threshold)
    return folder, folder / "rust.tflite"


@pytest.fixture(scope="module")
def shares(segmenter, photographs):
    """Return what a notebook is told: the share of each photograph that is rust."""
    one = Segmenter(segmenter[0])
    found = [one.mask(read_rgb(path)).mean() for path in photographs]
    assert all(0.01 < share < 0.99 for share in found)
    return found


def test_segment_marks_what_a_notebook_marks(
    segmenter, photographs, shares, tmp_path, monkeypatch, capsys
):
    status, _, err = run_command(
        monkeypatch, capsys, "segment", segmenter[0], *photographs, "-o", tmp_path
    )
    assert status == 0, err
    rows = csv.DictReader((tmp_path / "areas.csv").open(encoding="utf-8"))
    found = {row["image"]: float(row["rust_percent"]) / 100 for row in rows}
    np.testing.assert_allclose([found[name] for name in NAMES], shares, atol=CLOSE)


def test_the_service_marks_what_a_notebook_marks(segmenter, photographs, shares):
    answers = [ask_service(segmenter[1], path) for path in photographs]
    found = [score_of(answer["classes"], "share", "rust") for answer in answers]
    np.testing.assert_allclose(found, shares, atol=CLOSE)


@needs_browser
def test_the_page_marks_what_a_notebook_marks(segmenter, photographs, shares, ask_page):
    pages = ask_page(segmenter[1], photographs)
    found = [dict(row[:2] for row in rows)["rust"] for rows in pages]
    np.testing.assert_allclose(found, shares, atol=CLOSE)


# --- detector


@pytest.fixture(scope="module")
def detector(tmp_path_factory):
    return export_once(tmp_path_factory) / "leaks_float32.tflite"


@pytest.fixture(scope="module")
def leaks(tmp_path_factory):
    """Return photographs of leaks of all sizes."""
    folder = tmp_path_factory.mktemp("leaks")
    scenes = [Image.open(path).convert("RGB") for path in sample_images(4)]
    sizes = {"small.png": (320, 240), "large.jpg": (4000, 3000)}
    for (name, size), image in zip(sizes.items(), scenes):
        image.resize(size, Image.Resampling.BICUBIC).save(folder / name)
    high = scenes[2].crop((0, 0, scenes[2].height * 9 // 16, scenes[2].height))
    high.resize((900, 1600), Image.Resampling.BICUBIC).save(folder / "portrait.jpg")
    stored = np.ascontiguousarray(np.rot90(np.array(scenes[3]), QUARTER_TURNS[6]))
    (folder / "turned.jpg").write_bytes(encode_oriented(stored, 6, quality=92))
    return [folder / name for name in NAMES]


@pytest.fixture(scope="module")
def found(leaks):
    """Return what a notebook is told: [[(label, score, ymin, xmin, ymax, xmax)]]."""
    one, names = load_detector(read_config(), CHECKPOINT), class_names_by_id(LABELS)
    answers = [one.detect(read_rgb(path)).above(0.1) for path in leaks]
    rows = [
        [
            (names[int(i)], score, *box)
            for i, score, box in zip(a.class_ids, a.scores, a.boxes)
        ]
        for a in answers
    ]
    sure = [sum(row[1] >= SURE + CLOSE for row in some) for some in rows]
    assert sum(map(bool, sure)) >= 3, rows
    return rows


LABELS = ["leak", "puddle"]
SURE = 0.3


def compare_boxes(some, others):
    """Hold that what either is sure of, the other found as well."""
    for one, other in zip(some, others, strict=True):
        assert_found(one, other)
        assert_found(other, one)


def assert_found(wanted, among):
    for label, score, *box in wanted:
        if score >= SURE + CLOSE:
            assert any(
                label == name
                and abs(score - value) <= CLOSE
                and np.abs(np.subtract(box, corners)).max() < CLOSE
                for name, value, *corners in among
            ), (label, score, box, among)


def test_detect_finds_what_a_notebook_finds(
    detector, leaks, found, tmp_path, monkeypatch, capsys
):
    status, _, err = run_command(
        *(monkeypatch, capsys, "detect", detector, *leaks, "-o", tmp_path),
        *("--threshold", "0.1"),
    )
    assert status == 0, err
    rows = list(csv.DictReader((tmp_path / "detections.csv").open(encoding="utf-8")))
    compare_boxes([boxes_in(rows, path.name) for path in leaks], found)


def boxes_in(rows, name):
    """Return the boxes of one picture in detections.csv, as shares of its sides."""
    return [
        (
            row["class"],
            float(row["score"]),
            *(
                int(row[f"{axis}{end}"]) / int(row[side])
                for end in ("min", "max")
                for axis, side in (("y", "height"), ("x", "width"))
            ),
        )
        for row in rows
        if row["filename"] == name
    ]


def test_the_service_finds_what_a_notebook_finds(detector, leaks, found):
    answers = [ask_service(detector, path)["detections"] for path in leaks]
    rows = [
        [(r["label"], r["score"], *r["box"].values()) for r in some] for some in answers
    ]
    compare_boxes(rows, found)


@needs_browser
def test_the_page_finds_what_a_notebook_finds(detector, leaks, found, ask_page):
    pages = ask_page(detector, leaks)
    sizes = [read_rgb(path).shape[:2] for path in leaks]
    rows = [
        [
            (label, score, y / high, x / wide, (y + height) / high, (x + width) / wide)
            for label, score, (x, y, width, height) in some
        ]
        for some, (high, wide) in zip(pages, sizes)
    ]
    compare_boxes(rows, found)

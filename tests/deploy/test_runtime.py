"""The runtime against model files whose answers are known."""

import numpy as np
import pytest

from helpers import tiny_models as tiny
from helpers.commands import run_python
from helpers.images import painted
from inspection.classification.model_files import load_model_file
from inspection.common.errors import UserError
from inspection.course import paths
from inspection.datasets.images import resizing
from inspection.datasets.images.image_file import read_rgb
from inspection.deploy import model_file, runtime
from inspection.deploy.results import Classification
from inspection.tflite.metadata import add_metadata


def load(folder, data, name="tiny ü.tflite"):
    path = folder / name
    path.write_bytes(data)
    return runtime.load_model(path)


def both(size=(20, 30)):
    """Return a picture with as much red as blue in it."""
    return painted(255, 0, 255, size)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
def test_a_detector_is_read_by_names_whatever_the_order_of_its_outputs(tmp_path, order):
    model = load(tmp_path, tiny.make_detector(order=order))
    assert (model.kind, model.labels) == ("detector", ("leak", "puddle"))
    assert model.input_size == (8, 8)
    found = model.predict(both())
    assert found.boxes == pytest.approx(np.array(tiny.BOXES), abs=1e-6)
    assert found.scores == pytest.approx(np.array([0.9, 0.8]), abs=1e-6)
    assert found.class_ids.tolist() == [1, 2]


@pytest.mark.parametrize("kind", ["uint8", "int8"])
def test_pictures_are_scaled_to_the_type_of_the_input(tmp_path, kind):
    found = load(tmp_path, tiny.make_detector(kind=kind)).predict(both())
    assert found.scores == pytest.approx(np.array([0.9, 0.8]), abs=0.01)


def test_slots_past_the_number_of_detections_are_cut_away(tmp_path):
    model = load(tmp_path, tiny.make_detector())
    assert len(model.predict(both())) == 2
    assert len(model.predict(painted(red=255))) == 1
    nothing = model.predict(painted())
    assert nothing.boxes.shape == (0, 4) and nothing.scores.shape == (0,)


def test_results_stay_as_they_were_after_the_next_picture(tmp_path):
    model = load(tmp_path, tiny.make_detector())
    first = model.predict(both())
    model.predict(painted())
    assert first.scores == pytest.approx(np.array([0.9, 0.8]), abs=1e-6)


def test_the_order_of_corners_is_that_of_the_metadata(tmp_path):
    model = load(tmp_path, tiny.make_detector(box_order=(0, 1, 2, 3)))
    swapped = np.array(tiny.BOXES)[:, [1, 0, 3, 2]]
    assert model.predict(both()).boxes == pytest.approx(swapped, abs=1e-6)


def test_boxes_end_at_the_edge_of_the_picture(tmp_path, monkeypatch):
    monkeypatch.setattr(tiny, "BOXES", [[-0.1, 0.2, 0.5, 1.2], [0.1, 0.1, 0.3, 0.3]])
    found = load(tmp_path, tiny.make_detector()).predict(both())
    assert found.boxes[0] == pytest.approx([0, 0.2, 0.5, 1], abs=1e-6)


def test_above_keeps_what_scores_enough(tmp_path):
    found = load(tmp_path, tiny.make_detector()).predict(both()).above(0.85)
    assert found.class_ids.tolist() == [1] and len(found.boxes) == 1


@pytest.mark.parametrize("types", [("float32", "float32"), ("uint8", "uint8")])
def test_a_classifier_gives_a_score_to_each_class(tmp_path, types):
    model = load(tmp_path, tiny.make_classifier(kind=types[0], out=types[1]))
    scores = model.predict(painted(green=255, size=(3, 50))).scores
    logits = np.exp([-3, 3, -3])
    assert scores == pytest.approx(logits / logits.sum(), abs=0.01)
    assert model.predict(painted(blue=255)).best == 2


def test_a_batch_gives_what_single_pictures_give(tmp_path):
    model = load(tmp_path, tiny.make_classifier())
    images = [painted(red=255), painted(9, 99, 200, (5, 7)), both()]
    for count in (3, 1, 2):
        batch = model.predict_batch(images[:count])
        single = [model.predict(image) for image in images[:count]]
        assert np.allclose([b.scores for b in batch], [s.scores for s in single])
    assert model.predict_batch([]) == []


def test_a_segmenter_gives_a_mask_of_the_picture_s_size(tmp_path):
    model = load(tmp_path, tiny.make_segmenter())
    image = painted(size=(32, 48))
    image[:, 24:, 0] = 255
    found = model.predict(image)
    assert found.scores.shape == (8, 8, 2)
    assert found.scores.sum(axis=2) == pytest.approx(1, abs=1e-5)
    assert found.mask.shape == (32, 48) and found.mask.dtype == np.uint8
    assert (found.mask[:, :18] == 0).all() and (found.mask[:, 30:] == 1).all()


def test_files_of_the_course_s_own_writer_are_read(tmp_path):
    plain = tiny.make_detector(metadata=False)
    data = add_metadata(
        plain, "detector", ["Leck ä", "漏水"], "leaks", "water", 100, 50
    )
    model = load(tmp_path, data)
    assert model.labels == ("Leck ä", "漏水") and model.name == "leaks"
    assert (model.file.mean, model.file.std) == (100, 50)
    assert model.file.box_order == (1, 0, 3, 2)


@pytest.mark.parametrize("threshold", [None, 0.2, 0.7])
def test_a_threshold_goes_with_the_file(tmp_path, threshold):
    plain = tiny.make_segmenter(metadata=False)
    labels = ["background", "rust"]
    data = add_metadata(plain, "segmenter", labels, "a", "b", threshold=threshold)
    model = load(tmp_path, data)
    assert model.file.threshold == threshold
    image = np.zeros((8, 8, 3), np.uint8)
    image[..., 0] = np.arange(64).reshape(8, 8) * 4
    found = model.predict(image)
    limit = found.scores[..., 0] if threshold is None else threshold
    np.testing.assert_array_equal(found.mask, found.scores[..., 1] > limit)
    assert 0 < found.mask.mean() < 1


def test_the_tile_of_the_training_goes_with_the_file(tmp_path):
    plain, labels = tiny.make_classifier(metadata=False), ["red", "green", "blue"]
    for told, found in ((None, 0), (227, 227)):
        data = add_metadata(plain, "classifier", labels, "a", "b", tile=told)
        path = tmp_path / "a.tflite"
        path.write_bytes(data)
        assert load_model_file(path).tile == found


@pytest.mark.parametrize("threshold", [-0.1, 1.5, "a", [0.5], float("nan")])
def test_a_threshold_that_is_none_is_damage(tmp_path, threshold):
    plain = tiny.make_segmenter(metadata=False)
    labels = ["background", "rust"]
    data = add_metadata(plain, "segmenter", labels, "a", "b", threshold=threshold)
    with pytest.raises(UserError, match="is damaged"):
        load(tmp_path, data)


def test_of_two_classes_the_last_is_said_from_its_threshold_on():
    assert Classification(np.array([0.6, 0.4]), 0.3).best == 1
    assert Classification(np.array([0.6, 0.4])).best == 0
    assert Classification(np.array([0.2, 0.5, 0.3]), 0.1).best == 1


def sampled(image, size):
    """Return a picture sampled at i * scale, bilinear: TensorFlow's ResizeBilinear."""
    rows, columns = (np.arange(n) * (m / n) for n, m in zip(size, image.shape))
    top, left = rows.astype(int), columns.astype(int)
    down, right = (
        np.minimum(top + 1, len(image) - 1),
        np.minimum(left + 1, image.shape[1] - 1),
    )
    y, x = (rows - top)[:, None, None], (columns - left)[:, None]
    image = image.astype(float)
    upper = image[top][:, left] * (1 - x) + image[top][:, right] * x
    lower = image[down][:, left] * (1 - x) + image[down][:, right] * x
    return upper * (1 - y) + lower * y


@pytest.mark.parametrize("size", [(320, 320), (224, 224), (600, 800), (480, 640)])
def test_pictures_are_resized_as_the_detector_was_trained(size):
    image = read_rgb(paths.ROOT / "data/leaks/images/leak_000.jpg")
    difference = np.abs(resizing.resize_sampling(image, size) - sampled(image, size))
    assert difference.max() <= 1


def striped(size=(64, 96)):
    """Return a picture whose red lines, one pixel wide, are all that samples see."""
    image = painted(blue=255, size=size)
    image[:, :: size[1] // 8] = (255, 0, 0)
    return image


def test_a_classifier_sees_all_of_a_large_picture_as_in_its_training(tmp_path):
    model, image = load(tmp_path, tiny.make_classifier()), striped()
    small = resizing.resize_antialiased(image, model.input_size)
    scores = model.predict(image).scores
    assert scores == pytest.approx(model.predict(small).scores, abs=1e-6)
    assert model.labels[scores.argmax()] == "blue"
    (batched,) = model.predict_batch([image])
    assert batched.scores == pytest.approx(scores, abs=1e-6)


def test_a_segmenter_sees_all_of_a_large_picture_as_in_its_training(tmp_path):
    model, image = load(tmp_path, tiny.make_segmenter()), striped()
    small = resizing.resize_area(image, model.input_size)
    scores = model.predict(image).scores
    assert scores == pytest.approx(model.predict(small).scores, abs=1e-6)
    assert not model.predict(image).mask.any()


def test_a_detector_samples_as_in_its_training(tmp_path):
    model, image = load(tmp_path, tiny.make_detector()), striped()
    small = resizing.resize_sampling(image, model.input_size)
    found = model.predict(image)
    assert found.scores == pytest.approx(model.predict(small).scores, abs=1e-6)
    assert found.class_ids.tolist() == [1]  # red, of which there is an eighth


def bad_files():
    whole = tiny.make_detector()
    text = b"one two three four five six"
    yield "text", text, "no .tflite model: it begins with b'one two "
    yield "empty", b"", "no .tflite model: it is empty"
    yield "no metadata", tiny.make_detector(metadata=False), "holds no metadata"
    yield "labels", tiny.make_detector(["leak"]), "2 classes apart but holds 1 labels"
    few = tiny.make_classifier(["red", "green"])
    yield "few labels", few, "3 classes apart but holds 2 labels: red, green"
    scale = tiny.make_detector(normalized=False)
    yield "no scale", scale, "lacks the normalization"
    for share in (0.03, 0.3, 0.6, 0.97):
        part = whole[: int(share * len(whole))]
        yield f"cut at {share}", part, "is damaged or ends early"
    wild = bytearray(whole)
    wild[200:1200] = bytes(range(250)) * 4
    yield "overwritten", bytes(wild), "damaged|cannot be run|metadata|neither"


@pytest.mark.parametrize(
    ("name", "data", "says"), bad_files(), ids=lambda v: str(v)[:12]
)
def test_a_bad_file_is_one_clear_error(tmp_path, name, data, says):
    with pytest.raises(UserError, match=says) as error:
        load(tmp_path, data, f"{name}.tflite")
    assert str(error.value).startswith(f"{name}.tflite")
    assert len(str(error.value).splitlines()) == 1


def test_an_absent_file_and_a_folder_are_errors(tmp_path):
    for path in (tmp_path, tmp_path / "none.tflite"):
        with pytest.raises(UserError, match="is no file"):
            runtime.load_model(path)


def test_damage_anywhere_never_ends_in_a_foreign_error(tmp_path):
    rng = np.random.default_rng(0)
    whole = tiny.make_detector()
    path, refused = tmp_path / "damaged.tflite", 0
    for _ in range(300):
        data = bytearray(whole)
        for place in rng.integers(8, len(data), 3):
            data[place] = rng.integers(256)
        path.write_bytes(data)
        try:
            model_file.read_model_file(path)
        except UserError as error:
            assert str(error).startswith(path.name)
            refused += 1
    assert 0 < refused < 300


def test_other_arrays_than_pictures_are_refused(tmp_path):
    model = load(tmp_path, tiny.make_detector())
    for wrong in (np.zeros((8, 8)), np.zeros((8, 8, 3)), np.zeros((8, 8, 4), "uint8")):
        with pytest.raises(ValueError, match="a picture is uint8"):
            model.predict(wrong)


def test_loading_a_model_says_nothing_and_needs_no_tensorflow(tmp_path):
    path = tmp_path / "tiny.tflite"
    path.write_bytes(tiny.make_detector())
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from inspection.deploy import runtime\n"
        "runtime.load_model(sys.argv[2])\n"
        "assert not {'tensorflow', 'keras', 'matplotlib'} & set(sys.modules)\n"
    )
    scripts = runtime.__file__.split("inspection")[0]
    done = run_python("-c", code, scripts, path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_short_requirements_have_the_versions_of_the_long():
    lines = (paths.ROOT / "requirements-edge.txt").read_text().splitlines()
    pins = [line.split("#")[0].strip() for line in lines if "==" in line]
    locked = (paths.ROOT / "constraints.txt").read_text().splitlines()
    locked = {line.split(";")[0].strip() for line in locked}
    assert len(pins) >= 6
    assert {pin.replace("-headless", "") for pin in pins} <= locked

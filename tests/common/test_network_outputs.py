"""What commands with networks write: on a disk that is full or closed, over files of others.

TensorFlow and Keras write by themselves, so each command is run as a whole.
"""

import pytest

from helpers import ROOT
from helpers.commands import run_here
from helpers.sets.class_sets import write_set
from helpers.sets.mask_sets import MaskSet, square
from helpers.tiny_detector import make_records, tiny_config
from helpers.tiny_disk import check_refusals, filled, tiny_disk
from inspection.common.cache import CACHE_VARIABLE

pytestmark = pytest.mark.soak
WALLS = ROOT / "data/weights/walls.npz"
SIZE = 1 << 26  # bytes of the disk

MASKS = ("--images", "{in}/masks/images", "--masks", "{in}/masks/masks")
NETWORK = ("--size", 32, "--depth", 2, "--width", 4, "--epochs", 1)
LEARN = ("{in}/classes", "--size", 32, "--features", "{in}/features")
DETECTOR = ("--pipeline_config_path", "{in}/detector/pipeline.config")
CHECKPOINT = ("--trained_checkpoint_dir", "{in}/detector/training")
ANOMALY = ("--weights", WALLS, "--size", 32)

# {in}: what is read, {out}: a folder of the disk, {new}: one for each run
COMMANDS = {
    "compare_classifiers": (
        *("compare_classifiers", *LEARN, "--models", "texture", "-o", "{out}"),
    ),
    "convert_to_tflite": (
        *("convert_to_tflite", "--saved_model_dir", "{in}/graph/saved_model"),
        *("-o", "{out}", "--formats", "float32", "dynamic"),
    ),
    "evaluate_anomaly": (
        *("evaluate_anomaly", "{in}/anomaly", "--good", "{in}/good"),
        *("--bad", "{in}/masks/images", "--json", "{out}/a.json"),
    ),
    "evaluate_segmenter": (
        *("evaluate_segmenter", "{in}/unet", *MASKS, "--errors", "{out}"),
    ),
    "export_segmenter": ("export_segmenter", "{in}/unet", "-o", "{out}/a.tflite"),
    "export_tflite_graph_tf2": (
        *("export_tflite_graph_tf2", *DETECTOR, *CHECKPOINT),
        *("--output_directory", "{out}"),
    ),
    "exporter_main_v2": (
        *("exporter_main_v2", *DETECTOR, *CHECKPOINT, "--output_directory", "{out}"),
    ),
    "inspect_checkpoint": (
        *("inspect_checkpoint", "{in}/detector/training", "-o", "{out}"),
        *("--config", "{in}/detector/pipeline.config"),
    ),
    "model_main_tf2, going on": (
        *("model_main_tf2", *DETECTOR, "--model_dir", "{out}"),
        *("--num_train_steps", "{more}"),
    ),
    "model_main_tf2, evaluation": (
        *("model_main_tf2", *DETECTOR, "--model_dir", "{out}"),
        *("--checkpoint_dir", "{in}/detector/training", "--eval_timeout", 0),
    ),
    "segment": ("segment", "{in}/unet", "{in}/masks/images", "-o", "{out}"),
    "train_anomaly": ("train_anomaly", "{in}/good", *ANOMALY, "-o", "{out}"),
    "train_cifar10": (
        *("train_cifar10", "--network", "resnet9_small", "--epochs", 1),
        *("--per_class", 4, "-o", "{new}", "--export", "{new}.tflite"),
    ),
    "train_classifier": (
        *("train_classifier", *LEARN, "--weights", WALLS, "-o", "{out}"),
    ),
    "train_segmenter": ("train_segmenter", *MASKS, *NETWORK, "--model", "{new}"),
}
# what such a run has written whole stays: the same command goes on from there
GOES_ON = ("model_main_tf2, going on", "train_cifar10", "train_segmenter")


def run(*words):
    status, _, err = run_here(*words)
    assert status in (0, None), err


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a folder of sets, and of a trained network of each kind."""
    folder = tmp_path_factory.mktemp("made ü")
    write_set(folder / "classes", ("red", "green", "blue"), count=8)
    write_set(folder, ("good",), count=40)
    masks = MaskSet(folder)
    for number in range(12):
        masks.add(f"p{number:02}", square(), seed=number)
    masks.root.rename(folder / "masks")
    detector = make_records(folder / "detector")
    tiny_config(detector, num_steps=2).write(detector / "pipeline.config")
    for name in ("train_segmenter", "train_anomaly"):
        place = folder / {"train_segmenter": "unet", "train_anomaly": "anomaly"}[name]
        words = [
            place if word in ("{out}", "{new}") else word for word in COMMANDS[name]
        ]
        run(*filled(words, folder, place, 0))
    places = filled(DETECTOR, folder, folder, 0)
    run("model_main_tf2", *places, "--model_dir", detector / "training")
    graph = filled(CHECKPOINT, folder, folder, 0)
    run(
        "export_tflite_graph_tf2",
        *places,
        *graph,
        "--output_directory",
        folder / "graph",
    )
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_the_old_stays_and_the_reason_is_said(tmp_path, made, command, monkeypatch):
    (tmp_path / "disk").mkdir()
    with tiny_disk(tmp_path / "disk", SIZE) as disk:
        monkeypatch.setenv(CACHE_VARIABLE, str(disk.root / "cache"))
        out = disk.root / "out"
        check_refusals(
            disk,
            lambda number: filled(COMMANDS[command], made, out, number),
            goes_on=command in GOES_ON,
        )


@pytest.mark.parametrize("command", COMMANDS)
def test_no_file_of_somebody_is_replaced(tmp_path, made, command, monkeypatch):
    """Each file that the command writes stands there already, one at a time."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    words = COMMANDS[command]
    run(*filled(words, made, tmp_path / "first/out", 0))
    first = tmp_path / "first"
    names = sorted(path.relative_to(first) for path in _files(first))
    assert names
    replaced = []
    for number, name in enumerate(names, 1):
        mine = tmp_path / f"{number}" / name
        mine.parent.mkdir(parents=True)
        mine.write_text("my work of days")
        run_here(*filled(words, made, tmp_path / f"{number}/out", 0))
        if mine.read_text(errors="replace") != "my work of days":
            replaced.append(name)
    assert not replaced


def _files(folder):
    """Return the files of a folder; those with names that begin with a dot are notes."""
    return [p for p in folder.rglob("*") if p.is_file() and p.name[0] != "."]

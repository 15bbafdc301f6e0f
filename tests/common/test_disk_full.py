"""Every command on a disk that is full or closed: the old files stay, and it says why."""

import shutil

import pytest
from PIL import Image

from common import test_network_outputs
from helpers import ROOT, tiny_anomaly
from helpers import tiny_models as tiny
from helpers.commands import run_here
from helpers.films import write_film
from helpers.images import painted, sample_image
from helpers.sets import foreign_sets, stand_ins
from helpers.sets.class_sets import write_set
from helpers.sets.mask_sets import MaskSet
from helpers.sets.voc_sets import VocSet
from helpers.tiny_detector import make_records
from helpers.tiny_disk import check_refusals, filled, tiny_disk
from inspection.common.cache import CACHE_VARIABLE
from inspection.datasets.fetching import archives
from inspection.datasets.fetching.public import entries, obtain
from inspection.datasets.splitting.split_lists import write_splits
from inspection.detection.config.label_map import write_label_map
from inspection.detection.model import zoo

ZOO = "ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a folder of everything that the commands read."""
    folder = tmp_path_factory.mktemp("made ü")
    for name, model in {
        "c": tiny.make_classifier(),
        "d": tiny.make_detector(),
        "a": tiny_anomaly.make_anomaly(),
    }.items():
        (folder / f"{name}.tflite").write_bytes(model)
    write_set(folder / "classes", ("red", "green", "blue"), count=4)
    (folder / "red").mkdir()
    for number in range(4):
        image = painted(255, 30 * number, 0, (120, 160))
        Image.fromarray(image).save(folder / f"red/{number}.png")
    (folder / "many").mkdir()
    for number in range(42):
        sample_image(number).save(folder / f"many/{number:02}.jpg")
    voc_set = VocSet(folder, count=12)
    voc_set.root.rename(folder / "voc")
    stems = [path.stem for path in sorted((folder / "voc/images").iterdir())]
    write_splits({"train": stems[3:], "test": stems[:3]}, folder / "voc/splits")
    write_label_map(["leak", "puddle"], folder / "map.pbtxt")
    MaskSet(folder, count=3).root.rename(folder / "masks")
    foreign_sets.draw(folder / "coco/pipe.jpg")
    foreign_sets.write(folder / "coco/a.json", foreign_sets.coco({}))
    make_records(folder / "records")
    write_film(folder / "film.mp4", [i / 10 for i in range(20)])
    return folder


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """Mount a disk, with the cache on it."""
    (tmp_path / "disk").mkdir()
    with tiny_disk(tmp_path / "disk") as disk:
        (disk.root / "out").mkdir()
        monkeypatch.setenv(CACHE_VARIABLE, str(disk.root / "cache"))
        yield disk


VOC = ("-x", "{in}/voc/annotations", "-i", "{in}/voc/images")
RECORDS = ("generate_tfrecord", *VOC, "-l", "{in}/map.pbtxt", "-o")
RED = "{in}/red"

# {in}: what is read, {out}: a folder of the disk, {new}: one for each run
COMMANDS = {
    "check_camera": ("check_camera", "{in}/many", "-o", "{out}/a.json"),
    "check_dataset --html": ("check_dataset", *VOC, "--html", "{out}/a.html"),
    "check_dataset --fix": (
        *("check_dataset", *VOC, "-l", "{in}/map.pbtxt"),
        *("--splits", "{in}/voc/splits", "--fix", "{new}"),
    ),
    "check_dataset --fix, masks": (
        *("check_dataset", "-i", "{in}/masks/images", "--masks", "{in}/masks/masks"),
        *("--fix", "{new}"),
    ),
    "check_dataset --fix, classes": ("check_dataset", "{in}/classes", "--fix", "{new}"),
    "classify -o": ("classify", "{in}/c.tflite", RED, "-o", "{out}"),
    "classify --csv": ("classify", "{in}/c.tflite", RED, "--csv", "{out}/a.csv"),
    "classify --scan": (
        *("classify", "{in}/c.tflite", "{in}/red/1.png", "--scan", "{out}/a.jpg"),
        *("--tile", 40),
    ),
    "convert_annotations": ("convert_annotations", "{in}/coco", "-o", "{new}"),
    "convert_annotations --to masks": (
        *("convert_annotations", "{in}/coco", "-o", "{new}", "--to", "masks"),
    ),
    "cut_tiles": (
        *("cut_tiles", *VOC, "-o", "{new}", "--tile", 32),
        *("--splits", "{in}/voc/splits"),
    ),
    "detect, pictures": (
        "detect",
        "{in}/d.tflite",
        RED,
        "-o",
        "{out}",
        "--overwrite",
    ),
    "detect, a film": (
        *("detect", "{in}/d.tflite", "{in}/film.mp4", "-o", "{out}"),
        *("--alarm", "leak", "--save_every", 1, "--overwrite"),
    ),
    "evaluate_classifier": (
        *("evaluate_classifier", "{in}/c.tflite", "{in}/classes"),
        *("--json", "{out}/a.json"),
    ),
    "generate_tfrecord": (*RECORDS, "{out}/a.record", "-c", "{out}/a.csv"),
    "generate_tfrecord --num_shards": (*RECORDS, "{out}/a.record", "--num_shards", 3),
    "inspect_parts": ("inspect_parts", "{in}/a.tflite", RED, "-o", "{out}"),
    "make_label_map, .txt": (
        *("make_label_map", "-l", "{in}/map.pbtxt", "-o", "{out}/a.txt"),
    ),
    "make_label_map, .pbtxt": (
        *("make_label_map", "--classes", "a", "{new}", "-o", "{out}/a.pbtxt"),
        "--overwrite",
    ),
    "make_pipeline_config": (
        *("make_pipeline_config", "--label_map", "{in}/map.pbtxt"),
        *("-o", "{out}/a.config"),
    ),
    "new_project": ("new_project", "{name}", "--classes", "leak"),
    "partition_dataset, lists": (
        *("partition_dataset", "-i", "{in}/voc/images"),
        *("--xml_dir", "{in}/voc/annotations", "-r", 0.3, "--splits", "{out}"),
    ),
    "partition_dataset, copies": (
        *("partition_dataset", "-i", "{in}/voc/images", "-x"),
        *("--xml_dir", "{in}/voc/annotations", "-o", "{out}", "--overwrite"),
        *("--seed", "{number}"),
    ),
    "show_records": (
        *("show_records", "{in}/records/pictures.record", "-o", "{out}/a.png"),
    ),
    "xml_to_csv": ("xml_to_csv", "-i", "{in}/voc/annotations", "-o", "{out}/a.csv"),
    "xml_to_csv --splits": (
        *("xml_to_csv", "-i", "{in}/voc/annotations", "-o", "{out}"),
        *("--splits", "{in}/voc/splits"),
    ),
}


# commands that are not in the tables, and why
ELSEWHERE = {
    "download_dataset": "fetches, see below",
    "download_model": "fetches, see below",
    "inspect_archive": "needs Apache Beam, see tests/at_scale",
    "run_course": "runs notebooks, which write by the modules that are tried here",
    "serve": "writes nothing",
    "serve_page": "fetches with npm",
    "setup_env": "lets pip write, and has only the standard library",
}


def test_every_command_is_tried():
    tables = [*COMMANDS.values(), *test_network_outputs.COMMANDS.values()]
    tried = {words[0] for words in tables}
    commands = {path.stem for path in (ROOT / "scripts").glob("*.py")}
    assert tried | set(ELSEWHERE) == commands
    assert not tried & set(ELSEWHERE)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_old_stays_and_the_reason_is_said(disk, made, command, monkeypatch):
    monkeypatch.setattr("inspection.course.paths.PROJECTS", disk.root / "out")
    out = disk.root / "out"
    check_refusals(disk, lambda number: filled(COMMANDS[command], made, out, number))


def test_a_set_that_is_fetched(disk, tmp_path, monkeypatch):
    data = stand_ins.tar_gz(files := stand_ins.voc_files(tmp_path))
    monkeypatch.setitem(entries.SETS, "bccd", stand_ins.entry_for("bccd", files, data))
    monkeypatch.setattr(obtain, "LARGER", 0)  # else it is refused before
    (tmp_path / "bccd.tar.gz").write_bytes(data)
    words = ("download_dataset", "bccd", "--archive", "{in}/bccd.tar.gz", "-o", "{new}")
    check_refusals(disk, lambda n: filled(words, tmp_path, disk.root / "out", n))


def test_a_model_that_is_fetched_stays_in_the_cache(disk, tmp_path, monkeypatch):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    archive = tmp_path / "cache" / f"{ZOO}.tar.gz"
    archive.parent.mkdir()
    files = {name: bytes(20_000) for name in zoo.NEEDED if "." in name}
    archive.write_bytes(stand_ins.tar_gz(files | {"saved_model/a.pb": b""}, ZOO))
    words = ("download_model", ZOO, "-o", "{new}")
    disk.fill()
    status, _, err = run_here(*filled(words, tmp_path, disk.root / "out", 9))
    assert status == 2 and f"free in {disk.root / 'out/n9'}: make room" in err, err
    assert archive.is_file()
    disk.empty()
    usage = shutil.disk_usage(tmp_path)._replace(free=10**12)
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: usage)
    check_refusals(disk, lambda n: filled(words, tmp_path, disk.root / "out", n))
    assert archive.is_file()

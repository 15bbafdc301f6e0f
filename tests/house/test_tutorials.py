"""The commands of three well-known tutorials, as written there but for the paths."""

import shutil

import pytest

import export_tflite_graph_tf2
import exporter_main_v2
import model_main_tf2
from helpers.commands import run_command
from helpers.sets.voc_sets import VocSet
from inspection.detection.config.label_map import read_label_map, write_label_map
from inspection.detection.records.records import read_records

CLASSES = {"leak": 1, "puddle": 2}


@pytest.fixture
def images(tmp_path, monkeypatch):
    """Return a folder `images` with pictures and XML side by side, in its parent."""
    made = VocSet(tmp_path / "made", count=10)
    folder = tmp_path / "images"
    folder.mkdir()
    for path in [*made.images.iterdir(), *made.annotations.iterdir()]:
        shutil.copy(path, folder)
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def run(monkeypatch, capsys):
    def run(command):
        name, *arguments = command.replace(".py", "").split()
        status, out, err = run_command(monkeypatch, capsys, name, *arguments)
        assert (status, err) == (0, "")
        return out

    return run


def deal(images, **counts):
    """Move pictures and their XML into folders, so many into each."""
    stems = sorted(path.stem for path in images.glob("*.xml"))
    for folder, count in counts.items():
        (images / folder).mkdir()
        for stem in stems[:count]:
            for path in images.glob(f"{stem}.*"):
                shutil.move(path, images / folder)
        stems = stems[count:]


def counted(path):
    found = list(read_records(path))
    assert {name for r in found for name in r.class_names} == set(CLASSES)
    assert {i for r in found for i in r.class_ids} == set(CLASSES.values())
    return len(found)


def takes(monkeypatch, module, flags):
    monkeypatch.setattr("sys.argv", [module.__name__, *flags.split()])
    assert module.parse_arguments()


def test_partition_and_xml(images, run, monkeypatch):
    write_label_map(CLASSES, images.parent / "label_map.pbtxt")
    run("partition_dataset.py -x -i images -r 0.1")
    run("generate_tfrecord.py -x images/train -l label_map.pbtxt -o train.record")
    run("generate_tfrecord.py -x images/test -l label_map.pbtxt -o test.record")
    assert (counted("train.record"), counted("test.record")) == (9, 1)
    config = "--pipeline_config_path=models/my/pipeline.config"
    takes(monkeypatch, model_main_tf2, f"--model_dir=models/my {config}")
    evaluation = "--model_dir=models/my --checkpoint_dir=models/my"
    takes(monkeypatch, model_main_tf2, f"{evaluation} {config}")
    places = "--trained_checkpoint_dir models/my --output_directory exported/my"
    flags = "--input_type image_tensor --pipeline_config_path models/my/pipeline.config"
    takes(monkeypatch, exporter_main_v2, f"{flags} {places}")


def test_csv_of_train_and_test(images, run, monkeypatch):
    deal(images, train=8, test=2)
    write_label_map(CLASSES, images / "label_map.pbtxt")
    run("xml_to_csv.py -i images")
    for part in ("train", "test"):
        run(
            f"generate_tfrecord.py --csv_input=images/{part}_labels.csv"
            f" --image_dir=images/{part} --output_path={part}.record"
        )
    assert (counted("train.record"), counted("test.record")) == (8, 2)
    takes(
        monkeypatch,
        model_main_tf2,
        "--logtostderr --model_dir=training --num_workers=1 --record_summaries"
        " --pipeline_config_path=training/pipeline.config",
    )


def test_csv_with_a_list_of_labels(images, run, monkeypatch):
    deal(images, train=7, validation=2, test=1)
    (images.parent / "labelmap.txt").write_text("leak\npuddle\n")
    run("xml_to_csv.py -i images")
    for part in ("train", "validation"):
        out = run(
            f"generate_tfrecord.py --csv_input=images/{part}_labels.csv"
            f" --labelmap=labelmap.txt --image_dir=images/{part}"
            f" --output_path={part}.tfrecord"
        )
        assert "wrote labelmap.pbtxt" in out
    assert (counted("train.tfrecord"), counted("validation.tfrecord")) == (7, 2)
    assert read_label_map("labelmap.pbtxt") == CLASSES
    config = "--pipeline_config_path=pipeline_file.config"
    takes(
        monkeypatch,
        model_main_tf2,
        f"{config} --model_dir=training --alsologtostderr --num_train_steps=40000"
        " --sample_1_of_n_eval_examples=1",
    )
    takes(
        monkeypatch,
        export_tflite_graph_tf2,
        f"--trained_checkpoint_dir training --output_directory lite {config}",
    )


def test_a_list_of_labels_does_not_renumber_a_map(images, run, monkeypatch, capsys):
    deal(images, train=10)
    folder = images.parent
    (folder / "labelmap.txt").write_text("puddle\nleak\n")
    write_label_map(CLASSES, folder / "labelmap.pbtxt")
    run("xml_to_csv.py -i images/train -o train.csv")
    command = "--csv_input=train.csv --labelmap=labelmap.txt --image_dir=images/train"
    status, out, err = run_command(
        monkeypatch,
        capsys,
        "generate_tfrecord",
        *command.split(),
        "--output_path=out/a.record",
    )
    assert status == 2 and "would be renumbered" in err
    assert read_label_map("labelmap.pbtxt") == CLASSES
    assert not (folder / "out").exists()

"""The converters of well-known tutorials, typed as there but for the paths."""

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


def test_four_words_without_a_flag(images, run):
    """techzizou: XML in train_labels/ and test_labels/, pictures in one folder."""
    deal(images, train_labels=8, test_labels=2)
    for part in ("train_labels", "test_labels"):
        shutil.move(images / part, images.parent)
        for path in (images.parent / part).glob("*.jpg"):
            shutil.move(path, images)
    out = run("xml_to_csv.py")
    assert "wrote label_map.pbtxt: leak, puddle" in out
    run("generate_tfrecord.py train_labels.csv label_map.pbtxt images/ train.record")
    run("generate_tfrecord.py test_labels.csv label_map.pbtxt images/ test.record")
    assert (counted("train.record"), counted("test.record")) == (8, 2)


def test_a_map_that_is_there_is_held_against(images, run, monkeypatch, capsys):
    deal(images, train_labels=10)
    shutil.move(images / "train_labels", images.parent)
    write_label_map({"leak": 1}, "label_map.pbtxt")
    status, _, err = run_command(monkeypatch, capsys, "xml_to_csv")
    assert status == 2 and "label_map.pbtxt (leak) does not know all" in err


def test_no_map_is_written_where_none_belongs(images, run):
    deal(images, train=8, test=2)
    run("xml_to_csv.py -i images")
    assert not list(images.parent.rglob("*.pbtxt"))


def test_above_the_pictures_and_a_map_in_training(images, run):
    """Edje on Windows: the scripts lie above images/, the map in training/."""
    deal(images, train=8, test=2)
    training = images.parent / "training"
    training.mkdir()
    write_label_map(CLASSES, training / "labelmap.pbtxt")
    run("xml_to_csv.py")
    for part in ("train", "test"):
        out = run(
            f"generate_tfrecord.py --csv_input=images/{part}_labels.csv"
            f" --image_dir=images/{part} --output_path={part}.record"
        )
        assert "the ids of the classes are those of training/labelmap.pbtxt" in out
    assert (counted("train.record"), counted("test.record")) == (8, 2)


def test_pictures_in_images_beside_the_command(images, run):
    """Raccoon: no folder of pictures is named, the CSV lies in data/."""
    run("xml_to_csv.py -i images -o data/train_labels.csv")
    write_label_map(CLASSES, images.parent / "data/map.pbtxt")
    run(
        "generate_tfrecord.py --csv_input=data/train_labels.csv"
        " --output_path=train.record"
    )
    assert counted("train.record") == 10


@pytest.mark.parametrize("labels", ["--label0 leak --label1 puddle"])
def test_labels_in_place_of_a_map(images, run, labels):
    run("xml_to_csv.py -i images -o train.csv")
    run(
        f"generate_tfrecord.py {labels} --csv_input=train.csv --img_path=images"
        " --output_path=train.record"
    )
    assert counted("train.record") == 10


@pytest.mark.parametrize(
    "flags, message",
    [
        ("--label=leak", "puddle"),
        ("--label0=leak --label2=puddle", "0, 1, 2 without a gap"),
        ("--label=leak --label_map=map.pbtxt", "not allowed with argument"),
        ("", "which label map?"),
        ("--label_ma=map.pbtxt", "unrecognized arguments: --label_ma=map.pbtxt"),
    ],
)
def test_classes_that_are_not_clear(images, run, monkeypatch, capsys, flags, message):
    run("xml_to_csv.py -i images -o train.csv")
    command = f"--csv_input=train.csv --img_path=images --output_path=a.record {flags}"
    status, out, err = run_command(
        monkeypatch, capsys, "generate_tfrecord", *command.split()
    )
    assert status == 2 and message in err
    assert not (images.parent / "a.record").exists()

import tracemalloc

import pytest

from helpers.commands import run_command
from inspection.common.errors import DatasetError
from inspection.detection.config import label_map


@pytest.fixture
def write(tmp_path):
    def write_text(text):
        path = tmp_path / "label_map.pbtxt"
        path.write_text(text, encoding="utf-8")
        return path

    return write_text


def run(monkeypatch, capsys, *arguments):
    return run_command(monkeypatch, capsys, "make_label_map", *arguments)


def test_reads_every_common_spelling(write):
    path = write(
        "\ufeffitem {\n  name: 'leak'\n  id: 1\n}\n"
        'item: { id: 3, name: "Fleck é", display_name: "stain" }\n'
        'item {\n  id:2\n  name:"puddle"\n}\n'
    )
    assert label_map.read_label_map(path) == {"leak": 1, "puddle": 2, "Fleck é": 3}
    assert label_map.read_items(path)[2].display_name == "stain"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('item { id: 0 name: "leak" }', 'line 1: "leak" has id 0, which is the backg'),
        ('item { id: 1 name: "a" }\nitem { id: 3 name: "c" }', "no class has id 2"),
        ('item { id: 2 name: "b" }', "no class has id 1"),
        (
            'item { id: 1 name: "a" }\n\nitem { id: 1 name: "b" }',
            "lines 1 and 3: id 1 is given twice",
        ),
        (
            'item { id: 1 name: "a" }\nitem { id: 2 name: "a" }',
            "lines 1 and 2: name 'a' is given twice",
        ),
        ('item {\n  id: 1\n  name: "a"\nitem {\n  id: 2\n}\n', "line 1: this { is nev"),
        ('item { id: 1 name: "a" } }', "line 1: } closes nothing"),
        ("item { id: 1 }", "line 1: item without a name"),
        ('item { name: "a" }', '"a" has no id'),
        ('item { id: "1" name: "a" }', "it must be a whole number"),
        ("item { id: 1 name: leak }", "must be text in quotes"),
        ('item { id: 1 name: "leak " }', "begins or ends with a space"),
        ('items { id: 1 name: "leak" }', "expected item { ... }, found items"),
        ("", "no class in it"),
        ("leak\npuddle\n", "is a list of names, no label map"),
        ("leak\n", "--classes_file"),
        ("big leak\nsmall leak", "is a list of names"),
        (r'item { id: 1 name: "a\nb" }', "a line end or a sign that cannot be seen"),
        (r'item { id: 1 name: "a\tb" }', "a line end or a sign that cannot be seen"),
        ('item { id: 1 name: "a\u2028b" }', "a line end"),
        (
            'item { id: 1 name: "a" }\nitem { id: 999999992 name: "b" }',
            '"b" has id 999999992, which is too large',
        ),
        (
            'item { id: 1 name: "a" }\nitem { id: 90000 name: "b" }',
            "no class has id 2, 3, 4, 5, 6, 7, 8, 9, 10, 11: number",
        ),
        (
            'item { id: 1 name: "a" }\nitem { id: 90000 name: "b" }',
            "(there are 2, the largest id is 90000)",
        ),
    ],
)
def test_refuses_by_name(write, text, message):
    with pytest.raises(DatasetError) as error:
        label_map.read_label_map(write(text))
    assert "label_map.pbtxt" in str(error.value)
    assert message in str(error.value)


def test_tells_all_faults_at_once(write):
    path = write('item { id: 0 name: "a" }\nitem { id: 4 }\nitem { id: 5 name: "c" }')
    with pytest.raises(DatasetError) as error:
        label_map.read_label_map(path)
    assert len(error.value.faults) == 3


def test_an_item_refused_for_its_name_leaves_no_gap(write):
    items = ["id: 1 name: 'a'", "id: 2 name: ' '", "id: 4 name: 'c'"]
    path = write("".join(f"item {{ {item} }}" for item in items))
    with pytest.raises(DatasetError) as caught:
        label_map.read_label_map(path)
    empty, gap = caught.value.faults
    assert empty == "line 1: the name is empty"
    assert gap.startswith("no class has id 3: ")


def test_an_id_takes_no_memory(write):
    items = ["id: 1 name: 'a'", f"id: {2**62} name: 'b'", f"id: {2**63 - 1} name: 'c'"]
    path = write("".join(f"item {{ {item} }}" for item in items))
    tracemalloc.start()
    for gaps in (False, True):
        with pytest.raises(DatasetError, match="too large"):
            label_map.read_label_map(path, gaps)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_a_first_line_of_question_marks_is_the_background(tmp_path):
    path = tmp_path / "labelmap.txt"
    path.write_text("???\nleak\n\npuddle\n")
    assert label_map.read_names(path) == ["leak", "puddle"]


def test_coco_has_gaps(write):
    path = write('item { id: 1 name: "a" }\nitem { id: 90 name: "b" }')
    assert label_map.read_label_map(path, gaps=True) == {"a": 1, "b": 90}


def test_round_trip_of_map_and_text(tmp_path):
    names = ["leak", 'the "big" one', "Pfütze"]
    pbtxt, text = tmp_path / "label_map.pbtxt", tmp_path / "labels.txt"
    label_map.write_label_map(names, pbtxt)
    assert label_map.read_label_map(pbtxt) == {n: i for i, n in enumerate(names, 1)}
    label_map.write_names(label_map.read_label_map(pbtxt), text)
    assert label_map.read_names(text) == names
    first = pbtxt.read_bytes()
    label_map.write_label_map(label_map.read_names(text), pbtxt)
    assert pbtxt.read_bytes() == first


def test_no_map_from_bad_names(tmp_path):
    path = tmp_path / "label_map.pbtxt"
    for names in ([], ["a", "a"], ["a", " b"], ["a", ""], ["a\nb"], ["a\x00"]):
        with pytest.raises(DatasetError):
            label_map.write_label_map(names, path)
    assert not path.exists()


def test_command_does_not_append_when_run_again(tmp_path, monkeypatch, capsys):
    path = tmp_path / "label_map.pbtxt"
    for _ in range(3):
        arguments = ("--classes", "leak", "puddle", "-o", path)
        code, out, _ = run(monkeypatch, capsys, *arguments)
        assert code == 0
        assert "2 classes: 1 leak, 2 puddle" in out
    assert label_map.read_label_map(path) == {"leak": 1, "puddle": 2}


def test_command_refuses_to_renumber(tmp_path, monkeypatch, capsys):
    path = tmp_path / "label_map.pbtxt"
    label_map.write_label_map(["leak", "puddle"], path)
    arguments = ["--classes", "puddle", "leak", "-o", path]
    code, _, err = run(monkeypatch, capsys, *arguments)
    assert code == 2
    assert '"leak" has id 1 there, 2 in the new map' in err
    assert label_map.read_label_map(path) == {"leak": 1, "puddle": 2}
    assert run(monkeypatch, capsys, *arguments, "--overwrite")[0] == 0
    assert label_map.read_label_map(path) == {"puddle": 1, "leak": 2}


def test_command_takes_a_new_class_at_the_end(tmp_path, monkeypatch, capsys):
    path = tmp_path / "label_map.pbtxt"
    label_map.write_label_map(["leak"], path)
    arguments = ("--classes", "leak", "puddle", "-o", path)
    assert run(monkeypatch, capsys, *arguments)[0] == 0
    assert label_map.read_label_map(path) == {"leak": 1, "puddle": 2}


def test_command_reads_real_annotations(shared_data, tmp_path, monkeypatch, capsys):
    path, text = tmp_path / "label_map.pbtxt", tmp_path / "labels.txt"
    folder = shared_data / "bccd" / "annotations"
    assert run(monkeypatch, capsys, "-x", folder, "-o", path)[0] == 0
    assert label_map.read_label_map(path) == {"Platelets": 1, "RBC": 2, "WBC": 3}
    assert run(monkeypatch, capsys, "-l", path, "-o", text)[0] == 0
    assert text.read_text() == "Platelets\nRBC\nWBC\n"

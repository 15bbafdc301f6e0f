"""generate_tfrecord.py on boxes from a CSV, as the other script of that name."""

import numpy as np
import pytest

from helpers.record_set import LEAK, DataSet
from inspection.datasets.voc import Box


@pytest.fixture
def data(tmp_path, monkeypatch, capsys):
    return DataSet(tmp_path, monkeypatch, capsys)


HEAD = "filename,width,height,class,xmin,ymin,xmax,ymax\n"


@pytest.fixture
def write_csv(data):
    def write(text):
        path = data.folder / "train_labels.csv"
        path.write_text(text, encoding="utf-8")
        return (f"--csv_input={path}", f"--label_map={data.label_map}")

    return write


def test_csv(data, write_csv):
    data.add("a.jpg")
    data.add("b.jpg")
    rows = "b.jpg,100,80,puddle,1,2,3,4\na.jpg,100,80,leak,10,20,30,50.0\n"
    source = write_csv(HEAD + rows + "b.jpg,100,80,leak,10,20,30,50\n")
    code, out, _ = data.run(source=source)
    assert code == 0
    first, second = data.written()
    assert (first.filename, first.class_names) == ("a.jpg", ("leak",))
    assert second.class_names == ("puddle", "leak")
    np.testing.assert_allclose(first.boxes[0], (0.25, 0.1, 0.625, 0.3), rtol=1e-6)


def test_csv_with_semicolons_other_order_and_an_empty_picture(data, write_csv):
    data.add("a.jpg")
    data.add("b.jpg")
    head = "\ufeffclass;filename;xmin;xmax;ymin;ymax;width;height;mine\n"
    rows = "leak;a;10;30;20;50;;;1\n;b.JPG;;;;;100;80;\n"
    assert data.run(source=write_csv(head + rows))[0] == 0
    first, second = data.written()
    np.testing.assert_allclose(first.boxes[0], (0.25, 0.1, 0.625, 0.3), rtol=1e-6)
    assert (second.filename, second.boxes) == ("b.jpg", ())


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("", ["has no column filename, width"]),
        (HEAD, ["0 rows found"]),
        ("filename,class\na.jpg,leak\n", ["has no column width, height, xmin"]),
        (
            HEAD + "a.jpg,100,80,leak,1,2,x,4\na.jpg,100,80,,1,2,3,4\n",
            ["2 rows", "line 2: xmax 'x' is not a number", "line 3: no class"],
        ),
        (HEAD + "z.jpg,100,80,leak,1,2,3,4\n", ["z.jpg: has no picture"]),
        (HEAD + "a.jpg,100,80,Leak,1,2,3,4\n", ["a.jpg: class 'Leak'", "'leak'?"]),
    ],
)
def test_bad_csv(data, write_csv, text, messages):
    data.add("a.jpg")
    err = data.refused(source=write_csv(text))
    for message in messages:
        assert message in err


def test_csv_finds_the_label_map_beside_it(data, write_csv):
    data.add("a.jpg")
    csv_input, _ = write_csv(HEAD + "a.jpg,100,80,leak,1,2,3,4\n")
    assert data.run(source=(csv_input,))[0] == 0
    (data.folder / "other.pbtxt").write_text("")
    data.out.unlink()
    assert "which label map? Give it with --label_map" in data.refused(
        source=(csv_input,)
    )


def test_csv_written_along_gives_the_same_records(data):
    data.add("a.jpg", [LEAK, Box("puddle", -5, 0, 50, 80)])
    data.add("b.jpg", [Box("puddle", 1.25, 2, 3, 4)])
    path = data.folder / "boxes.csv"
    code, out, _ = data.run("-c", path)
    assert code == 0
    assert "boxes.csv: 3 boxes" in out
    first = data.written()
    source = (f"--csv_input={path}", "--labels_path", data.label_map)
    assert data.run(source=source)[0] == 0
    assert [r.boxes for r in data.written()] == [r.boxes for r in first]
    assert [r.class_ids for r in data.written()] == [r.class_ids for r in first]

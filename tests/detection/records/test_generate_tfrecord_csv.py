"""generate_tfrecord.py on boxes from a CSV, as the other script of that name."""

import numpy as np
import pytest
from PIL import Image

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


def hall(data, folder, seed):
    """Put a picture scene1.png of its own colour into a subfolder."""
    (data.images / folder).mkdir(exist_ok=True)
    path = data.images / folder / "scene1.png"
    Image.new("RGB", (100, 80), (seed, 9, 9)).save(path)
    return path


def test_pictures_of_one_name_in_two_folders_are_two(data, write_csv):
    first, second = hall(data, "hall_a", 10), hall(data, "hall_b", 200)
    rows = "hall_a/scene1.png,100,80,leak,10,20,30,50\n"
    rows += "Hall_B\\scene1.PNG,100,80,puddle,50,40,100,80\n"
    assert data.run(source=write_csv(HEAD + rows))[0] == 0
    by_name = {record.filename: record for record in data.written()}
    assert sorted(by_name) == ["hall_a/scene1.png", "hall_b/scene1.png"]
    assert by_name["hall_a/scene1.png"].encoded == first.read_bytes()
    assert by_name["hall_b/scene1.png"].encoded == second.read_bytes()
    assert by_name["hall_a/scene1.png"].class_names == ("leak",)
    assert by_name["hall_b/scene1.png"].class_names == ("puddle",)


def test_folders_come_back_from_a_csv_written_along(data, write_csv):
    hall(data, "hall_a", 10), hall(data, "hall_b", 200)
    rows = "hall_a/scene1.png,100,80,leak,10,20,30,50\n"
    rows += "hall_b/scene1.png,100,80,puddle,50,40,100,80\n"
    path = data.folder / "again.csv"
    assert data.run("-c", path, source=write_csv(HEAD + rows))[0] == 0
    assert path.read_text() == HEAD + rows


@pytest.mark.parametrize(
    "names, message",
    [
        (("hall_a/scene1.png", "hall_b/scene1.png"), "are both found as"),
        (("scene1.png", "Scene1.PNG"), "are both found as"),
        (("scene1.png", "scene1.jpg"), "are both found as"),
        (("scene1.png", "C:\\x\\scene1.png"), "are both found as"),
    ],
)
def test_two_names_of_one_picture_are_refused(data, write_csv, names, message):
    data.add("scene1.png")
    rows = "".join(f"{name},100,80,leak,10,20,30,50\n" for name in names)
    err = data.refused(source=write_csv(HEAD + rows))
    assert message in err and all(name in err for name in names)


def test_a_folder_that_is_missing_is_not_replaced_by_the_one_above(data, write_csv):
    hall(data, "hall_a", 10), data.add("scene1.png")
    rows = "hall_a/scene1.png,100,80,leak,10,20,30,50\n"
    rows += "hall_b/scene1.png,100,80,leak,50,40,100,80\n"
    err = data.refused(source=write_csv(HEAD + rows))
    assert "has no picture in the image folder: it names hall_b/scene1.png" in err


@pytest.mark.parametrize(
    "name", ["images/a.jpg", "/home/ann/set/a.jpg", "C:\\Users\\Ann\\set\\a.jpg"]
)
def test_folders_of_another_machine_are_left_out(data, write_csv, name):
    data.add("a.jpg")
    source = write_csv(HEAD + f"{name},100,80,leak,10,20,30,50\n")
    assert data.run(source=source)[0] == 0
    assert data.written()[0].filename == "a.jpg"


def test_a_split_list_tells_folders_apart(data, write_csv):
    hall(data, "hall_a", 10), hall(data, "hall_b", 200), data.add("b.jpg")
    rows = "hall_a/scene1.png,100,80,leak,1,2,3,4\nb.jpg,100,80,leak,1,2,3,4\n"
    rows += "hall_b/scene1.png,100,80,puddle,5,4,10,8\n"
    source = write_csv(HEAD + rows)
    names = data.folder / "train.txt"
    names.write_text("hall_b/scene1.png\nimages/b.jpg\n")
    assert data.run("--split", names, source=source)[0] == 0
    written = [record.filename for record in data.written()]
    assert written == ["hall_b/scene1.png", "b.jpg"]
    names.write_text("scene1\n")
    data.out.unlink()
    err = data.refused("--split", names, source=source)
    assert "mean several pictures" in err
    assert "scene1: hall_a/scene1, hall_b/scene1" in err


@pytest.mark.parametrize(
    "row, message",
    [
        ("a.jpg,100,80,leak,nan,2,3,4", "line 2: xmin 'nan' is not a number"),
        ("a.jpg,100,80,leak,1,2,inf,4", "line 2: xmax 'inf' is not a number"),
        ("a.jpg,100,80,leak,1,2,1e999,4", "line 2: xmax '1e999' is not a number"),
        ("a.jpg,100,80,leak,1,2,1_0,4", "line 2: xmax '1_0' is not a number"),
        ("a.jpg,inf,80,leak,1,2,3,4", "line 2: width 'inf' is not a number"),
        ("a.jpg,nan,nan,leak,1,2,3,4", "line 2: width 'nan' is not a number"),
        ("a.jpg,-100,80,leak,1,2,3,4", "line 2: width '-100' is no number of pixels"),
        ("a.jpg,99.5,80,leak,1,2,3,4", "line 2: width '99.5' is no number of pixels"),
        ("a.jpg,100,80,leak, small,1,2,3,4", "line 2: 9 cells under 8 columns"),
        ('a.jpg,100,80,"leak,1,2,3,4', "line 2: unexpected end of data"),
        (
            "a.jpg,100,80,leak,1,2,3,4\na.jpg,80,100,leak,1,2,3,4",
            "a.jpg has two sizes: 100x80 and 80x100",
        ),
    ],
)
def test_numbers_and_cells_that_cannot_be_meant(data, write_csv, row, message):
    data.add("a.jpg")
    assert message in data.refused(source=write_csv(HEAD + row + "\n"))


def test_a_column_given_twice_is_refused(data, write_csv):
    data.add("a.jpg")
    text = "xmin," + HEAD + "5,a.jpg,100,80,leak,1,2,3,4\n"
    assert "has two columns xmin" in data.refused(source=write_csv(text))


def test_tabs_separate_cells(data, write_csv):
    data.add("a.jpg")
    text = (HEAD + "a.jpg,100,80,leak,10,20,30,50\n").replace(",", "\t")
    assert data.run(source=write_csv(text))[0] == 0


def test_excel_saves_ansi_and_unicode(data, write_csv):
    data.add("a.jpg")
    source = write_csv("")
    path = data.folder / "train_labels.csv"
    text = HEAD + "a.jpg,100,80,leak,10,20,30,50\n"
    path.write_bytes(text.replace(",", "\t").encode("utf-16"))
    assert data.run(source=source)[0] == 0
    data.out.unlink()
    path.write_bytes(text.replace("leak", "Gebälk").encode("cp1252"))
    err = data.refused(source=source)
    assert f"{path}, line 2: byte 0xe4 is no UTF-8; save it as UTF-8" in err

"""Pascal VOC as the living annotation tools write it, and as users break it."""

import pytest

from inspection.common.errors import DatasetError, exit_on_error
from inspection.datasets import voc
from inspection.datasets.boxes import find_fault, usable_box

OBJECT = """<object><name>leak</name><pose>Unspecified</pose><truncated>0</truncated>
<difficult>0</difficult><bndbox><xmin>10</xmin><ymin>20</ymin><xmax>30</xmax>
<ymax>50</ymax></bndbox></object>"""
SIZE = "<size><width>100</width><height>80</height><depth>3</depth></size>"

LABELIMG = f"""<annotation><folder>pictures</folder><filename>a.jpg</filename>
<path>/home/ann/pictures/a.jpg</path><source><database>Unknown</database></source>
{SIZE}<segmented>0</segmented>{OBJECT}</annotation>"""

LABEL_STUDIO = f"""<?xml version="1.0" encoding="utf-8"?>
<annotation><folder>images</folder><filename>a</filename>
<source><database>MyDatabase</database><annotation>COCO2017</annotation>
<flickrid>NULL</flickrid></source><owner><name>Label Studio</name></owner>
{SIZE}<segmented>0</segmented>{OBJECT}</annotation>"""

CVAT = """<annotation><folder></folder><filename>set 1/a.jpg</filename>
<source><database>Unknown</database></source>
<size><width>100</width><height>80</height><depth></depth></size>
<segmented>0</segmented><object><name>leak</name><truncated>0</truncated>
<occluded>1</occluded><difficult>1</difficult><bndbox><xmin>10.0</xmin>
<ymin>20.0</ymin><xmax>30.0</xmax><ymax>50.0</ymax></bndbox><attributes><attribute>
<name>rotation</name><value>0.0</value></attribute></attributes></object></annotation>"""

LABELME = """<annotation><folder/><filename>a.jpg</filename><source/>
<size><height>80</height><width>100</width><depth>3</depth></size><segmented/>
<object><name>leak</name><pose/><truncated/><difficult/><bndbox><xmin>10.0</xmin>
<ymin>20.0</ymin><xmax>30.0</xmax><ymax>50.0</ymax></bndbox></object></annotation>"""

ROBOFLOW = """<annotation><folder></folder><filename>a.jpg</filename><path>a.jpg</path>
<source><database>roboflow.com</database></source>
<size><width>100</width><height>80</height><depth>3</depth></size>
<segmented>0</segmented><object><name>leak</name><pose>Unspecified</pose>
<truncated>0</truncated><difficult>0</difficult><occluded>0</occluded><bndbox>
<xmin>10</xmin><xmax>30</xmax><ymin>20</ymin><ymax>50</ymax></bndbox>
<polygon><x1>10</x1><y1>20</y1></polygon></object></annotation>"""

X_ANYLABELING = f"""<?xml version="1.0" ?>
<annotation><folder>images</folder><filename>A.JPG</filename><path>..\\x\\A.JPG</path>
<source><database>Unknown</database></source>{SIZE}<segmented>0</segmented>
{OBJECT.replace(">30<", ">30.0000<")}</annotation>"""

MAKESENSE = f"""<annotation><folder>my-project-name</folder><filename>a.jpg</filename>
<path>/my-project-name/a.jpg</path><source><database>Unspecified</database></source>
{SIZE}{OBJECT.replace("<truncated>0", "<truncated>Unspecified")}</annotation>"""


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a space and an umlaut, holding one picture `a.jpg`."""
    folder = tmp_path / "my data" / "ü b"
    folder.mkdir(parents=True)
    (folder / "a.jpg").touch()
    return folder


def write(folder, text, name="a.xml"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [LABELIMG, LABEL_STUDIO, CVAT, LABELME, ROBOFLOW, X_ANYLABELING, MAKESENSE],
    ids="labelImg LabelStudio CVAT labelme Roboflow X-AnyLabeling makesense".split(),
)
def test_reads_each_annotation_tool(folder, text):
    annotation = voc.read_annotation(write(folder, text))
    assert (annotation.width, annotation.height) == (100, 80)
    assert annotation.image == folder / "a.jpg"
    (box,) = annotation.boxes
    assert (box.name, box.xmin, box.ymin, box.xmax, box.ymax) == (
        "leak",
        10,
        20,
        30,
        50,
    )
    assert box.difficult == (text is CVAT)
    assert box.truncated is False


def test_reads_by_name_whatever_the_order(folder):
    text = (
        "<annotation><object><bndbox><ymax>50</ymax><xmax>30</xmax><ymin>20</ymin>"
        "<xmin>10</xmin></bndbox><name> leak\n</name><truncated>1</truncated>"
        "<part><name>drop</name><bndbox><xmin>1</xmin></bndbox></part></object>"
        f"{SIZE}</annotation>"
    )
    (box,) = voc.read_annotation(write(folder, text)).boxes
    assert box == voc.Box("leak", 10, 20, 30, 50, truncated=True)


@pytest.mark.parametrize(
    "number, value",
    [("45.7000", 45.7), ("\ufeff16", 16), (" 16\n", 16), ("-3", -3), ("1e1", 10)],
)
def test_takes_odd_numbers(folder, number, value):
    text = LABELIMG.replace("<xmin>10<", f"<xmin>{number}<")
    assert voc.read_annotation(write(folder, text)).boxes[0].xmin == value


@pytest.mark.parametrize(
    "start",
    [b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf", b"\n<?xml version='1.0'?>\n"],
)
def test_takes_what_stands_before_the_xml(folder, start):
    path = write(folder, start + LABELIMG.encode())
    assert len(voc.read_annotation(path).boxes) == 1


def test_takes_utf16(folder):
    text = '<?xml version="1.0" encoding="utf-16"?>' + LABELIMG.replace(
        "leak", "Rohr-ß"
    )
    path = write(folder, text.encode("utf-16"))
    assert voc.read_annotation(path).boxes[0].name == "Rohr-ß"


def test_keeps_pictures_without_objects(folder):
    annotation = voc.read_annotation(write(folder, f"<annotation>{SIZE}</annotation>"))
    assert annotation.boxes == ()
    assert annotation.image == folder / "a.jpg"


def test_leaves_a_missing_size_open(folder):
    annotation = voc.read_annotation(write(folder, LABELIMG.replace(SIZE, "")))
    assert (annotation.width, annotation.height, annotation.depth) == (None, None, None)


@pytest.mark.parametrize(
    "image, xml_name, filename",
    [
        ("Pipe.JPG", "pipe.xml", "other.png"),
        ("pipe.v2.jpeg", "pipe.v2.xml", ""),
        ("b.png", "17.xml", "b"),
        ("b.png", "17.xml", "b.jpg"),
        ("b.png", "17.xml", "B.PNG"),
        ("b.png", "17.xml", "C:\\Users\\Ann\\My Pictures\\b.png"),
        ("b.png", "17.xml", "/content/drive/My Drive/b.png"),
        ("b.jpg", "b.jpg.xml", ""),
        ("f_jpg.rf.0a1b.jpg", "f_jpg.rf.0a1b.xml", "f_jpg.rf.0a1b.jpg"),
        ("u\u0308ber.jpg", "\u00fcber.xml", ""),  # macOS stores names decomposed
        ("泄漏.jpg", "17.xml", "泄漏.jpg"),
    ],
)
def test_finds_the_picture(folder, image, xml_name, filename):
    (folder / image).touch()
    text = LABELIMG.replace(">a.jpg<", f">{filename}<")
    found = voc.read_annotation(write(folder, text, xml_name)).image
    assert found == folder / image


def test_finds_no_picture_rather_than_a_wrong_one(folder):
    (folder / "._b.jpg").touch()  # AppleDouble
    (folder / "b.txt").touch()
    text = LABELIMG.replace(">a.jpg<", ">b.jpg<")
    assert voc.read_annotation(write(folder, text, "b.xml")).image is None


def test_filename_decides_between_two_pictures(folder):
    (folder / "a.png").touch()
    annotation = voc.read_annotation(write(folder, LABELIMG))
    assert annotation.image.name == "a.jpg"
    path = write(folder, LABELIMG.replace(">a.jpg<", "><"))
    with pytest.raises(DatasetError, match="may mean a.jpg and a.png"):
        voc.read_annotation(path)


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "not well-formed XML"),
        ("<annotation><object>", "not well-formed XML"),
        ("a\xff".encode("latin-1"), "is not UTF-8 text: line 1"),
        (
            '<?xml version="1.0" encoding="klingon"?><annotation/>',
            "encoding klingon, which is not known",
        ),
        ("<annotations><image/></annotations>", "first tag is <annotations>"),
        ("<annotation><filename>&x;</filename></annotation>", "undefined entity"),
        (LABELIMG.replace("<name>leak", "<name> "), "object 1 has no <name>"),
        (LABELIMG.replace("bndbox", "polygon"), r"object 1 \(leak\) has no <bndbox>"),
        (
            LABELIMG.replace(">10<", ">(88, 100)<"),
            r"<xmin> '\(88, 100\)', not a number",
        ),
        (LABELIMG.replace(">10<", ">nan<"), "<xmin> 'nan', not a number"),
        (LABELIMG.replace("<xmin>10</xmin>", ""), "<xmin> '', not a number"),
    ],
)
def test_names_what_cannot_be_read(folder, text, message):
    with pytest.raises(DatasetError, match=message) as caught:
        voc.read_annotation(write(folder, text))
    assert caught.value.faults[0].file == "a.xml"


def test_reads_no_foreign_file(folder):
    secret = write(folder, "secret", "secret.txt")
    text = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]>' + LABELIMG.replace(
        "leak", "&x;"
    )
    with pytest.raises(DatasetError):
        voc.read_annotation(write(folder, text))


def test_folder_reports_all_faults_at_once(folder):
    write(folder, LABELIMG)
    write(folder, "", "b.xml")
    write(folder, LABELIMG.replace(">10<", ">x<") + " ", "c.xml")
    write(folder, LABELIMG, "._a.xml")
    with pytest.raises(DatasetError) as caught:
        voc.read_folder(folder)
    text = str(caught.value)
    assert text.startswith("2 faults in 2 of 3 annotations in ")
    assert "b.xml: " in text and "c.xml: " in text and "mend: " in text


def test_counts_no_picture_twice(folder):
    write(folder, LABELIMG, "0 copy.xml")  # names a.jpg, but a.xml owns it
    write(folder, LABELIMG, "a.xml")
    annotations, faults = voc.scan_folder(folder)
    assert [annotation.path.name for annotation in annotations] == ["a.xml"]
    assert str(faults[0]) == "0 copy.xml: describes a.jpg, as a.xml does"


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda f: f / "nowhere", "is not a folder"),
        (lambda f: f, "0 annotations"),
        (lambda f: write(f, LABELIMG), "is not a folder"),
    ],
)
def test_refuses_folders_without_annotations(folder, make, message):
    with pytest.raises(DatasetError, match=message):
        voc.read_folder(make(folder))


def test_tells_where_the_annotations_are(folder):
    for side in ("train", "test"):
        (folder / side).mkdir()
        write(folder / side, LABELIMG)
    with pytest.raises(DatasetError, match="there are some in its test/, train/"):
        voc.read_folder(folder)


def test_writes_what_it_reads(folder):
    boxes = (
        voc.Box("puddle", 1.25, 2, 3, 4, difficult=True, pose="Left"),
        voc.Box("<Größe> & 泄漏", -1, 2, 3.5, 4, truncated=True),
    )
    image = folder / "a.jpg"
    written = voc.Annotation(folder / "a.xml", image, 100, 80, boxes, 3, "a.jpg")
    voc.write_annotation(written, written.path)
    assert voc.read_annotation(written.path) == written
    assert sorted(path.name for path in folder.iterdir()) == ["a.jpg", "a.xml"]


def test_leaves_nothing_when_writing_fails(folder):
    annotation = voc.Annotation(folder / "b.xml", None, 1, 1, (voc.Box("\0", *"1234"),))
    with pytest.raises((ValueError, TypeError)):
        voc.write_annotation(annotation, annotation.path)
    assert [path.name for path in folder.iterdir()] == ["a.jpg"]


@pytest.mark.parametrize(
    "corners, fault, usable",
    [
        ((0, 0, 100, 80), None, (0, 0, 100, 80)),
        ((5, 5, 5, 9), "zero-area", None),
        ((9, 5, 5, 9), "inverted-box", None),
        ((100, 5, 120, 9), "outside-box", None),
        ((-9, 5, 0, 9), "outside-box", None),
        ((-1, -2.5, 101, 82), "clipped-box", (0, 0, 100, 80)),
    ],
)
def test_judges_boxes(corners, fault, usable):
    box = voc.Box("leak", *corners)
    assert find_fault(box, 100, 80) == fault
    kept = usable_box(box, 100, 80)
    assert (kept and (kept.xmin, kept.ymin, kept.xmax, kept.ymax)) == usable


def test_message_lists_some_faults_and_counts_the_rest():
    error = DatasetError("30 faults", [f"file {i}" for i in range(30)])
    assert "file 19" in str(error) and "file 20" not in str(error)
    assert str(error).endswith("... and 10 more")


def test_commands_end_with_status_2_and_no_traceback(capsys):
    with pytest.raises(SystemExit) as caught, exit_on_error():
        raise DatasetError("0 annotations found")
    assert caught.value.code == 2
    assert capsys.readouterr().err == "error: 0 annotations found\n"


def test_reads_bccd(shared_data):
    folder = shared_data / "bccd"
    annotations = voc.read_folder(folder / "annotations", folder / "images")
    boxes = [(box, a) for a in annotations for box in a.boxes]
    assert (len(annotations), len(boxes)) == (364, 4888)
    assert sum(box.truncated for box, _ in boxes) == 1131
    unusable = [
        a.path.stem for box, a in boxes if not usable_box(box, a.width, a.height)
    ]
    assert unusable == ["BloodImage_00338", "BloodImage_00343"]

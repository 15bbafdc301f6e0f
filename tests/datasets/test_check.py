"""check_dataset.py: every fault of data that users met, its message and exit status."""

import re
from dataclasses import replace

import pytest

from helpers import ROOT
from helpers.commands import run_command, run_python
from helpers.images import encode, encode_oriented, sample_image
from helpers.voc_sets import BOXES, VocSet, huge_png
from inspection.datasets.checking import check
from inspection.datasets.faults import KINDS

LEAK, PUDDLE = BOXES
SCRIPT = ROOT / "scripts" / "check_dataset.py"


def turned(orientation, size=(64, 48)):
    return encode_oriented(sample_image(90, size), orientation)


def boxes(*changes):
    return [replace(LEAK, **change) for change in changes]


def raw(data):
    return lambda s: s.add("x", data)


# kind, what breaks a set of four good pictures, text that must be in the report
FAULTS = [
    (
        "unreadable-xml",
        lambda s: s.edit("pipe_01", "</name>", ""),
        "pipe_01.xml: is not w",
    ),
    (
        "unreadable-xml",
        lambda s: s.edit("pipe_01", "annotation>", "svg>"),
        "pipe_01.xml",
    ),
    ("bad-object", lambda s: s.edit("pipe_01", ">4<", ">(88, 1)<"), "<xmin> '(88, 1)'"),
    ("bad-object", lambda s: s.edit("pipe_01", "<xmin>4</xmin>", ""), "<xmin> ''"),
    (
        "one-picture-twice",
        lambda s: (
            s.add("x"),
            s.edit("x", "x.jpg", "pipe_01.jpg"),
            (s.images / "x.jpg").unlink(),
        ),
        "x.xml: describes pipe_01.jpg, as pipe_01.xml does",
    ),
    (
        "ambiguous-picture",
        lambda s: (s.add("x"), s.add("x", extension=".png"), s.edit("x", "x.png", "x")),
        "x.xml: may mean x.jpg and x.png",
    ),
    (
        "no-picture",
        lambda s: (s.images / "pipe_01.jpg").unlink(),
        "pipe_01.xml: no pict",
    ),
    (
        "broken-picture",
        raw(encode(sample_image(9), "JPEG")[:-400]),
        "x.jpg: is cut off",
    ),
    ("broken-picture", raw(encode(sample_image(9), "PNG")[:-20]), "not a whole PNG"),
    ("broken-picture", raw(encode(sample_image(9), "JPEG")[:-2]), "not a whole JPEG"),
    (
        "broken-picture",
        raw(encode(sample_image(9), "BMP")[:40]),
        "x.jpg: is a broken BMP",
    ),
    ("broken-picture", raw(b""), "x.jpg: is empty"),
    (
        "broken-picture",
        raw(b"<html>"),
        "x.jpg: is no picture: it begins with b'<html>'",
    ),
    ("broken-picture", raw(b"\0\0\0\x18ftypheic\0\0\0\0"), "x.jpg: is HEIC"),
    (
        "lying-boxes",
        lambda s: s.add("x", turned(6)),
        "x.xml: says 64x48, the picture is 48x64 upright (EXIF orientation 6)",
    ),
    (
        "wrong-size",
        lambda s: s.add("x", width=640, height=480),
        "x.xml: says 640x480, the picture is 64x48",
    ),
    (
        "deleted-object",
        lambda s: s.edit("pipe_01", "<name>", "<deleted>1</deleted><name>"),
        "pipe_01.xml: object 1 (leak) is marked as deleted",
    ),
    (
        "enclosing-box",
        lambda s: s.edit(
            "pipe_01",
            "</annotation>",
            "<object><name>leak</name><polygon><x1>9</x1><y1>9</y1><x2>40</x2>"
            "<y2>40</y2></polygon></object></annotation>",
        ),
        "pipe_01.xml: object 3 (leak) is a <polygon>",
    ),
    (
        "zero-area",
        lambda s: s.add("x", boxes=[LEAK, replace(LEAK, xmax=4.0, ymax=6.0)]),
        "x.xml: box 2 (leak) (4, 6) to (4, 6)",
    ),
    (
        "inverted-box",
        lambda s: s.add("x", boxes=boxes({"xmax": 1.5})),
        "(4, 6) to (1.5, 40)",
    ),
    (
        "outside-box",
        lambda s: s.add("x", boxes=boxes({"ymin": 48, "ymax": 50})),
        "of 64x48",
    ),
    (
        "clipped-box",
        lambda s: s.add("x", boxes=boxes({"xmin": -3})),
        "(-3, 6) to (30, 40)",
    ),
    (
        "clipped-box",
        lambda s: s.add("x", boxes=boxes({"xmax": 65})),
        "(4, 6) to (65, 40)",
    ),
    (
        "similar-classes",
        lambda s: s.add("x", boxes=boxes({"name": "Leak"})),
        "'Leak': 1 boxes; 4 are 'leak'",
    ),
    (
        "no-annotation",
        lambda s: (s.annotations / "pipe_01.xml").unlink(),
        "pipe_01.jpg: has",
    ),
    (
        "odd-picture",
        raw(encode(sample_image(9).convert("CMYK"), "JPEG")),
        "x.jpg: jpeg CMYK, 8 bits",
    ),
    ("odd-picture", raw(encode(sample_image(9), "TIFF")), "x.jpg: tiff RGB, 8 bits"),
    (
        "huge-picture",
        lambda s: (
            s.add("x", seed=9),
            (s.images / "x.jpg").write_bytes(huge_png(20_000, 12_000)),
        ),
        "x.jpg: is too large: 240 MP; cut it into tiles",
    ),
    (
        "black-picture",
        raw(encode(sample_image(9).point(lambda value: value // 20), "JPEG")),
        "x.jpg: no part of it reaches 16 of 255",
    ),
    (
        "large-picture",
        lambda s: s.add(
            "x", encode(sample_image(9, (2000, 1000)), "JPEG"), width=2000, height=1000
        ),
        "x.jpg: 2000x1000, 2.0 MP",
    ),
    ("same-picture", raw(encode(sample_image(2), "JPEG")), "pipe_02.jpg: and x.jpg"),
    ("wrong-extension", raw(encode(sample_image(9), "PNG")), "x.jpg: is a PNG"),
    (
        "transparent",
        raw(encode(sample_image(9).convert("RGBA"), "PNG")),
        "x.jpg: png RGBA",
    ),
    (
        "other-filename",
        lambda s: s.edit("pipe_01", ">pipe_01.jpg<", ">C:\\ü\\Pipe<"),
        "pipe_01.xml: says 'C:\\\\ü\\\\Pipe', the picture is pipe_01.jpg",
    ),
    (
        "no-size",
        lambda s: s.add("x", seed=9, width=None),
        "x.xml: the picture is 64x48",
    ),
    (
        "wrong-depth",
        lambda s: s.add("x", seed=9, depth=1),
        "says depth 1, the picture has 3",
    ),
    ("turned-picture", lambda s: s.add("x", turned(3)), "x.jpg: EXIF orientation 3"),
    (
        "near-duplicates",
        lambda s: s.add(
            "x", encode(sample_image(2).point(lambda v: v * 0.7), "JPEG", quality=50)
        ),
        "pipe_02.jpg: and x.jpg",
    ),
    (
        "double-box",
        lambda s: s.add("x", boxes=[LEAK, LEAK]),
        "x.xml: box 2 (leak) (4, 6)",
    ),
    (
        "tiny-boxes",
        lambda s: s.add("x", boxes=boxes({"xmax": 6, "ymax": 9})),
        "leak: 1 of 5 boxes are under 16 pixels at 320x320, most in x.xml",
    ),
    ("no-objects", lambda s: s.add("x", boxes=[]), "x.xml: has no objects"),
    ("not-a-picture", lambda s: (s.images / "._x.jpg").touch(), "._x.jpg: ignored"),
]
STATUS = {"error": (1, 1), "warning": (0, 1), "note": (0, 0)}  # without, with --strict


@pytest.fixture
def voc_set(tmp_path):
    return VocSet(tmp_path, count=4)


@pytest.fixture
def run(voc_set, monkeypatch, capsys):
    def run(*arguments, folder=voc_set):
        places = ("-x", folder.annotations, "-i", folder.images)
        return run_command(monkeypatch, capsys, "check_dataset", *places, *arguments)

    return run


@pytest.mark.parametrize("kind, break_it, text", FAULTS, ids=[row[0] for row in FAULTS])
def test_reports_fault(voc_set, run, kind, break_it, text):
    break_it(voc_set)
    before = voc_set.files()
    status, out, err = run()
    assert text in out
    assert f"{KINDS[kind].severity}: {KINDS[kind].title} (1)" in out
    assert f"mend: {KINDS[kind].mend}" in out
    assert err == ""
    assert (status, run("--strict")[0]) == STATUS[KINDS[kind].severity]
    assert voc_set.files() == before


def test_every_kind_of_fault_is_tested():
    elsewhere = {"unknown-class", "unused-class"}
    elsewhere |= {"both-sides", "near-both-sides", "listed-nowhere"}
    assert {kind for kind, _, _ in FAULTS} | elsewhere == set(KINDS)


def test_good_set_has_no_fault(run):
    status, out, _ = run("--strict")
    assert status == 0
    assert "4 annotations, 4 pictures, 8 boxes, 8 of them usable" in out
    assert out.endswith("0 errors, 0 warnings, 0 notes\n")
    assert re.search(r"leak +4 +4 +", out)


def test_unknown_classes_are_named_all_at_once(voc_set, run):
    for number, name in enumerate(["Leak", "pudle", "water  leak", "泄漏"]):
        changed = [replace(LEAK, name=name), PUDDLE]
        voc_set.add(f"x{number}", boxes=changed, seed=10 + number)
    label_map = voc_set.root / "label_map.pbtxt"
    names = ["leak", "puddle", "stain"]
    items = [f"item {{ id: {i} name: '{n}' }}" for i, n in enumerate(names, start=1)]
    label_map.write_text("\n".join(items))
    status, out, _ = run("-l", label_map)
    known = "is not in the label map (leak, puddle, stain)"
    assert f"x0.xml: class 'Leak' {known}; nearest is 'leak'" in out
    assert f"x1.xml: class 'pudle' {known}; nearest is 'puddle'" in out
    assert f"x3.xml: class '泄漏' {known}; none is like it" in out
    assert "stain: has no box" in out
    assert status == 1


@pytest.mark.parametrize(
    "text, message",
    [
        ("item { id: 0 name: 'leak' }", "0"),
        ("item { id: 1 name: 'leak' } item { id: 3 name: 'puddle' }", "2"),
        ("item { id: 1 name: 'leak' } item { id: 1 name: 'puddle' }", "1"),
        ("item { id: 1 name: 'leak' } item { id: 2 name: 'leak' }", "leak"),
        ("item { id: 1 name: 'leak'", "label_map.pbtxt"),
    ],
)
def test_refuses_bad_label_maps(voc_set, run, text, message):
    label_map = voc_set.root / "label_map.pbtxt"
    label_map.write_text(text)
    status, out, err = run("-l", label_map)
    assert (status, out) == (2, "")
    assert err.startswith("error: ") and message in err


@pytest.mark.parametrize(
    "empty, message",
    [
        (lambda s: s.annotations / "*.xml", "error: 0 annotations (.xml) found in"),
        (lambda s: s.images / "*.jpg", "error: 0 pictures found in"),
    ],
)
def test_refuses_empty_folders(voc_set, run, empty, message):
    pattern = empty(voc_set)
    for path in pattern.parent.glob(pattern.name):
        path.unlink()
    status, out, err = run()
    assert (status, out) == (2, "")
    assert err.startswith(message)


def test_refuses_wrong_folders(voc_set, run):
    voc_set.images = voc_set.root / "nowhere"
    status, _, err = run()
    assert status == 2 and f"{voc_set.images} is not a folder" in err


def test_objects_in_no_annotation_are_nothing_to_learn_from(tmp_path, run):
    empty = VocSet(tmp_path / "empty")
    empty.add("x", boxes=[])
    status, out, _ = run(folder=empty)
    assert status == 2
    assert out.endswith(
        "0 usable boxes: nothing to learn from (0 errors, 0 warnings, 1 note)\n"
    )


def test_finds_one_source_on_both_sides(voc_set, run):
    voc_set.add("a_jpg.rf.0123", seed=10)
    voc_set.add("a_jpg.rf.4567", seed=11)
    voc_set.add("b", seed=12)
    voc_set.add("c", seed=12)
    dark = encode(sample_image(2).point(lambda value: value * 0.7), "JPEG")
    voc_set.add("d", dark)
    lists = voc_set.root / "lists"
    lists.mkdir()
    (lists / "train.txt").write_text(
        "a_jpg.rf.0123\nb\nd.jpg\npipe_00\npipe_01\ngone\n"
    )
    (lists / "test.txt").write_text("a_jpg.rf.4567\nc\npipe_02\npipe_01\n")
    status, out, _ = run("--splits", lists)
    assert status == 1
    assert "a_jpg.rf.0123.jpg: in train; a_jpg.rf.4567.jpg in test" in out
    assert "b.jpg: in train; c.jpg in test" in out
    assert "d.jpg: in train; pipe_02.jpg in test" in out
    assert "pipe_01: listed in train and test" in out
    assert "gone: listed in train, has no annotation" in out


def test_same_source_on_one_side_is_no_fault(voc_set):
    voc_set.add("a_jpg.rf.0123", seed=10)
    voc_set.add("a_jpg.rf.4567", seed=11)
    splits = {"train": ["a_jpg.rf.0123", "a_jpg.rf.4567"], "test": ["pipe_00"]}
    report = check.check_dataset(voc_set.annotations, voc_set.images, splits=splits)
    assert report.faults == []


def test_video_frames_are_told_by_a_pattern(voc_set, run):
    voc_set.add("film1_frame01", seed=10)
    voc_set.add("film1_frame99", seed=11)
    splits = {"train": ["film1_frame01"], "test": ["film1_frame99"]}
    for name, stems in splits.items():
        (voc_set.root / f"{name}.txt").write_text("\n".join(stems))
    lists = ("--splits", voc_set.root / "train.txt", voc_set.root / "test.txt")
    assert run(*lists)[0] == 0
    assert run(*lists, "--source", "(.+)_frame")[0] == 1
    status, _, err = run(*lists, "--source", ".+_frame")
    assert status == 2 and "put ( ) around" in err


def test_page_needs_no_other_file(voc_set, run, tmp_path):
    voc_set.add(
        "<b>", boxes=[replace(LEAK, name="<leak>"), *boxes({"xmax": 4, "ymax": 6})]
    )
    page = tmp_path / "out" / "report.html"
    _, out, _ = run("--html", page)
    assert f"wrote {page}" in out
    text = page.read_text(encoding="utf-8")
    assert "&lt;leak&gt;" in text and "<leak>" not in text
    assert text.count('src="data:image/jpeg;base64,') >= 5
    assert not re.search(r"""(src|href)=["'](?!data:)""", text)
    assert [path.name for path in page.parent.iterdir()] == ["report.html"]


def test_page_shows_faults_without_a_readable_picture(voc_set, run, tmp_path):
    voc_set.add("x", b"no picture")
    page = tmp_path / "report.html"
    run("--html", page)
    assert "is no picture" in page.read_text(encoding="utf-8")


def test_missing_size_is_taken_from_the_picture(voc_set):
    voc_set.add("x", seed=9, width=None, height=None, boxes=boxes({"xmax": 90}))
    report = check.check_dataset(voc_set.annotations, voc_set.images)
    assert sorted(fault.kind for fault in report.faults) == ["clipped-box", "no-size"]
    assert report.statistics.usable_boxes == 9


def test_wrong_size_does_not_blame_the_boxes(voc_set):
    voc_set.add("x", seed=9, width=32, height=24)
    report = check.check_dataset(voc_set.annotations, voc_set.images)
    assert [fault.kind for fault in report.faults] == ["wrong-size"]


def test_box_sizes_are_those_at_the_input_size(voc_set):
    count = check.check_dataset(voc_set.annotations, voc_set.images, input_size=320)
    leak, puddle = count.statistics.classes
    # 26x34 of 64x48 pixels, when both sides become 320
    assert leak.median_size == pytest.approx((26 / 64 * 34 / 48) ** 0.5 * 320)
    assert (puddle.boxes, puddle.images, puddle.tiny) == (4, 4, 0)


def test_bccd_has_its_two_boxes_without_area(shared_data, run, monkeypatch):
    bccd = shared_data / "bccd"
    report = check.check_dataset(bccd / "annotations", bccd / "images")
    found = report.by_kind()
    assert [str(fault) for fault in found["zero-area"]] == [
        "BloodImage_00338.xml: box 13 (RBC) (504, 337) to (504, 337)",
        "BloodImage_00343.xml: box 4 (RBC) (181, 329) to (181, 329)",
    ]
    assert sorted(found) == ["near-duplicates", "tiny-boxes", "zero-area"]
    count = report.statistics
    assert (count.boxes, count.usable_boxes, count.images) == (4888, 4886, 364)
    assert {c.name: c.boxes for c in count.classes} == {
        "Platelets": 361,
        "RBC": 4153,
        "WBC": 372,
    }
    assert (report.exit_code(), report.exit_code(strict=True)) == (0, 1)


def test_runs_by_itself_from_any_folder(voc_set, tmp_path):
    voc_set.add("x", seed=9, boxes=boxes({"xmax": 4, "ymax": 6}))
    command = (SCRIPT, "-x", "annotations", "-i", "images")
    done = run_python(*command, cwd=voc_set.root)
    assert done.returncode == 0
    assert "box without area" in done.stdout and done.stderr == ""
    done = run_python(*command, cwd=tmp_path)
    assert done.returncode == 2 and "error: annotations is not a folder" in done.stderr


def test_needs_no_tensorflow():
    code = "import sys, check_dataset, inspection.datasets.checking.check_report; "
    code += "print([m for m in ('tensorflow', 'keras', 'pandas') if m in sys.modules])"
    done = run_python("-c", code, cwd=SCRIPT.parent)
    assert done.stdout.strip() == "[]", done.stderr

"""Every fault of annotated pictures that users met, its message and exit status."""

from dataclasses import replace

import pytest

from helpers.images import encode, encode_oriented, sample_image
from helpers.sets.voc_sets import BOXES, huge_png, leak_boxes
from inspection.datasets.fault_kinds import OF_CLASSES, OF_MASKS, OF_SPLITS
from inspection.datasets.faults import KINDS

LEAK, PUDDLE = BOXES


def turned(orientation, size=(64, 48)):
    return encode_oriented(sample_image(90, size), orientation)


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
        lambda s: s.add("x", boxes=leak_boxes({"xmax": 1.5})),
        "(4, 6) to (1.5, 40)",
    ),
    (
        "outside-box",
        lambda s: s.add("x", boxes=leak_boxes({"ymin": 48, "ymax": 50})),
        "of 64x48",
    ),
    (
        "clipped-box",
        lambda s: s.add("x", boxes=leak_boxes({"xmin": -3})),
        "(-3, 6) to (30, 40)",
    ),
    (
        "clipped-box",
        lambda s: s.add("x", boxes=leak_boxes({"xmax": 65})),
        "(4, 6) to (65, 40)",
    ),
    (
        "similar-classes",
        lambda s: s.add("x", boxes=leak_boxes({"name": "Leak"})),
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
        lambda s: s.add("x", boxes=leak_boxes({"xmax": 6, "ymax": 9})),
        "leak: 1 of 5 boxes are under 16 pixels at 320x320, most in x.xml",
    ),
    ("no-objects", lambda s: s.add("x", boxes=[]), "x.xml: has no objects"),
    ("not-a-picture", lambda s: (s.images / "._x.jpg").touch(), "._x.jpg: ignored"),
]
STATUS = {"error": (1, 1), "warning": (0, 1), "note": (0, 0)}  # without, with --strict


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
    elsewhere |= {*OF_CLASSES, *OF_MASKS, *OF_SPLITS}
    assert {kind for kind, _, _ in FAULTS} | elsewhere == set(KINDS)

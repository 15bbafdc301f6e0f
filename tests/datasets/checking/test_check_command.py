"""check_dataset.py: what it refuses, with which message and exit status."""

import re
from dataclasses import replace

import pytest

from helpers import ROOT
from helpers.commands import run_python
from helpers.sets.voc_sets import BOXES, VocSet, leak_boxes

LEAK, PUDDLE = BOXES
SCRIPT = ROOT / "scripts" / "check_dataset.py"


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


def test_runs_by_itself_from_any_folder(voc_set, tmp_path):
    voc_set.add("x", seed=9, boxes=leak_boxes({"xmax": 4, "ymax": 6}))
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

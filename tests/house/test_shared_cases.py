"""Files of the kinds that users brought: read rightly, or refused without a traceback."""

import pytest

from helpers.commands import run_command
from inspection.detection.records.records import read_records

READ = {  # kind of XML: boxes
    "crlf": 1,
    "doctype": 1,
    "doctype_ext": 1,
    "float_e": 1,
    "gb2312": 1,
    "gbk_ascii": 1,
    "labelme_web": 1,
    "namespace": 1,
    "newline_name": 1,
    "nsprefix": 1,
    "objects_wrapper": 1,
    "parts": 1,
    "polygon_only": 1,
    "robndbox": 1,
    "says_utf16_is_utf8": 1,
    "sjis": 1,
    "upper_tags": 1,
    "utf16": 1,
    "utf16_noprolog": 1,
    "utf16le_nobom": 1,
    "utf32": 1,
    "utf8name": 1,
}
MAPS = "commas item_colon keypoints mid_display nested_itemlist noline octal_name"
MAPS += " surrogate tabs_crlf_bom utf16"
CONFIGS = "bool_input cr eval_list exp graph_rewriter num_input num_path ok size_odd"
CONFIGS += " tensor_aug two_eval unquoted2 utf16"


@pytest.fixture
def cases(shared_data):
    folder = shared_data / "cases" / "data"
    if not folder.is_dir():
        pytest.skip("needs the files in ../shared/data/cases, which are not here")
    return folder


@pytest.fixture
def run(monkeypatch, capsys):
    """Return a function that tells whether a command took its input, or refused it."""

    def run(name, *arguments):
        status, _, err = run_command(monkeypatch, capsys, name, *arguments)
        assert status == 0 or (status == 2 and err.startswith("error: "))
        return status == 0

    return run


def test_kinds_of_xml(cases, run, tmp_path):
    out = tmp_path / "a.record"
    boxes = {}

    def convert(folder):
        places = ("-x", folder, "-l", folder / "map.pbtxt", "-o", out)
        return run("generate_tfrecord", *places)

    for folder in (cases / "08_xml_kinds").iterdir():
        if convert(folder):
            boxes[folder.name] = sum(len(r.boxes) for r in read_records(out))
            out.unlink()
    assert boxes == READ
    assert convert(cases / "01_two_bndbox")
    assert [len(r.boxes) for r in read_records(out)] == [3]


def test_kinds_of_label_maps(cases, run, tmp_path):
    files = (cases / "09_label_maps").iterdir()
    out = tmp_path / "labels.txt"
    taken = [f.stem for f in files if run("make_label_map", *("-l", f, "-o", out))]
    assert sorted(taken) == MAPS.split()


def test_kinds_of_configs(cases, run, tmp_path):
    files = (cases / "10_configs").iterdir()
    out = ("--output", tmp_path / "b.config")
    taken = [f.stem for f in files if run("make_pipeline_config", "--base", f, *out)]
    assert sorted(taken) == CONFIGS.split()


def test_kinds_of_csv(cases, run, tmp_path):
    taken = []
    for folder in (cases / "02_csv_cp1252", cases / "05_csv_two_folders"):
        for file in folder.glob("*.csv"):
            source = ("--csv_input", file, "--image_dir", folder / "img")
            if run("generate_tfrecord", *source, "-o", tmp_path / "a.record"):
                taken.append(f"{folder.name}/{file.stem}")
    assert sorted(taken) == ["02_csv_cp1252/ok", "02_csv_cp1252/t16"]

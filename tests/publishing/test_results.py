"""docs/results.md, its figures and the front page against the measurements."""

import re
import sys

import pytest

import build_results
from inspection.publishing import contents
from inspection.publishing.error_guide import anchor
from inspection.publishing.results import charts, figures, front, markdown, page

LARGEST_FIGURE = 60_000  # bytes


def test_page_is_in_step():
    text = page.PAGE.read_text(encoding="utf-8")
    assert text == page.page_text(), "run: python tools/build_results.py"


def test_front_page_and_gallery_are_in_step():
    readme = contents.README.read_text(encoding="utf-8")
    assert contents.filled_readme(readme) == readme, (
        "run: python tools/build_results.py"
    )
    gallery = contents.GALLERY.read_text(encoding="utf-8")
    assert contents.filled_gallery(gallery) == gallery, "run: make notebooks"


def test_every_measurement_is_on_the_page():
    measured = {path.stem for path in markdown.RESULTS.glob("*.json")}
    assert {section.name for section in page.SECTIONS} == measured - {
        "published",
        "mutation",
    }


def test_contents_lead_to_all_headings():
    text = page.page_text()
    headings = [anchor(h) for h in re.findall(r"^## (.+)$", text, re.MULTILINE)]
    assert re.findall(r"^\* \[.+\]\(#(.+)\)$", text, re.MULTILINE) == headings


def test_front_table_says_what_was_measured():
    rows = front.front_table().splitlines()[2:]
    assert len(rows) == 9 and all(row.count("|") == 5 for row in rows)
    tuned = markdown.read("cracks")["then fine-tuned, 3 epochs"]["test at 0.5"]
    score = f"accuracy {tuned['MobileNetV2 0.35']['accuracy']:.3f}"
    assert [score in row for row in rows].count(True) == 1
    masks = markdown.read("segmentation_rust_masks")["table"]["U-Net"]["IoU"]
    (row,) = [row for row in rows if "#rust-pixel-by-pixel" in row]
    assert f"IoU {masks:.3f};" in row


def test_every_published_figure_has_its_source():
    for figure in (one for task in markdown.read("published").values() for one in task):
        assert figure["source"].startswith("https://") and 0 < figure["value"] < 1
        assert figure["by"] and figure["differs"] and figure["measure"]


def test_a_link_to_no_section_is_refused():
    with pytest.raises(ValueError, match="no section 'Tables'"):
        page.link_to("Tables")


def test_lost_marks_are_named():
    with pytest.raises(ValueError, match="marks of its results"):
        contents.between("<!-- results -->\nno end", "results", "")


def test_figures_show_what_was_measured():
    assert figures.stale() == [], "run: python tools/build_results.py"
    assert {path.stem for path in figures.FOLDER.iterdir()} == set(charts.CHARTS)
    shown = {section.figure for section in page.SECTIONS} - {None}
    assert shown == set(charts.CHARTS)


@pytest.mark.parametrize("name", charts.CHARTS)
def test_a_figure_is_small_and_comes_out_alike(name, tmp_path):
    chart = charts.CHARTS[name]()
    first = figures.write(chart, tmp_path / "a").read_bytes()
    assert figures.write(chart, tmp_path / "b").read_bytes() == first
    assert len(first) < LARGEST_FIGURE
    assert (figures.FOLDER / f"{name}.svg").stat().st_size < LARGEST_FIGURE


def test_a_figure_of_other_values_is_stale(tmp_path):
    chart = charts.cracks()
    assert len(figures.stale(tmp_path)) == len(charts.CHARTS)
    chart.values["test, concrete"]["Texture"] = (0.5, 0.4, 0.6)
    figures.write(chart, tmp_path)
    assert tmp_path / "cracks.svg" in figures.stale(tmp_path)
    figures.write(charts.cracks(), tmp_path)
    assert tmp_path / "cracks.svg" not in figures.stale(tmp_path)


def test_values_of_the_charts_are_those_of_the_benchmarks():
    texture = markdown.read("cracks")["head on features"]["on pavement_cracks at 0.5"]
    shown = charts.cracks().values["other pavements"]["Texture"]
    assert shown == tuple(
        texture["Texture"][key] for key in ("accuracy", "low", "high")
    )
    lines = [
        "extraction: 5 epochs",
        "in place                  wall_s 55.07   cpu_s 62.98",
        "in place                  wall_s 12.68   cpu_s 12.57",
        "ratio_to_import_cpu       0.114",
        "ratio_to_import_wall      0.098",
    ]
    assert charts.wall(lines, "in place") == 55.07
    assert charts.ratio(lines, "import") == 0.098


def test_readings_hold_of_what_was_measured():
    known, other = charts.cracks().values.values()
    assert max(low for _, low, _ in known.values()) < min(
        h for _, _, h in known.values()
    )
    texture, head, tuned = other.values()
    assert texture[2] < head[1] and head == tuned
    for points in charts.masks().values.values():
        by_kind = {}
        for way, (score,) in points.items():
            by_kind.setdefault(figures.kind_of(way), []).append(score)
        assert points["U-Net"][0] > max(by_kind["without a network"]) + 0.05
        assert max(by_kind["several together"]) < points["U-Net"][0] + 0.01
    for points in charts.formats().values.values():
        scores = [score for _, score, _ in points.values()]
        assert max(scores) - min(scores) < 0.5
        assert min(points, key=points.get) == "int8"
        assert points["dynamic"][0] > 2 * points["float32"][0]
    grown = charts.growth().values
    for series, points in grown.items():
        costs = {int(count): cost for count, (cost,) in points.items()}
        if series.startswith("pictures, "):
            ends = sorted(costs)[-2:]
            assert costs[ends[1]] < 11 * costs[ends[0]]
            assert costs[1000] < 5 * costs[100]
        if series.startswith("pictures of a batch"):
            assert (
                costs[8] / 8 < 0.6 * costs[1] and costs[16] / 16 > 0.95 * costs[8] / 8
            )
    steps = list(charts.speed().values["share of the time"].values())
    assert max(steps)[0] < 1 and min(steps)[0] < 0.05


def test_check_names_the_page_that_is_out_of_step(tmp_path, monkeypatch, capsys):
    stale = tmp_path / "results.md"
    stale.write_text("# Results\n", encoding="utf-8")
    monkeypatch.setattr(page, "PAGE", stale)
    monkeypatch.setattr(sys, "argv", ["build_results.py", "--check"])
    assert build_results.main() == 1
    said = capsys.readouterr().err
    assert "results.md; run: python tools/build_results.py" in said
    assert stale.read_text(encoding="utf-8") == "# Results\n"

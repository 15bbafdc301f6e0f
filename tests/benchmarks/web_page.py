"""Compare the page in Chromium with Python, format by format, and photograph it.

    python tests/benchmarks/web_page.py --models build/tflite_formats/leaks
    python tests/benchmarks/web_page.py --models customTF2/exported --pictures 5

Shows pictures of the bundled test list to the page, for each leaks_FORMAT.tflite, and
holds its boxes against those of the Python runtime. Writes assets/results/web_page.json
and the picture assets/web_page.jpg. Needs Chromium, Playwright and the package that
scripts/serve_page.py --fetch gets.
"""

import io
import json
import statistics
import sys
from pathlib import Path

from PIL import Image

import measure
from helpers import browser
from inspection.common import arguments as flags
from inspection.common.atomic_files import atomic_write
from inspection.datasets.images.image_file import read_rgb
from inspection.deploy import runtime
from inspection.deploy.tracking import overlap

FORMATS = ("float32", "float16", "dynamic", "int8")
DATA = measure.ROOT / "data/leaks"
RESULT = measure.ROOT / "assets/results/web_page.json"
PHOTOGRAPH = measure.ROOT / "assets/web_page.jpg"
SHOWN = "leak_003"  # the picture on the photograph
THRESHOLD = 0.3
SLIDE = """(value) => {
  document.getElementById("threshold").value = value;
  document.getElementById("threshold").dispatchEvent(new Event("input"));
}"""


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--models", type=Path, required=True, metavar="DIR", help="leaks_FORMAT.tflite")
    add("--pictures", type=flags.positive_int, help="of the test list (all)")
    return parser.parse_args()


def compare(page, path, images):
    """Return how the boxes of the page differ from Python's, over some pictures."""
    model = runtime.load_model(path)
    found = {"boxes": 0, "unmatched": 0, "scores": [], "overlaps": [], "ms": []}
    for image in images:
        rows = browser.show(page, image)
        found["ms"].append(float(page.text_content("#pace").split()[-2]))
        others = browser.boxes_of(model, read_rgb(image), 0.8 * THRESHOLD)
        for row in rows:
            pairs = [(iou(row, other), other) for other in others if other[0] == row[0]]
            best, other = max(pairs, default=(0, None), key=lambda pair: pair[0])
            found["boxes"] += 1
            found["unmatched"] += best < 0.5
            if best >= 0.5:
                found["overlaps"].append(best)
                found["scores"].append(abs(row[1] - other[1]))
    return {
        "boxes": found["boxes"],
        "without_partner": int(found["unmatched"]),
        "least_overlap": round(min(found["overlaps"]), 3),
        "mean_overlap": round(statistics.mean(found["overlaps"]), 3),
        "largest_score_difference": round(max(found["scores"]), 4),
        "mean_score_difference": round(statistics.mean(found["scores"]), 5),
        "ms_median": statistics.median(found["ms"]),
    }


def iou(one, other):
    """Return the overlap of two rows, whose boxes are x, y, width, height."""
    corners = [[y, x, y + high, x + wide] for _, _, (x, y, wide, high) in (one, other)]
    return overlap(*corners)


def photograph(page):
    """Keep a picture of the page as it stands."""
    page.evaluate(SLIDE, "0.5")
    data = page.screenshot(clip={"x": 40, "y": 0, "width": 1020, "height": 710})
    with atomic_write(PHOTOGRAPH) as temporary:
        image = Image.open(io.BytesIO(data)).convert("RGB")
        image.save(temporary, "JPEG", quality=88)


def main():
    arguments = parse_arguments()
    if browser.missing():
        sys.exit(f"needs {browser.missing()}")
    names = (DATA / "splits/test.txt").read_text().split()[: arguments.pictures]
    images = [DATA / f"images/{Path(name).stem}.jpg" for name in names]
    result = {
        "what": "the page in headless Chromium against the Python runtime",
        "command": " ".join(["python tests/benchmarks/web_page.py", *sys.argv[1:]]),
        "data": f"data/leaks, test list, {len(images)} pictures, score from {THRESHOLD}",
        "machine": measure.describe_machine(),
    }
    asked = set()
    with browser.open_browser() as chromium:
        result["browser"] = f"Chromium {chromium.version}"
        for format in FORMATS:
            path = arguments.models / f"leaks_{format}.tflite"
            page = chromium.new_page(viewport={"width": 1100, "height": 720})
            page.on("request", lambda request: asked.add(request.url.split("/")[2]))
            with browser.serve(path) as url:
                page.goto(url)
                browser.wait_for(page, "ready")
                page.evaluate(SLIDE, str(THRESHOLD))
                result[format] = compare(page, path, images)
                if format == "int8":
                    browser.show(page, DATA / f"images/{SHOWN}.jpg")
                    photograph(page)
            page.close()
    result["asked_other_machines"] = [h for h in asked if not h.startswith("127.0.0.1")]
    measure.print_result("web_page", result)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

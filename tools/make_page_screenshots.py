"""Take the pictures of the page that docs/results.md shows: a desk's window and a phone's.

    python tools/make_page_screenshots.py --model my.tflite --picture photo.jpg

Writes assets/serve_page.jpg and assets/serve_page_phone.jpg. Without --picture the page
is asked about a drawing of the bundled stand-in for CIFAR-10. Needs playwright and
Chromium.
"""

import io
import shutil
from pathlib import Path

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "assets"
WINDOWS = {
    "serve_page": {"viewport": {"width": 1000, "height": 760}},
    "serve_page_phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
        "color_scheme": "dark",
    },
}


def parse_arguments():
    parser = flags.parser(__doc__)
    parser.add_argument("--model", required=True, type=Path, metavar="TFLITE")
    parser.add_argument("--picture", type=Path, metavar="FILE")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from playwright.sync_api import sync_playwright

    from inspection.deploy import runtime
    from inspection.deploy.service.app import create_app
    from inspection.deploy.service.server import serving

    model = runtime.load_model(arguments.model)
    image = arguments.picture.read_bytes() if arguments.picture else drawn()
    chromium = {"executable_path": shutil.which("chromium"), "args": ["--no-sandbox"]}
    with serving(create_app(model, arguments.model.stem)) as url:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**chromium)
            for name, window in WINDOWS.items():
                page = browser.new_context(**window).new_page()
                photograph(page, url, image, ASSETS / f"{name}.jpg")
            browser.close()


def drawn():
    from PIL import Image

    from inspection.synthetic.pictograms.dataset import draw

    buffer = io.BytesIO()
    Image.fromarray(draw("truck", 1, "test", 0)).save(buffer, "PNG")
    return buffer.getvalue()


def photograph(page, url, image, path):
    page.goto(url)
    file = {"name": "picture", "mimeType": "image/png", "buffer": image}
    page.set_input_files("#file", file)
    page.wait_for_selector("#rows li")
    page.screenshot(path=path, type="jpeg", quality=88)
    print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()

"""Bad parts among the good, as check_dataset.py sees them."""

import numpy as np
from PIL import Image

from inspection.datasets.checking.check_classes import check_classes


def write(path, color, rng):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = rng.normal(color, 6, (48, 48, 3)) * rng.uniform(0.95, 1.05)
    Image.fromarray(np.uint8(np.clip(pixels, 0, 255))).save(path)


def test_a_rusty_part_among_the_good_is_named(tmp_path):
    rng = np.random.default_rng(0)
    for number in range(30):
        write(tmp_path / f"good/{number:02d}.png", (150, 150, 155), rng)
        write(tmp_path / f"rust/{number:02d}.png", (120, 80, 50), rng)
    assert [f for f in check_classes(tmp_path).faults if f.kind == "odd-good"] == []
    write(tmp_path / "good/zz.png", (120, 80, 50), rng)
    (fault,) = [f for f in check_classes(tmp_path).faults if f.kind == "odd-good"]
    assert fault.file == "good/zz.png" and "color" in fault.detail
    assert fault.severity == "warning"


def test_classes_that_are_not_called_good_are_left_alone(tmp_path):
    rng = np.random.default_rng(0)
    for number in range(30):
        write(tmp_path / f"clean/{number:02d}.png", (150, 150, 155), rng)
        write(tmp_path / f"rust/{number:02d}.png", (120, 80, 50), rng)
    write(tmp_path / "clean/zz.png", (20, 200, 50), rng)
    assert [f for f in check_classes(tmp_path).faults if f.kind == "odd-good"] == []

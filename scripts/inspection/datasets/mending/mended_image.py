"""One picture as a mended copy: upright, no larger than wanted, named as its format.

What needs no mend is copied byte for byte. What changes is stored as JPEG of quality 95
with all of its colour (4:4:4) where it was a JPEG, else as PNG, without loss.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from inspection.datasets.checking.check_images import EXTENSIONS, has_own_extension
from inspection.datasets.images import image_file
from inspection.datasets.images.image_folder import stem

JPEG = {"format": "JPEG", "quality": 95, "subsampling": 0}
PNG = {"format": "PNG"}
KEPT_MODES = ("L", "LA", "RGB", "RGBA")


@dataclass(frozen=True)
class ImagePlan:
    """How a picture comes into the copy.

    header: None for a picture that cannot be read. size: (width, height) in the copy.
    name: the file's name there. is_stored_anew: False where the bytes are copied.
    """

    path: Path
    header: image_file.Header | None
    size: tuple[int, int]
    name: str
    is_stored_anew: bool = False

    @property
    def scale(self):
        """Return (across, down): how much smaller the copy is."""
        if not self.is_stored_anew:
            return 1.0, 1.0
        width, height = self.header.size
        return self.size[0] / width, self.size[1] / height

    def changes(self, max_side):
        """Return what is mended, in words."""
        found = []
        if self.is_stored_anew and self.size != self.header.size:
            found.append(f"pictures shrunk to at most {max_side} pixels on a side")
        if self.is_stored_anew and self.header.orientation != 1:
            found.append("pictures turned upright (EXIF)")
        if self.name != self.path.name:
            found.append("pictures named after their format")
        return found

    def write(self, folder):
        """Write the picture into a folder and return its path."""
        target = folder / self.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if self.is_stored_anew:
            _store(self.path, self.size, target)
        else:
            shutil.copyfile(self.path, target)
        return target


def plan_images(facts, max_side, left_alone=()):
    """Return {path: ImagePlan} of pictures.

    facts: {path: ImageFacts}. left_alone: those whose bytes stay as they are, because
    something that belongs to them does not fit. So do those that cannot be read, have
    more than 8 bits a channel, or hold several pictures.
    """
    plans, taken = {}, {path.parent / path.name.lower() for path in facts}
    for path, fact in facts.items():
        fixed = path in left_alone or not _can_be_stored(fact.header, path)
        plan = (
            _copied(path, fact.header) if fixed else _plan(path, fact.header, max_side)
        )
        place = path.parent / plan.name.lower()
        if plan.name != path.name and place in taken:
            plan = _copied(path, fact.header)  # another picture has that name
        taken.add(place)
        plans[path] = plan
    return plans


def shrunk(size, max_side):
    """Return (width, height) with the longer side at most max_side pixels."""
    ratio = min(1, max_side / max(size))
    return tuple(max(1, round(side * ratio)) for side in size)


def _copied(path, header):
    return ImagePlan(path, header, header.size if header else (0, 0), path.name)


def _can_be_stored(header, path):
    if header is None or header.bits > 8:
        return False
    if header.format in ("jpeg", "bmp"):
        return True
    with Image.open(path) as image:
        return getattr(image, "n_frames", 1) == 1


def _plan(path, header, max_side):
    size = shrunk(header.size, max_side)
    anew = size != header.size or header.orientation != 1
    name = path.name
    if anew and header.format not in ("jpeg", "png"):
        name = f"{stem(path.name)}.png"
    elif not has_own_extension(path, header):
        name = (
            stem(path.name) + EXTENSIONS.get(header.format, (f".{header.format}",))[0]
        )
    return ImagePlan(path, header, size, name, anew)


def _store(path, size, target):
    with Image.open(path) as image:
        options = JPEG if image.format in ("JPEG", "MPO") else PNG
        profile = image.info.get("icc_profile")
        upright = image_file.turn_upright(image)
    if upright.mode not in KEPT_MODES:
        see_through = "transparency" in upright.info
        upright = upright.convert(
            "L" if upright.mode == "1" else "RGBA" if see_through else "RGB"
        )
        profile = None  # that of other channels
    if upright.size != size:
        upright = upright.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    upright.info.clear()  # an EXIF block would turn it once more
    upright.save(target, icc_profile=profile, **options)

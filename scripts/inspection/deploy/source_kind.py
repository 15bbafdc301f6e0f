"""What a source of detect.py is: its content decides, not its name."""

from pathlib import Path

from inspection.common.notices import warn_once
from inspection.common.text import plural
from inspection.datasets.images.image_file import BRANDS
from inspection.datasets.images.image_folder import is_image_name
from inspection.datasets.images.moving import count_frames, picture_format
from inspection.deploy.network_stream import NetworkStream, is_address
from inspection.deploy.video_frames import NoFilm, open_container
from inspection.deploy.video_source import Camera, VideoFile

EXTENSIONS = frozenset(
    ".mp4 .m4v .mov .avi .mkv .webm .mpg .mpeg .wmv .ts .mts .m2ts .flv .3gp .3g2 .ogv"
    " .asf .vob .h264 .264 .h265 .hevc .mjpeg .mjpg .mxf .y4m .gifv".split()
)


def is_film(source):
    """Tell whether a source moves: camera, address, film, or several frames in a file.

    A damaged file is what its name says.
    """
    if isinstance(source, int) or is_address(source):
        return True
    path = Path(source)
    if not path.is_file():
        return not path.is_dir() and is_video_name(path)
    if picture_format(path):
        return count_frames(path) > 1
    if is_still(path):
        return False
    return is_video_name(path) or not is_image_name(path.name) and opens_as_film(path)


def is_video_name(path):
    """Tell whether a name ends like a video's."""
    return Path(path).suffix.lower() in EXTENSIONS


def is_still(path):
    """Tell whether a file is a HEIC picture, which lies in the container of films."""
    with path.open("rb") as file:
        return file.read(12)[4:] in {b"ftyp" + brand for brand in BRANDS}


def opens_as_film(path):
    """Tell whether FFmpeg finds moving pictures in a file."""
    try:
        container, _ = open_container(f"file:{path.absolute()}")
    except NoFilm:
        return False
    container.close()
    return True


def warn_of_films(sources, out_dir):
    """Say that the films in a folder are not looked at; those in out_dir are results."""
    results = Path(out_dir).resolve()
    for folder in map(Path, sources):
        entries = sorted(folder.iterdir()) if folder.is_dir() else []
        films = [path.name for path in entries if is_video_name(path)]
        if films and folder.resolve() != results:
            count = plural(len(films), "film")
            warn_once(
                f"{count} in {folder} not looked at, such as {films[0]}: a folder "
                "stands for its pictures, name films by themselves"
            )


def open_film(source, seconds=None):
    """Return the frames of a camera's number, an address or a file.

    seconds: when a camera or an address ends.
    """
    if isinstance(source, int):
        return Camera(source, seconds)
    if is_address(source):
        return NetworkStream(source, seconds)
    return VideoFile(source)

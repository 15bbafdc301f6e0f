"""Find objects with an exported model: in pictures, a folder, a video or at a camera.

    python scripts/detect.py leaks.tflite data/leaks/images -o build/found
    python scripts/detect.py leaks.tflite film.mp4 -o build/found --alarm leak
    python scripts/detect.py leaks.tflite hall.jpg yard.jpg -o build/found
    python scripts/detect.py leaks.tflite yard.jpg -o build/found --tile 640
    python scripts/detect.py leaks.tflite 0 -o build/found --seconds 60
    python scripts/detect.py leaks.tflite rtsp://10.0.0.7/live -o build/found

Pictures: annotated/ holds copies with boxes, annotations/ Pascal VOC XML to correct by
hand instead of drawing, detections.csv every box. A video, a picture that moves or a
camera (0 is the first; an address is one in the network, and asked again when it is
lost; Ctrl-C ends both): NAME.mp4 with boxes, which browsers play, NAME.csv, and
NAME_alarms.csv with the times at which the class of --alarm was seen long enough, all in
the times of the video. What a file holds decides, not its name. With --tile a picture is
looked at in overlapping squares of so many pixels, for objects that would be too small in
the whole; choose it so that they are as large in a tile as in the pictures of training.
--flip looks at the mirror image, too. Needs only requirements-edge.txt.
"""

from collections import Counter
from datetime import datetime
from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import UserError, exit_on_error
from inspection.common.text import plural


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("model", metavar="MODEL", help="a detector, .tflite with metadata")
    add(
        "sources",
        nargs="+",
        type=flags.source,
        metavar="SOURCE",
        help="picture, folder, video, address, or number of a camera; several of them",
    )
    flags.add_output(parser, metavar="DIR", help="folder of the results")
    add(
        "--threshold",
        type=flags.threshold,
        help="least score of a box (that of the model, 0.5 where it has none)",
    )
    add_views(add)
    add("--threads", type=flags.positive_int, default=2, help="processor threads (2)")
    add_film(add)
    add("--reference", metavar="JSON", help="of check_camera.py: has it changed?")
    add("--overwrite", action="store_true", help="replace XML that is there already")
    arguments = parser.parse_args()
    if arguments.overlap and not arguments.tile:
        parser.error("--overlap needs --tile")
    return arguments


def add_views(add):
    """Add in which parts, and how often, a picture is looked at."""
    side = "side of the tiles that a large picture is looked at in"
    add("--tile", type=flags.positive_int, metavar="PIXELS", help=side)
    share = "of a tile that the next shows too (0.2); larger objects may be cut"
    add("--overlap", type=flags.overlap, metavar="SHARE", help=share)
    add("--flip", action="store_true", help="mean of the picture and its mirror image")


def add_film(add):
    """Add what is asked about films and cameras alone."""
    add("--alarm", metavar="CLASS", help="class whose stay raises the alarm")
    add(
        "--alarm_seconds",
        type=flags.non_negative_float,
        default=2.0,
        help="how long it must stay (2)",
    )
    add(
        "--seconds",
        type=flags.positive_float,
        help="end the camera after so many (with Ctrl-C)",
    )
    add(
        "--save_every",
        type=flags.positive_float,
        metavar="SECONDS",
        help="keep frames of a video as pictures with XML, to correct and train on",
    )


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.deploy.runtime import load_model
    from inspection.deploy.source_kind import is_film

    model = load_model(arguments.model, arguments.threads)
    if model.kind != "detector":
        raise UserError(f"{arguments.model} is a {model.kind}; this needs a detector")
    check_alarm(model, arguments.alarm)
    make_watch(arguments)  # a reference that is none is refused before the work
    if arguments.threshold is None:
        arguments.threshold = model.threshold
    model = with_views(model, arguments)
    films = [source for source in arguments.sources if is_film(source)]
    images = [source for source in arguments.sources if source not in films]
    names = name_videos(films)
    pictures = find_pictures(images, arguments.output)
    with own_results(pictures, films, names, arguments):
        if pictures:
            run_images(model, pictures, arguments)
        for source, name in zip(films, names):
            run_video(model, source, name, arguments)


def with_views(model, arguments):
    """Return the model, or what looks with it at parts and mirror images."""
    from inspection.deploy.flipped_detector import FlippedDetector
    from inspection.deploy.tiled_detector import TiledDetector

    if arguments.flip:
        model = FlippedDetector(model)
    if arguments.tile:
        model = TiledDetector(model, arguments.tile, arguments.overlap or 0.2)
    return model


def name_videos(sources):
    """Return the name of the files that each video or camera gets; no two are alike."""
    now = f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    names = [name_video(source, now) for source in sources]
    same = Counter(name.casefold() for name in names).most_common(1)
    if same and same[0][1] > 1:
        name, count = same[0]
        raise UserError(f"{count} videos are named {name}: give each an --output")
    return names


def name_video(source, now):
    """Return the stem of a film; what has no end is named after where and when."""
    from inspection.deploy.network_stream import file_name, is_address

    if isinstance(source, int):
        return f"camera_{source}_{now}"
    return f"{file_name(source)}_{now}" if is_address(source) else Path(source).stem


def find_pictures(sources, output):
    """Return {picture: name of its results}, of no sources none."""
    from inspection.deploy.detect_images import find_images
    from inspection.deploy.source_kind import warn_of_films

    warn_of_films(sources, output)
    return find_images(sources, output) if sources else {}


def own_results(pictures, films, names, arguments):
    """Refuse results that are sources or somebody's work; see `own_outputs`."""
    from inspection.common.own_outputs import own_outputs
    from inspection.deploy import detect_images, detect_video

    output = arguments.output
    files = detect_images.result_files(pictures, output) if pictures else {}
    for source, name in zip(films, names):
        made = detect_video.result_files(output, name, arguments.alarm)
        if files.keys() & set(made):
            raise UserError(f"{name} is the name of other results: rename {source}")
        origin = str(source) if source_is_remote(source) else Path(source)
        files |= dict.fromkeys(made, origin)
    paths = [source for source in films if not source_is_remote(source)]
    inputs = [arguments.model, *pictures, *paths]
    return own_outputs("detect.py", files, inputs)


def source_is_remote(source):
    """Tell whether a source is no file: a camera or an address."""
    from inspection.deploy.network_stream import is_address

    return isinstance(source, int) or is_address(source)


def run_images(model, names, arguments):
    from inspection.deploy.detect_images import detect_images

    counts = detect_images(
        model,
        names,
        arguments.output,
        arguments.threshold,
        arguments.overwrite,
        make_watch(arguments),
    )
    found = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    print(f"{plural(len(names), 'picture')}: {found or 'nothing found'}")
    print(f"wrote {Path(arguments.output)}")


def run_video(model, source, name, arguments):
    from inspection.deploy.detect_video import detect_video
    from inspection.deploy.source_kind import open_film

    summary = detect_video(
        model,
        open_film(source, arguments.seconds),
        arguments.output,
        name,
        arguments.threshold,
        make_alarm(arguments),
        make_saver(name, arguments),
        make_watch(arguments),
    )
    pace = f"{summary.seconds:.1f} s, {summary.fps:.0f} frames/s"
    print(
        f"{plural(summary.frames, 'frame')} in {pace}: {plural(summary.boxes, 'box')}"
    )
    if summary.earlier:
        print(f"{plural(summary.earlier, 'earlier alarm')} in the table alone")
    for event in summary.events:
        print(f"alarm: {event.label} from {event.start:.1f} s to {event.end:.1f} s")
    if summary.note:
        print(f"note: {summary.note}")
    for path in summary.written:
        print(f"wrote {path}")


def check_alarm(model, label):
    """Raise UserError for an alarm of a class that the model does not know."""
    if label is not None and label not in model.labels:
        raise UserError(f"--alarm {label}: the model knows {', '.join(model.labels)}")


def make_watch(arguments):
    """Return what looks for a change of the camera, None where nobody asks."""
    from inspection.deploy.drift import DriftWatch, read_reference, warn_of

    if arguments.reference is None:
        return None
    return DriftWatch(read_reference(arguments.reference), warn_of)


def make_alarm(arguments):
    from inspection.deploy.alarm import Alarm

    if arguments.alarm is None:
        return None
    return Alarm(arguments.alarm, arguments.alarm_seconds)


def make_saver(name, arguments):
    from inspection.deploy.detect_video import FrameSaver

    if arguments.save_every is None:
        return None
    return FrameSaver(arguments.output, name, arguments.save_every, arguments.overwrite)


if __name__ == "__main__":
    main()

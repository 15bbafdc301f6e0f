"""Find objects with an exported model: in pictures, a folder, a video or at a camera.

    python scripts/detect.py leaks.tflite data/leaks/images -o build/found
    python scripts/detect.py leaks.tflite film.mp4 -o build/found --alarm leak
    python scripts/detect.py leaks.tflite hall.jpg yard.jpg -o build/found
    python scripts/detect.py leaks.tflite 0 -o build/found --seconds 60

Pictures: annotated/ holds copies with boxes, annotations/ Pascal VOC XML to correct by
hand instead of drawing, detections.csv every box. A video or a camera (0 is the first;
Ctrl-C ends it): NAME.mp4 with boxes, which browsers play, NAME.csv, and NAME_alarms.csv
with the times at which the class of --alarm was seen long enough. Needs only
requirements-edge.txt.
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
        help="picture, folder, video, or number of a camera; several of them",
    )
    flags.add_output(parser, metavar="DIR", help="folder of the results")
    add(
        "--threshold",
        type=flags.threshold,
        default=0.5,
        help="least score of a box (0.5)",
    )
    add("--threads", type=flags.positive_int, default=2, help="processor threads (2)")
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
    add("--overwrite", action="store_true", help="replace XML that is there already")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.deploy.runtime import load_model

    model = load_model(arguments.model, arguments.threads)
    if model.kind != "detector":
        raise UserError(f"{arguments.model} is a {model.kind}; this needs a detector")
    videos = [source for source in arguments.sources if is_video(source)]
    images = [source for source in arguments.sources if source not in videos]
    names = name_videos(videos)
    if images:
        run_images(model, images, arguments)
    for source, name in zip(videos, names):
        run_video(model, open_video(source, arguments.seconds), name, arguments)


def is_video(source):
    """Tell whether a source is a camera or the name of a video."""
    from inspection.deploy.video_source import is_video_name

    return isinstance(source, int) or is_video_name(source)


def name_videos(sources):
    """Return the name of the files that each video or camera gets; no two are alike."""
    now = f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    names = [
        f"camera_{s}_{now}" if isinstance(s, int) else Path(s).stem for s in sources
    ]
    name, count = Counter(names).most_common(1)[0] if names else ("", 0)
    if count > 1:
        raise UserError(f"{count} videos are named {name}: give each an --output")
    return names


def open_video(source, seconds):
    from inspection.deploy.video_source import Camera, VideoFile

    if isinstance(source, int):
        return Camera(source, seconds)
    return VideoFile(source)


def run_images(model, sources, arguments):
    from inspection.deploy.detect_images import detect_images, find_images

    names = find_images(sources, arguments.output)
    counts = detect_images(
        model, names, arguments.output, arguments.threshold, arguments.overwrite
    )
    found = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    print(f"{plural(len(names), 'picture')}: {found or 'nothing found'}")
    print(f"wrote {Path(arguments.output)}")


def run_video(model, source, name, arguments):
    from inspection.deploy.detect_video import detect_video

    summary = detect_video(
        model,
        source,
        arguments.output,
        name,
        arguments.threshold,
        make_alarm(model, arguments),
        make_saver(name, arguments),
    )
    pace = f"{summary.seconds:.1f} s, {summary.fps:.0f} frames/s"
    print(
        f"{plural(summary.frames, 'frame')} in {pace}: {plural(summary.boxes, 'box')}"
    )
    for event in summary.events:
        print(f"alarm: {event.label} from {event.start:.1f} s to {event.end:.1f} s")
    if summary.note:
        print(f"note: {summary.note}")
    for path in summary.written:
        print(f"wrote {path}")


def make_alarm(model, arguments):
    from inspection.deploy.alarm import Alarm

    if arguments.alarm is None:
        return None
    if arguments.alarm not in model.labels:
        raise UserError(
            f"--alarm {arguments.alarm}: the model knows {', '.join(model.labels)}"
        )
    return Alarm(arguments.alarm, arguments.alarm_seconds)


def make_saver(name, arguments):
    from inspection.deploy.detect_video import FrameSaver

    if arguments.save_every is None:
        return None
    return FrameSaver(arguments.output, name, arguments.save_every, arguments.overwrite)


if __name__ == "__main__":
    main()

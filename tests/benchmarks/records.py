"""generate_tfrecord.py against the time that importing TensorFlow alone takes.

    python tests/benchmarks/records.py --rounds 3

Whole processes that take turns: 500 pictures of 640x480 to one record, and
`import tensorflow`. Then 5,000 pictures, for pictures a second and for memory.
"""

import shutil
import statistics
import subprocess
import sys
import time

import psutil

import measure
from inspection.common import arguments as flags

LEAKS = measure.ROOT / "data/leaks"
FEW, MANY = 500, 5000


def make_images(count):
    """Copy the bundled leaks, each many times, into a set of `count`; return its folder."""
    folder = measure.BUILD / f"pictures_{count}"
    pairs = [folder / name for name in ("images", "annotations")]
    sources = sorted((LEAKS / "annotations").glob("*.xml"))
    if len(list(pairs[1].glob("*.xml"))) == count:
        return folder
    for path in pairs:
        path.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        source, stem = sources[number % len(sources)], f"copy_{number:04d}"
        image = LEAKS / "images" / f"{source.stem}.jpg"
        shutil.copyfile(image, pairs[0] / f"{stem}.jpg")
        xml = source.read_text(encoding="utf-8").replace(source.stem, stem)
        (pairs[1] / f"{stem}.xml").write_text(xml, encoding="utf-8")
    return folder


def command(folder):
    """Return the arguments of Python that convert a set."""
    script = measure.SCRIPTS / "generate_tfrecord.py"
    source = ("-x", folder / "annotations", "-i", folder / "images")
    labels = ("-l", LEAKS / "label_map.pbtxt")
    return [script, *source, *labels, "-o", folder / "all.record"]


def memory(process):
    """Return the bytes that a process and those below it hold, shared pages once."""
    try:
        everyone = [process, *process.children(recursive=True)]
        own = sum(one.memory_full_info().uss for one in everyone)
        return own + process.memory_info().shared
    except psutil.Error:  # one of them has just ended
        return 0


def peak_memory(arguments):
    """Run Python and return the highest memory of its processes together, in MB."""
    started = psutil.Popen(
        [sys.executable, *map(str, arguments)], stdout=subprocess.DEVNULL
    )
    peak = 0
    while started.poll() is None:
        peak = max(peak, memory(started))
        time.sleep(0.02)
    return round(peak / 1e6)


def compare_with_import(folder, rounds):
    """Return the median wall seconds of converting and of importing TensorFlow."""
    sides = {"records": command(folder), "import": ["-c", "import tensorflow"]}
    spent = {name: [] for name in sides}
    for _ in range(rounds):
        for name, arguments in sides.items():
            spent[name].append(measure.run_process(*arguments)[:2])
    return {name: measure.medians(rows) for name, rows in spent.items()}


def compare(rounds):
    few, many = make_images(FEW), make_images(MANY)
    taken = compare_with_import(few, rounds)
    converting, importing = taken["records"], taken["import"]
    longer = statistics.median(
        measure.run_process(*command(many))[0] for _ in range(rounds)
    )
    rate = (MANY - FEW) / (longer - converting["wall_s"])
    return {
        "ratio_to_import_wall": round(converting["wall_s"] / importing["wall_s"], 3),
        "ratio_to_import_cpu": round(converting["cpu_s"] / importing["cpu_s"], 3),
        f"convert_{FEW}": converting,
        "import_tensorflow": importing,
        "pictures_a_second_after_start": round(rate),
        f"peak_memory_mb_{FEW}": peak_memory(command(few)),
        f"peak_memory_mb_{MANY}": peak_memory(command(many)),
        "what": "640x480 JPEG, XML to one record, whole processes",
        "rounds": rounds,
    }


def main():
    parser = flags.parser(__doc__)
    parser.add_argument("--rounds", type=flags.positive_int, default=5)
    measure.print_result("records", compare(parser.parse_args().rounds))


if __name__ == "__main__":
    main()

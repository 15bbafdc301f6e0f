"""A model at work: video, the web service, the page in the browser, speed and memory."""

from inspection.publishing.results.markdown import table

SCREENS = (
    '<img src="../assets/serve_page.jpg" width="520" alt="the page of serve.py: a picture '
    'with a box around the leak and the scores beside it"> '
    '<img src="../assets/serve_page_phone.jpg" width="180" alt="the same page in a window '
    'as narrow as a phone">\n'
)
FILE_FORMATS = ("float32", "float16", "dynamic", "int8")


def video(result):
    """Write the frame rates of detect.py."""
    films = [
        f"{film} {kind}"
        for film in ("generated", "real")
        for kind in ("float32", "int8")
    ]
    costs = ("frames", "frames_per_s", "cpu_ms_per_frame")
    rows = [[film, *(f"{result[film][cost]:.0f}" for cost in costs)] for film in films]
    text = (
        f"`detect.py` on a drawn and on a real film ({result['data']}), from reading to "
        f"H.264, {result['threads']} threads of the model, two x86-64 cores, no GPU, in "
        "an environment without TensorFlow.\n\n"
    )
    return text + table(
        ["film, format", "frames", "frames a second", "CPU ms a frame"], rows
    )


def service(result):
    """Write the web service under load."""
    ways = {"micro-batching, 32": "micro-batching", "one at a time": "one at a time"}
    rows = []
    for key, way in ways.items():
        one = result[key]
        memory = (
            f"{one['memory_mb_first_third']:.0f}, {one['memory_mb_last_third']:.0f}"
        )
        times = [f"{one['median_ms']:.0f}", f"{one['p99_ms']:.0f}"]
        rate = f"{one['requests_per_s']:.0f}"
        rows.append([way, rate, *times, str(one["errors"]), memory])
    text = (
        f"ResNet-50 at 32x32 in LiteRT, {result['clients']} clients for "
        f"{result['seconds']} s on the server's own {result['machine']['cores']} cores "
        f"({result['machine']['architecture']}, no GPU); {result['data']}.\n\n"
    )
    head = ["", "answers a second", "median ms", "p99 ms", "errors",
            "MB at first, at last"]  # fmt: skip
    return text + table(head, rows) + "\n" + SCREENS


def fuzz(result):
    """Write what the service did with broken requests."""
    sent = sum(
        sum(result[model].values()) for model in ("classifier", "detector", "segmenter")
    )
    return (
        f"{sent:,} requests in {result['minutes']:.0f} minutes: {result['what']}, seeds "
        f"{result['seeds']}. {result['failures'] or 'None'} ended in anything but a right "
        "answer or a refusal that says why; the server was "
        f"{'' if result['alive_and_right_at_the_end'] else 'not '}alive and right at the "
        "end.\n"
    )


def soak(result):
    """Write how the service does among hostile clients."""
    memory = ", ".join(f"{part:.0f}" for part in result["memory_mb_thirds"])
    load = result["machine"]["load_average_at_start"]
    return (
        f"{result['clients']} clients for {result['minutes']:.0f} minutes on the server's own "
        f"{result['machine']['cores']} cores, {result['hostile']} of them hostile: requests byte "
        "by byte, damaged pictures, too many bytes, small files of 400 million pixels, no HTTP; "
        f"{result['hostile_requests']:,} of these in all. {result['server_errors'] or 'None'} "
        f"ended in a server error. The others had {result['answers']:,} answers, "
        f"{result['answers_per_s']:.0f} a second, and {result['errors_of_the_others'] or 'no'} "
        f"errors; other programs ran, too (load {load:.1f} before it began). "
        f"`/health` took {result['health_max_ms']} ms at most; the memory was {memory} MB "
        "in the three thirds of the time.\n"
    )


def long_runs(result):
    """Write what `make soak` ran, and what came of each part."""
    rows = []
    for part in result["parts"].values():
        told = "passed" if part["status"] == 0 else "failed"
        if "tests" in part:
            told = f"{part['tests'] - part['failed'] - part['skipped']} passed, "
            told += f"{part['failed']} failed, {part['skipped']} skipped"
        rows.append([part["what"], f"{part['minutes']:.0f}", told, part["day"]])
    text = (
        "`make soak`: what takes too long for every change, "
        f"{result['machine']['cores']} cores, {result['machine']['architecture']}, no GPU.\n\n"
    )
    return text + table(["", "minutes", "outcome", "on"], rows)


def web_page(result):
    """Write how the page in the browser agrees with the runtime in Python."""
    rows = [
        [
            kind,
            str(result[kind]["boxes"]),
            f"{result[kind]['least_overlap']:.3f}",
            f"{result[kind]['largest_score_difference']:.4f}",
            f"{result[kind]['ms_median']:.0f}",
        ]
        for kind in FILE_FORMATS
    ]
    text = (
        f"The page of `serve_page.py` in {result['browser']} against the runtime in "
        f"Python: {result['data']}, two x86-64 cores with much other work. It "
        f"asked {len(result['asked_other_machines']) or 'no'} other machines for "
        "anything.\n\n"
    )
    head = ["format", "boxes", "least IoU", "largest difference of scores", "ms"]
    return text + table(head, rows)


def tiled(result):
    """Write what a large picture costs in one go and in tiles."""
    rows = [
        [name, f"{result[key]['seconds']:.0f}", f"{result[key]['peak_gb']:.1f}"]
        for key, name in (("whole", "in one go"), ("tiles", "in tiles"))
    ]
    text = (
        f"U-Net over one picture of {result['picture']} pixels, tiles of "
        f"{result['tile']}, {result['machine']}. Both give the same mask: largest "
        f"difference {result['largest_difference']:g}.\n\n"
    )
    return text + table(["", "seconds", "peak GB"], rows)


def speed(result):
    """Write what `make bench` measured."""
    machine = result["machine"]
    text = (
        f"`make bench`, {machine['cores']} cores, {machine['architecture']}, no GPU. "
        "Ratios are of sides that took turns in one run: 0.8 means that ours takes "
        "0.8 of the time.\n\n"
    )
    parts = [result[name] for name in result if isinstance(result[name], list)]
    lines = "\n\n".join("\n".join(lines) for lines in parts)
    return text + f"```text\n{lines}\n```\n"

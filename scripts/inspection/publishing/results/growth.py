"""How cost grows with pictures, batches and clients: measured points and their slopes."""

import re

from inspection.publishing.results.markdown import read, table

CLIENTS = re.compile(r"([\d,]+) clients")


def series_of(result):
    """Return {panel: {series: ({count: cost}, slope)}} of what was measured."""
    records, archive = result["records"], result["archive"]
    training, service = result["training"], result["service"]
    waits = {
        found[1]: row["median_ms"]
        for name, row in service.items()
        if (found := CLIENTS.fullmatch(name))
    }
    return {
        "pictures, seconds": {
            "records": points(records["generate_tfrecord"]),
            "inspection": points(archive["inspect_archive"]),
            "plain loop": points(archive["plain_loop"]),
        },
        "pictures of a batch, CPU seconds": {
            "training step": points(training["batch"])
        },
        "side in pixels, CPU seconds": {"training step": points(training["side"])},
        "clients, ms": {"wait": (numbers(waits), service["slope_of_the_wait"])},
    }


def points(measured):
    return numbers(measured["seconds"]), measured["slope"]


def numbers(counts):
    """Return {count: cost} with counts as numbers, from those written with commas."""
    return {int(count.replace(",", "")): cost for count, cost in counts.items()}


def growth(result):
    """Write how each cost grows, with the slope between the points on logarithmic axes."""
    rows = []
    for panel, lines in series_of(result).items():
        what, unit = panel.split(", ")
        for name, (costs, slope) in lines.items():
            shown = ", ".join(f"{n:,}: {cost:g}" for n, cost in costs.items())
            rows.append([f"{name}, by {what}", shown, unit, f"{slope:.2f}"])
    archive = result["archive"]
    text = (
        "Slope 1: twice as many take twice as long; below 1: a start that all share. "
        f"Records: {result['records']['what']}. Inspection: {archive['what']}, a detector "
        f"that is almost free; {archive['ratio_to_loop_whole']} times a plain loop's time, "
        f"memory {list(archive['peak_memory_mb'].values())[-1]} MB. Training: "
        f"{result['training']['what']}. Service: {result['service']['what']}. "
        f"{result['machine']['cores']} cores, {result['machine']['architecture']}, no "
        "GPU.\n\n"
    )
    return text + table(["", "measured", "in", "slope"], rows)


def chart_values():
    """Return {panel: {series and its slope: {count: cost}}} for the figure."""
    return {
        panel: {f"{n}, slope {slope:.2f}": costs for n, (costs, slope) in lines.items()}
        for panel, lines in series_of(read("growth")).items()
    }

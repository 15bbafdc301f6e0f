"""The recipe of training: what its parts bring, thin boxes, small objects in tiles."""

import statistics

from inspection.publishing.results.markdown import sentence, table

FIGURES = ("mAP@.50", "mAP")


def mean_and_spread(runs, figure):
    """Return the mean of a figure over seeds, with its standard deviation, as text."""
    values = [run[figure] for run in runs.values()]
    mean = f"{statistics.mean(values):.1f}"
    return f"{mean} ± {statistics.stdev(values):.1f}" if len(values) > 1 else mean


def rows_of(result):
    """Return a line for each row of an experiment: its seeds, figures and minutes."""
    rows = []
    for name, runs in result["runs"].items():
        cells = [mean_and_spread(runs, figure) for figure in FIGURES]
        minutes = statistics.mean(run["minutes"] for run in runs.values())
        rows.append([name, str(len(runs)), *cells, f"{minutes:.0f}"])
    return rows


def setting(result):
    """Return data, network, start and length of an experiment in a sentence."""
    return (
        f"{sentence(result['data'])}. {result['network']}, from {result['start']}, "
        f"{result['steps']:,} steps of 8, {result['machine']}."
    )


def ablation(result):
    """Write what each part of the recipe brings by itself."""
    text = (
        f"{setting(result)} Each row has one change to the course's own config, the last "
        "all of them; mean and standard deviation over the seeds, in points. What lies "
        "within the spread of the first row has gained nothing.\n\n"
    )
    return text + table(["", "seeds", *FIGURES, "minutes"], rows_of(result))


def zoo_models(result):
    """Write what models of the zoo reach after the same training."""
    text = (
        f"{setting(result)} Each has the course's own training; in points, on 87 pictures "
        "of the validation part.\n\n"
    )
    return text + table(["", "seeds", *FIGURES, "minutes"], rows_of(result))


def elongated(result):
    """Write what anchors of their own shape bring to long boxes."""
    text = (
        f"{setting(result)} `make_pipeline_config.py --fit_anchors` takes aspect ratios "
        "and the smallest scale from the boxes, and the adaptive matcher with them.\n\n"
    )
    return text + table(["", "seeds", *FIGURES, "minutes"], rows_of(result))


def small_objects(result):
    """Write what tiles find that the whole picture does not show, and their price."""
    text = (
        f"{sentence(result['data'])}; {result['network']}, {result['machine']}; tiles of "
        f"{result['tile']} pixels that share {result['overlap']:.0%}. Seconds a picture: "
        f"{result['seconds_tiles_alone']:.1f} for the tiles alone, "
        f"{result['seconds_merged']:.1f} with the whole picture and the merging, "
        f"{result['cost']:.2f} times as much. Double boxes: {result['double_boxes']}.\n\n"
    )
    ways = ("resized picture", "tiles")
    head = ["", *result[ways[0]]]
    rows = [[way, *(f"{value:.1f}" for value in result[way].values())] for way in ways]
    return text + table(head, rows)

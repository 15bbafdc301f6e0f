"""One label a pixel: twelve ways to find rust and cracks."""

from inspection.publishing.results.markdown import table, three

MEASURES = ("IoU", "Dice", "precision", "recall", "boundary F1")


def masks(result):
    """Write one table of ways to segment."""
    rows = [
        [way, *(three(row[m]) for m in MEASURES), f"{row['ms an image']:.0f}"]
        for way, row in result["table"].items()
    ]
    text = (
        f"{result['data']} pictures, split {result['split']}; {result['network']}, "
        f"{result['start']}, {result['epochs']} epochs, seed {result['seed']}, "
        f"{result['machine']}, {result['training']['cpu_minutes'] / 2:.0f} minutes "
        f"of two cores. {lead(result['lead'])}.\n\n"
    )
    return text + table(["", *MEASURES, "ms"], rows)


def lead(result):
    """Write how far the network is ahead, and how sure that is."""
    low, high = result["low"], result["high"]
    return (
        f"U-Net leads {result['over']} by {result['points']} points of IoU; in 95 % of "
        f"drawings of as many of the test pictures, by {low} to {high}"
    )

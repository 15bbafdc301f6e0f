"""Only good parts: what is found without a picture of it, and when a camera has changed."""

from inspection.publishing.results.markdown import table, three

HEAD = ["learnt from", "method", "bad ones", "image AUROC", "pixel AUROC", "PRO"]
HEAD += ["false alarms"]


def good_only(result):
    """Write what models of good pictures find, by set and method."""
    rows = [good_row(row) for row in result["rows"]]
    cores = result["machine"]["cores"]
    text = (
        "Each set is learnt from 150 of its good pictures and judged on others, good and "
        "bad; MobileNetV2 0.35 from ImageNet, for the drawn parts the bundled backbone; "
        f"{cores} cores. False alarms: share of the good ones, and where it should lie in "
        "95 of 100 tests. rust_photos are photographs from the web that have nothing in "
        "common but that no rust is on them: there is no good part to learn. With labels "
        "they are told apart ([rust or none](#rust-or-none)), as are cracks ([cracks or "
        "none](#cracks-or-none)).\n\n"
    )
    return text + table(HEAD, rows)


def good_row(row):
    """Return one line of the table."""
    found, (low, high) = row["kinds"]["all"], row["interval"]
    pixels = [
        three(found[name]) if name in found else "–" for name in ("pixel AUROC", "PRO")
    ]
    alarms = f"{row['false_alarms']:.1%} ({low:.1%} to {high:.1%})"
    name = f"{row['set']}, seed {row['seed']}"
    score = three(found["AUROC"])
    return [name, row["method"], f"{found['pictures']:,}", score, *pixels, alarms]


def drift(result):
    """Write how soon changes of the camera are seen."""
    found = ", ".join(
        f"{name} after {frames or 'more than 50'} frames"
        for name, frames in result["frames_until_found"].items()
    )
    return (
        "On a drawn film of flanges on a belt, the reference 200 pictures of other "
        f"flanges: {found} are told. {result['false_alarms']} false alarms in "
        f"{result['unchanged_frames']:,} frames without a change.\n"
    )

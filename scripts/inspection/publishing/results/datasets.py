"""What comes in: how the check of a set grows with it, and what broken files do."""

from inspection.publishing.results.markdown import table


def check_costs(result):
    """Write CPU seconds and memory of check_dataset.py on larger and larger sets."""
    rows = []
    for what, growth in result["growth"].items():
        times = {pair.split()[-1]: f"{one['time']:.2f}" for pair, one in growth.items()}
        for count, one in result[what].items():
            costs = [f"{one['cpu_s']:.1f}", f"{one['peak_mb']}"]
            rows.append([f"{int(count):,} {what}", *costs, times.get(count, "")])
    text = (
        "`check_dataset.py` with its HTML report on drawn sets, pictures of 64x48 with "
        f"three boxes each, and on one picture with many boxes; {cores(result)}. What "
        "grows as n log n takes 2.1 to 2.2 times as long for twice as much.\n\n"
    )
    return text + table(["", "CPU seconds", "peak MB", "times the time before"], rows)


def fuzz_readers(result):
    """Write what became of spoilt inputs, reader by reader."""
    rows = [
        [
            name,
            *(f"{one[key]:,}" for key in ("inputs", "read", "refused", "failed")),
            f"{one['inputs_per_cpu_s']:,}",
        ]
        for name, one in result["readers"].items()
    ]
    text = (
        f"{result['inputs']:,} inputs, seed {result['seed']}: valid ones spoilt by "
        "chance, and well-formed nonsense made by hypothesis. Read, or refused with one "
        "clear error; failed would be any other exception, more than a second, more "
        f"than 500 MB. {cores(result)[0].upper()}{cores(result)[1:]}.\n\n"
    )
    head = ["", "inputs", "read", "refused", "failed", "inputs a CPU second"]
    return text + table(head, rows)


def cores(result):
    machine = result["machine"]
    return f"{machine['cores']} cores, {machine['architecture']}, no GPU"

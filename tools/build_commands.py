"""Write docs/commands.md from the first sentences of the commands' docstrings.

    python tools/build_commands.py
    python tools/build_commands.py --check

Which part of the work a command of scripts/ belongs to stands in SECTIONS; the tools
come last, all of them.
"""

import ast
import sys
from pathlib import Path

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.atomic_files import write_text
from inspection.common.errors import UserError, exit_on_error

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "commands.md"
HEAD = """# Commands

Made by `python tools/build_commands.py` from the commands themselves. Run them in the folder of
the course, as in `python scripts/detect.py --help`: the help says more, with examples. Those that
write something of their own take `-o`; those with a name that the TensorFlow Object Detection API
or its tutorials use have the flags that are known from there.

"""
SECTIONS = {
    "Prepare": (
        "download_dataset",
        "convert_annotations",
        "check_dataset",
        "partition_dataset",
        "cut_tiles",
        "make_label_map",
        "xml_to_csv",
        "generate_tfrecord",
        "show_records",
        "make_pipeline_config",
        "download_model",
        "inspect_checkpoint",
    ),
    "Train": (
        "model_main_tf2",
        "train_classifier",
        "compare_classifiers",
        "train_cifar10",
        "train_segmenter",
        "train_anomaly",
    ),
    "Evaluate": ("evaluate_classifier", "evaluate_segmenter", "evaluate_anomaly"),
    "Export": (
        "exporter_main_v2",
        "export_tflite_graph_tf2",
        "convert_to_tflite",
        "export_segmenter",
    ),
    "Run": (
        "detect",
        "classify",
        "segment",
        "inspect_parts",
        "check_camera",
        "serve",
        "serve_page",
        "inspect_archive",
    ),
    "Project": ("setup_env", "run_course", "new_project"),
}
EVALUATES_TOO = """
A detector is evaluated by `model_main_tf2.py` with `--checkpoint_dir`, as in the API.
"""


def parse_arguments():
    parser = flags.parser(__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing, only compare"
    )
    return parser.parse_args()


def page_text():
    """Return the text of the page; raise UserError for a command in no section."""
    placed = [name for names in SECTIONS.values() for name in names]
    there = [path.stem for path in sorted((ROOT / "scripts").glob("*.py"))]
    if sorted(placed) != there:
        odd = ", ".join(sorted(set(placed) ^ set(there)))
        raise UserError(f"SECTIONS of build_commands.py and scripts/ differ in: {odd}")
    parts = [section(title, "scripts", names) for title, names in SECTIONS.items()]
    tools = sorted(path.stem for path in (ROOT / "tools").glob("*.py"))
    tools.remove("bootstrap")
    parts.append(section("For maintainers", "tools", tools))
    text = HEAD + "\n".join(parts)
    return text.replace("\n## Export\n", f"{EVALUATES_TOO}\n## Export\n")


def section(title, folder, names):
    """Return a heading and a table of commands of one folder."""
    rows = [
        f"| [{name}.py](../{folder}/{name}.py) | {first_sentence(folder, name)} |\n"
        for name in names
    ]
    return f"## {title}\n\n| `{folder}/` | |\n|---|---|\n{''.join(rows)}"


def first_sentence(folder, name):
    """Return the first line of a command's docstring."""
    source = (ROOT / folder / f"{name}.py").read_text(encoding="utf-8")
    return ast.get_docstring(ast.parse(source)).splitlines()[0]


@exit_on_error()
def main():
    arguments = parse_arguments()
    text = page_text()
    if not arguments.check:
        write_text(PAGE, text)
        print("wrote docs/commands.md")
    elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
        sys.exit(
            "error: docs/commands.md is out of step; run: python "
            "tools/build_commands.py"
        )


if __name__ == "__main__":
    main()

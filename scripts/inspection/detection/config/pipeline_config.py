"""Read, edit and write the API's pipeline.config.

The file stays a tree (textproto), so fields we do not use survive an edit; `.model`,
`.train`, `.train_input`, `.eval_input` and `.eval` are typed views of what the engine
needs. A value the engine cannot honour is refused by name: all of them in one error.
"""

import unicodedata

from inspection.common.atomic_files import write_text
from inspection.common.errors import DatasetError
from inspection.common.notices import warn_once
from inspection.common.text_files import read_text
from inspection.detection.config import pipeline_views as views
from inspection.detection.config import textproto
from inspection.detection.config.pipeline_section import Section
from inspection.detection.config.textproto import ProtoMessage


class PipelineConfig:
    """A pipeline.config: the tree as written and typed views of it."""

    def __init__(self, message, source="pipeline.config"):
        self.message = message
        self.source = str(source)

    def set(self, path, value):
        """Set the field at a path such as `model.ssd.num_classes`; a list repeats."""
        self.message.set(path, value)

    def text(self):
        """Return the file as text."""
        return textproto.render(self.message)

    def write(self, path):
        """Write the file; a run that dies leaves the old one whole."""
        _refuse_escapes(self.message, self.source)
        write_text(path, self.text())

    def _view(self, name, build):
        faults = []
        root = Section(self.message, "", faults)
        view = build(root.section(name))
        root.fault_misspelt()
        if faults:
            raise DatasetError(f"{self.source} cannot be used as it is", faults=faults)
        return view

    @property
    def model(self):
        return self._view("model", views.model_settings)

    @property
    def train(self):
        return self._view("train_config", views.train_settings)

    @property
    def train_input(self):
        return self._view("train_input_reader", views.input_settings)

    @property
    def eval_input(self):
        name = "eval_input_reader"
        others = self.message.named(name)[1:]
        for other in others:
            warn_once(
                f"{self.source}, line {other.line}: another {name} is passed over, the "
                "first one is evaluated"
            )
        kept = [f for f in self.message.fields if all(f is not o for o in others)]
        first = PipelineConfig(ProtoMessage(kept), self.source)
        return first._view(name, views.input_settings)

    @property
    def eval(self):
        return self._view("eval_config", views.eval_settings)

    @property
    def label_map_path(self):
        """Return the label map of the training, "" where none is filled in."""
        path = self.message.get("train_input_reader.label_map_path")
        given = isinstance(path, str) and not path.startswith(views.TO_BE_CONFIGURED)
        return path if given else ""


def read(path):
    """Read a pipeline.config; a broken brace raises DatasetError with file and line."""
    try:
        text = read_text(path)
    except FileNotFoundError:
        raise DatasetError(f"there is no pipeline.config at {path}") from None
    message = textproto.parse(text, str(path))
    _refuse_escapes(message, path)
    return PipelineConfig(message, path)


def _refuse_escapes(message, source):
    r"""Raise DatasetError where a text has a tab or the like, as `\\train` would."""
    faults = [
        f"line {field.line}: {field.name} has a backslash, which begins an escape: write /"
        for field in message.walk()
        if isinstance(field.value, str) and _has_control(field.value)
    ]
    if faults:
        raise DatasetError(f"{source} cannot be used as it is", faults)


def _has_control(text):
    return any(unicodedata.category(sign) == "Cc" for sign in text)


def edit(
    config,
    num_classes=None,
    batch_size=None,
    num_steps=None,
    fine_tune_checkpoint=None,
    fine_tune_checkpoint_type=None,
    train_records=None,
    eval_records=None,
    label_map=None,
):
    """Set what every user sets, in place; None leaves a field as it is.

    `num_steps` also ends the learning rate's cosine there, with a warm-up of at most a
    tenth of it. An empty `fine_tune_checkpoint` means training without one. Record
    paths may be one path or a list.
    """
    tree = config.message
    if num_steps is not None:
        _set_steps(tree, num_steps)
    changes = {
        "model.ssd.num_classes": num_classes,
        "train_config.batch_size": batch_size,
        "train_config.fine_tune_checkpoint": _path(fine_tune_checkpoint),
        "train_config.fine_tune_checkpoint_type": fine_tune_checkpoint_type,
        "train_input_reader.tf_record_input_reader.input_path": _path(train_records),
        "eval_input_reader.tf_record_input_reader.input_path": _path(eval_records),
        "train_input_reader.label_map_path": _path(label_map),
        "eval_input_reader.label_map_path": _path(label_map),
    }
    for path, value in changes.items():
        if value is not None:
            tree.set(path, value)
    return config


def _path(value):
    if isinstance(value, (list, tuple)):
        return [_path(item) for item in value]
    # forward slashes: a backslash starts an escape in this format
    return value if value is None else str(value).replace("\\", "/")


def _set_steps(tree, num_steps):
    tree.set("train_config.num_steps", num_steps)
    kinds = [f.value for f in tree.find("train_config.optimizer") if _is_block(f)]
    for optimizer in [f.value for kind in kinds for f in kind.fields if _is_block(f)]:
        rate = optimizer.get("learning_rate.cosine_decay_learning_rate")
        if not isinstance(rate, ProtoMessage):
            continue
        warmup = rate.get("warmup_steps", 10000)
        rate.set("total_steps", num_steps)
        if type(warmup) is int:
            rate.set("warmup_steps", min(warmup, num_steps // 10))


def _is_block(field):
    return isinstance(field.value, ProtoMessage)

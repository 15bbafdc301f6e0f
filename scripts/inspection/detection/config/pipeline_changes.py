"""Changes of a pipeline.config given as `a.b=value` on a command line."""

import dataclasses

from inspection.common.errors import UserError
from inspection.detection.config import pipeline_settings as settings
from inspection.detection.config import textproto
from inspection.detection.config.field_names import meant_field
from inspection.detection.config.textproto import Symbol
from inspection.detection.config.textproto_tree import split_path

PATHS = ("label_map_path", "input_path", "fine_tune_checkpoint")
TEXT = PATHS + (
    "type",
    "fine_tune_checkpoint_type",
    "metrics_set",
    "update_trainable_variables",
    "freeze_variables",
)
DEPTH = 20  # blocks within blocks; the deepest field of the API has fewer


def apply_change(config, text):
    """Set a field by `path=value`; return a remark, "" where there is nothing to say.

    Text of fields that hold text needs no quotes, other values are as in the file.
    Raises UserError for what is no change, and for a field that is nearly a known one.
    """
    path, equals, value = text.partition("=")
    if not (path and equals):
        raise UserError(f"--set {text}: write FIELD=VALUE")
    unknown = _unknown_fields(config, path)
    config.set(path, _value(split_path(path)[-1][0], value, text))
    if not unknown:
        return ""
    return f"note: {', '.join(unknown)} is not known here: written, without effect"


def _unknown_fields(config, path):
    """Return the parts of a path that neither the file nor this course knows."""
    names = [name for name, _ in split_path(path)]
    if not names or len(names) > DEPTH:
        raise UserError(f"--set {path[:80]}: write FIELD=VALUE")
    known = _known_fields(config)
    unknown = [name for name in names if name not in known]
    for name in unknown:
        if meant := meant_field(name, known):
            raise UserError(
                f"--set {path}: there is no field {name}, the nearest is {meant}"
            )
    return unknown


def _known_fields(config):
    classes = [c for c in vars(settings).values() if dataclasses.is_dataclass(c)]
    known = {field.name for c in classes for field in dataclasses.fields(c)}
    known |= {name for params in settings.AUGMENTATIONS.values() for name in params}
    known |= {*settings.AUGMENTATIONS, *settings.LEARNING_RATES}
    return known | {field.name for field in config.message.walk()}


def _value(name, value, text):
    if name in TEXT and not value.startswith(('"', "'", "[")):
        # a backslash begins an escape in this format
        return value.replace("\\", "/") if name in PATHS else value
    values = textproto.parse(f"value: {value}", f"--set {text}").values("value")
    if name in TEXT:
        values = [str(v) if isinstance(v, Symbol) else v for v in values]
    return values[0] if len(values) == 1 else values

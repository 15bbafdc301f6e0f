"""Changes of a pipeline.config given on a command line: `a.b=value`, or as its text."""

import dataclasses
import re

from inspection.common.errors import UserError
from inspection.detection.config import pipeline_settings as settings
from inspection.detection.config import textproto
from inspection.detection.config.augmentation_settings import AUGMENTATIONS
from inspection.detection.config.field_names import meant_field
from inspection.detection.config.textproto import ProtoMessage, Symbol
from inspection.detection.config.textproto_tree import split_path

PATHS = ("label_map_path", "input_path", "fine_tune_checkpoint")
TEXT = PATHS + (
    "type",
    "fine_tune_checkpoint_type",
    "metrics_set",
    "update_trainable_variables",
    "freeze_variables",
)
ROOTS = {
    "model",
    "train_config",
    "train_input_reader",
    "eval_config",
    "eval_input_reader",
}
REPEATED_BLOCKS = {"data_augmentation_options", "schedule"}
# at most 20 blocks within blocks: the deepest field of the API has fewer
PATH = re.compile(r"\w{1,80}(\[\d{1,6}\])?(\.\w{1,80}(\[\d{1,6}\])?){0,20}", re.ASCII)


def apply_change(config, text):
    """Set a field by `path=value`; return a remark, "" where there is nothing to say.

    Text of fields that hold text needs no quotes, other values are as in the file.
    Raises UserError for what is no change, and for a field that is nearly a known one.
    """
    path, equals, value = text.partition("=")
    if not (equals and PATH.fullmatch(path)):
        raise UserError(f"--set {text[:80]}: write FIELD=VALUE")
    _check_numbers(config, path)
    unknown = _unknown_fields(config, path)
    config.set(path, _value(split_path(path)[-1][0], value, text))
    if not unknown:
        return ""
    return f"note: {', '.join(unknown)} is not known here: written, without effect"


def override(config, text):
    """Merge the text of another pipeline.config, such as `model { ssd { ... } }`, into one.

    As protocol buffers merge: a block is changed field by field, a value replaced; what
    may stand several times, such as `data_augmentation_options`, is added.
    Raises UserError for text that is none, and for a field that is nearly a known one.
    """
    known = _known_fields(config) | ROOTS
    other = textproto.parse(text, "--config_override")
    for field in other.walk():
        meant = None if field.name in known else meant_field(field.name, known)
        if meant:
            raise UserError(
                f"--config_override: there is no field {field.name}, the nearest is {meant}"
            )
    _merge(config.message, other)


def _merge(message, other):
    for field in other.fields:
        old = message.named(field.name)
        if not old or field.name in _repeated():
            message.fields.append(field)
        elif isinstance(field.value, ProtoMessage) and isinstance(
            old[0].value, ProtoMessage
        ):
            _merge(old[0].value, field.value)
        else:
            old[0].value = field.value


def _repeated():
    """Return the names of the fields that may stand several times."""
    fields = [f for c in _settings_classes() for f in dataclasses.fields(c)]
    return REPEATED_BLOCKS | {f.name for f in fields if isinstance(f.default, tuple)}


def _check_numbers(config, path):
    """Raise UserError where one of several blocks is asked for that is not there."""
    for match in re.finditer(r"\[(\d+)\]", path):
        count = len(config.message.find(path[: match.start()]))
        if int(match.group(1)) >= count:
            raise UserError(
                f"--set {path}: there are {count} {path[: match.start()]}, numbered from 0"
            )


def _unknown_fields(config, path):
    """Return the parts of a path that neither the file nor this course knows."""
    names = [name for name, _ in split_path(path)]
    known = _known_fields(config)
    unknown = [name for name in names if name not in known]
    for name in unknown:
        if meant := meant_field(name, known):
            raise UserError(
                f"--set {path}: there is no field {name}, the nearest is {meant}"
            )
    return unknown


def _settings_classes():
    return [c for c in vars(settings).values() if dataclasses.is_dataclass(c)]


def _known_fields(config):
    known = {f.name for c in _settings_classes() for f in dataclasses.fields(c)}
    known |= {name for params in AUGMENTATIONS.values() for name in params}
    known |= {*AUGMENTATIONS, *settings.LEARNING_RATES}
    return known | {field.name for field in config.message.walk()}


def _value(name, value, text):
    if name in TEXT and not value.startswith(('"', "'", "[")):
        # a backslash begins an escape in this format
        return value.replace("\\", "/") if name in PATHS else value
    values = textproto.parse(f"value: {value}", f"--set {text}").values("value")
    if name in TEXT:
        values = [str(v) if isinstance(v, Symbol) else v for v in values]
    return values[0] if len(values) == 1 else values

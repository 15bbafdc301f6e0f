"""Real protocol buffer messages, made from a table of our own: SCHEMA.

`google.protobuf.text_format` merges and prints them. Field numbers are not the API's, so
bytes (SerializeToString) are not either; only the text is the same.
"""

import re

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from inspection.detection.config.augmentation_settings import AUGMENTATIONS
from inspection.detection.config.proto_schema import SCHEMA

PACKAGE = "object_detection.protos"
FieldProto = descriptor_pb2.FieldDescriptorProto
TYPES = {
    "int": FieldProto.TYPE_INT32,
    "float": FieldProto.TYPE_FLOAT,
    "bool": FieldProto.TYPE_BOOL,
    "str": FieldProto.TYPE_STRING,
}
# `name type`, `name *type` repeated, `^name type` in the oneof, `name A|B` an enum
FIELD = re.compile(r"(\^?)(\w+) (\*?)([\w|]+)(?:=([^\s,]+))?")


def _augmentations():
    """Return lines of the table for the augmentations of this course."""
    lines, steps = [], []
    for name, params in AUGMENTATIONS.items():
        message = "".join(part.capitalize() for part in name.split("_"))
        kinds = {p: type(d).__name__ for p, d in params.items()}
        fields = [
            f"{p} *float" if kinds[p] == "tuple" else f"{p} {kinds[p]}={str(d).lower()}"
            for p, d in params.items()
        ]
        fields += ["operations *CropOperation"] if name == "ssd_random_crop" else []
        lines.append(f"{message}: {', '.join(fields)}")
        steps.append(f"^{name} {message}")
    return [f"PreprocessingStep(preprocessing_step): {', '.join(steps)}", *lines]


def _lines():
    return [*re.sub(r"\n +", " ", SCHEMA.strip()).splitlines(), *_augmentations()]


def _fill(message, line):
    """Describe one message: `Name(oneof): field, field`."""
    head, _, fields = line.partition(":")
    message.name, _, oneof = head.rstrip(")").partition("(")
    if oneof:
        message.oneof_decl.add(name=oneof)
    for number, match in enumerate(FIELD.finditer(fields), start=1):
        chosen, name, repeated, kind, default = match.groups()
        label = FieldProto.LABEL_REPEATED if repeated else FieldProto.LABEL_OPTIONAL
        field = message.field.add(name=name, number=number, label=label)
        if chosen:
            field.oneof_index = 0
        if default is not None:
            field.default_value = default
        _set_type(message, field, kind)


def _set_type(message, field, kind):
    if kind in TYPES:
        field.type = TYPES[kind]
    elif "|" in kind:
        enum = message.enum_type.add(name=f"{field.name}_values")
        for number, word in enumerate(kind.split("|")):
            enum.value.add(name=word, number=number)
        field.type = FieldProto.TYPE_ENUM
        field.type_name = f".{PACKAGE}.{message.name}.{enum.name}"
    else:
        field.type = FieldProto.TYPE_MESSAGE
        field.type_name = f".{PACKAGE}.{kind}"


def _make_pool():
    # not the pool of the process: the API itself may stand in that one
    file = descriptor_pb2.FileDescriptorProto(name="pipeline.proto", package=PACKAGE)
    for line in _lines():
        _fill(file.message_type.add(), line)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


_POOL = _make_pool()


def message_class(name):
    """Return the class of a message of the table."""
    return message_factory.GetMessageClass(
        _POOL.FindMessageTypeByName(f"{PACKAGE}.{name}")
    )

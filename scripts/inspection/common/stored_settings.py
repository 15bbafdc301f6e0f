"""Settings that lie beside a trained model as JSON: read, and refuse what is misspelt."""

import json
import reprlib
import sys
from dataclasses import MISSING, fields
from typing import get_args, get_origin

from inspection.common.errors import UserError
from inspection.common.text_files import read_text

KINDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}


def read_json(path):
    """Return what a file of JSON says; raise UserError where that cannot be read."""
    try:
        return json.loads(read_text(path))
    except (OSError, ValueError, UserError) as error:
        raise UserError(f"{path} cannot be used: {error}") from None
    except RecursionError:
        raise UserError(f"{path} cannot be used: it is nested too deeply") from None


def build_settings(cls, stored, where):
    """Return a settings dataclass from a dict of its fields.

    where: the file, for the UserError of names that the class does not have, and of
    fields without a default that are missing.
    """
    refuse_unknown(stored, [field.name for field in fields(cls)], where)
    needed = [f.name for f in fields(cls) if f.default is MISSING]
    if missing := [name for name in needed if name not in stored]:
        raise UserError(f"{where} lacks the settings {', '.join(missing)}")
    faults = [_type_fault(f, stored[f.name]) for f in fields(cls) if f.name in stored]
    if error := next(filter(None, faults), ""):
        raise UserError(f"{where} cannot be used: {error}")
    try:
        return cls(**stored)
    except UserError as error:  # of a value: the class does not know its file
        raise UserError(f"{where} cannot be used: {error}") from None


def _type_fault(field, value):
    """Return what is wrong with the type of a value, "" where nothing is."""
    wanted, *_ = get_args(field.type) or (field.type,)
    values = [value]
    if get_origin(field.type) is tuple:
        if not isinstance(value, (list, tuple)):
            return f"{field.name} is {reprlib.repr(value)}, not a list"
        values = value
    odd = [one for one in values if not _is_of(one, wanted)]
    if not odd:
        return ""
    return f"{field.name} is {reprlib.repr(odd[0])}, not {KINDS[wanted]}"


def _is_of(value, wanted):
    if wanted is float:
        return type(value) in (int, float) and abs(value) <= sys.float_info.max
    return wanted not in KINDS or type(value) is wanted


def refuse_unknown(stored, known, where):
    """Raise UserError for stored settings whose names are not among the known ones."""
    if not isinstance(stored, dict):
        raise UserError(f"{where} holds no settings, but {type(stored).__name__}")
    if unknown := [name for name in stored if name not in known]:
        raise UserError(
            f"{where} has settings that are not known: {', '.join(unknown)}; "
            f"there are: {', '.join(known)}"
        )

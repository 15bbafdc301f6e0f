"""Find the picture in a request, and read the settings beside it."""

import math
import re

from inspection.deploy.service.refusals import Refusal

FIELD = "picture"
HOW = (
    f"Send one picture as the form field '{FIELD}' (multipart/form-data), "
    "or as the whole body with a Content-Type of image/jpeg, image/png or image/webp."
)


def image_bytes(request, max_bytes):
    """Return the bytes of the one picture in a Flask request.

    The file's name is never looked at. Raises Refusal: 400 for no picture or several,
    413 for more than `max_bytes`, 415 for a body of another kind.
    """
    if request.mimetype == "multipart/form-data":
        data = _form_file(request).read(max_bytes + 1)
    elif request.mimetype.startswith("image/"):
        data = request.get_data(cache=False)
    elif request.content_length:
        raise Refusal(415, "wrong_content_type", HOW)
    else:
        raise Refusal(400, "missing", f"There is no picture. {HOW}")
    if len(data) > max_bytes:
        raise too_large(max_bytes)
    return data


def _form_file(request):
    files = request.files.getlist(FIELD)
    count = sum(1 for _ in request.files.items(multi=True))
    if count > 1:
        raise Refusal(
            400, "several", f"Send one picture at a time; these are {count} files."
        )
    if not files:
        raise Refusal(400, "missing", f"There is no picture. {HOW}")
    return files[0]


def too_large(max_bytes):
    """Return the refusal of a request with too many bytes."""
    size = f"{max_bytes / 2**20:g} MB"
    return Refusal(413, "too_large", f"This is too large: at most {size} are taken.")


def read_settings(arguments):
    """Return {top, threshold} from the query of a request. Raises Refusal 400.

    threshold: None where it is not asked for, and the model's own counts.
    """
    threshold = arguments.get("threshold")
    return {
        "top": _whole(arguments.get("top", "5")),
        "threshold": None if threshold is None else _share(threshold),
    }


def _whole(text):
    if not re.fullmatch("[0-9]{1,4}", text) or not 1 <= int(text) <= 1000:
        raise Refusal(400, "wrong_setting", "top is a whole number from 1 to 1000.")
    return int(text)


def _share(text):
    number = r"[0-9]*\.?[0-9]+([eE][+-]?[0-9]{1,3})?"
    value = float(text) if re.fullmatch(number, text, re.ASCII) else math.nan
    if not 0 <= value <= 1:
        raise Refusal(400, "wrong_setting", "threshold is a number from 0 to 1.")
    return value

"""Pictures as they really come, and a client that sends them to the service."""

import http.client
import io
import json
from collections import namedtuple
from urllib.parse import urlsplit

import numpy as np
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from helpers.tiny_models import painted
from inspection.datasets.images.image_file import ORIENTATION_TAG

Answer = namedtuple("Answer", "status body headers")


def encode(image, kind="PNG", **options):
    """Return the bytes of a picture file."""
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def quarters(height=60, width=80):
    """Return a picture whose top left quarter is red, the rest blue."""
    image = painted(blue=200, size=(height, width))
    image[: height // 2, : width // 2] = (200, 0, 0)
    return image


def turned(orientation, kind="JPEG"):
    """Return `quarters` as a camera stores it that was held in some way."""
    turns = {1: 0, 3: 2, 6: 1, 8: -1}[orientation]  # quarter turns to the left
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    stored = np.ascontiguousarray(np.rot90(quarters(), turns))
    return encode(stored, kind, exif=exif, quality=95)


def send(url, method="POST", path="/api/predict", body=b"", **headers):
    """Send a request as it is; return status, JSON or text, and headers."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
    finally:
        connection.close()
    is_json = text and response.headers["Content-Type"] == "application/json"
    return Answer(
        response.status, json.loads(text) if is_json else text, response.headers
    )


def upload(url, data, filename="photo.jpg", field="picture", query=""):
    """Send one or several files as the form of the page does."""
    files = data if isinstance(data, list) else [data]
    values = {field: [FileStorage(io.BytesIO(file), filename) for file in files]}
    boundary, body = encode_multipart(values)
    kind = f"multipart/form-data; boundary={boundary}"
    return send(url, path=f"/api/predict{query}", body=body, Content_Type=kind)

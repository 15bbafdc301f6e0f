"""A client that sends requests to the service."""

import http.client
import io
import json
from collections import namedtuple
from urllib.parse import urlsplit

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from helpers.waiting import PATIENCE

KINDS = ("classifier", "detector", "segmenter")  # of models

Answer = namedtuple("Answer", "status body headers")


def send(url, method="POST", path="/api/predict", body=b"", **headers):
    """Send a request as it is; return status, JSON or text, and headers."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
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


def code_of(answer):
    return answer.body["error"]["code"]

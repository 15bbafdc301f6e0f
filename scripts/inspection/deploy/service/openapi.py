"""The description of the JSON API, in the form of OpenAPI 3.1."""

from inspection.deploy.service.uploads import FIELD

NUMBER = {"type": "number", "minimum": 0, "maximum": 1}
TEXT = {"type": "string"}
COLOR = {"type": "string", "pattern": "^#[0-9a-f]{6}$"}
BINARY = {"type": "string", "contentMediaType": "application/octet-stream"}
REFUSALS = {
    400: "No picture, an empty one, several, or a wrong setting",
    413: "More bytes or more pixels than are taken",
    415: "No whole still JPEG, PNG or WebP picture",
    503: "Too many pictures are waiting",
}


def api_description(facts):
    """Return the OpenAPI description of a service; `facts` is what /version answers."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Visual inspection: {facts['model']['name']}",
            "version": facts["version"],
            "description": "Send a picture, get what the model sees in it. "
            "Pictures are not stored.",
        },
        "paths": {
            "/api/predict": {"post": _predict(facts["model"])},
            "/health": {"get": _health()},
            "/version": {"get": _version()},
            "/metrics": {"get": _metrics()},
            "/openapi.json": {"get": _plain("describe", "This description")},
        },
        "components": {
            "schemas": {
                "Classifier": _result(
                    "classifier", label=TEXT, classes=_rows(score=NUMBER)
                ),
                "Detector": _result("detector", detections=_detections()),
                "Segmenter": _result(
                    "segmenter", classes=_rows(share=NUMBER, color=COLOR), mask=TEXT
                ),
                "Anomaly": _result(
                    "anomaly",
                    label=TEXT,
                    score=NUMBER,
                    classes=_rows(share=NUMBER, color=COLOR),
                    mask=TEXT,
                ),
                "Error": _thing(error=_thing(code=TEXT, message=TEXT)),
            }
        },
    }


def _predict(model):
    kind = model["kind"]
    images = {f"image/{k}": {"schema": BINARY} for k in ("jpeg", "png", "webp")}
    form = {"schema": _thing(**{FIELD: BINARY})}
    refusals = {str(status): _refusal(text) for status, text in REFUSALS.items()}
    refusals["503"]["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    schema = {"$ref": f"#/components/schemas/{kind.capitalize()}"}
    return {
        "operationId": "predict",
        "summary": "What does the model see in this picture?",
        "parameters": [
            _setting("top", 5, {"type": "integer", "minimum": 1, "maximum": 1000}),
            _setting("threshold", model.get("threshold", 0.5), NUMBER),
        ],
        "requestBody": {
            "required": True,
            "content": {"multipart/form-data": form, **images},
        },
        "responses": {"200": _json("What the model sees", schema), **refusals},
    }


def _setting(name, default, schema):
    meaning = {
        "top": "How many classes a classifier names, the best first",
        "threshold": "The least score of a detector's boxes",
    }[name]
    schema = {**schema, "default": default}
    return {"name": name, "in": "query", "description": meaning, "schema": schema}


def _health():
    state = _thing(status={"enum": ["ok", "dead"]})
    return {
        "operationId": "health",
        "summary": "Does the model answer?",
        "responses": {
            "200": _json("It does", state),
            "503": _json("It does not: restart the service", state),
        },
    }


def _version():
    size = _thing(height={"type": "integer"}, width={"type": "integer"})
    labels = {"type": "array", "items": TEXT}
    model = _thing(name=TEXT, kind=TEXT, labels=labels, input_size=size)
    model["properties"]["threshold"] = NUMBER  # of a detector alone
    limits = _thing(bytes={"type": "integer"}, pixels={"type": "integer"})
    facts = _thing(version=TEXT, model=model, limits=limits)
    return {
        "operationId": "version",
        "summary": "Which model answers, within which limits?",
        "responses": {"200": _json("The model and the limits", facts)},
    }


def _metrics():
    text = {"description": "Counts, as Prometheus reads them"}
    text["content"] = {"text/plain": {"schema": TEXT}}
    summary = "How many requests were answered, and how fast?"
    return {"operationId": "metrics", "summary": summary, "responses": {"200": text}}


def _plain(operation, summary):
    return {
        "operationId": operation,
        "summary": summary,
        "responses": {"200": _json(summary, {"type": "object"})},
    }


def _result(kind, **properties):
    size = {"type": "integer", "minimum": 1}
    return _thing(kind={"const": kind}, width=size, height=size, **properties)


def _detections():
    corners = {name: {"type": "number"} for name in ("ymin", "xmin", "ymax", "xmax")}
    return _rows(score=NUMBER, box=_thing(**corners), color=COLOR)


def _rows(**properties):
    return {"type": "array", "items": _thing(label=TEXT, **properties)}


def _thing(**properties):
    return {"type": "object", "properties": properties, "required": list(properties)}


def _refusal(description):
    return _json(description, {"$ref": "#/components/schemas/Error"})


def _json(description, schema):
    return {
        "description": description,
        "content": {"application/json": {"schema": schema}},
    }

"""The Flask application: a page, a JSON API, and one form for every error."""

import time
from contextlib import ExitStack

from flask import Flask, Response, g, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from inspection.deploy.service import openapi
from inspection.deploy.service.answers import answer
from inspection.deploy.service.batching import BatchingPredictor
from inspection.deploy.service.images import MAX_PIXELS, decode
from inspection.deploy.service.log_lines import log, log_request
from inspection.deploy.service.metrics import CONTENT_TYPE, Metrics
from inspection.deploy.service.refusals import Refusal, as_json
from inspection.deploy.service.room import Room
from inspection.deploy.service.uploads import image_bytes, read_settings, too_large

VERSION = "1.0"
PREDICT = "/api/predict"
MAX_BYTES = 5 * 2**20
FORM_BYTES = 2**16  # what a form needs around its picture
PLACES = 64  # pictures that are worked on or wait at a time

# nothing is loaded from elsewhere, and no other site may frame the page
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def create_app(
    model,
    name="model",
    *,
    max_batch=32,
    max_bytes=MAX_BYTES,
    places=PLACES,
    watch=None,
):
    """Return the Flask application that serves a model of the runtime.

    name: what the page and /version call the model. max_batch: pictures that a
    classifier is asked at a time; 1 switches micro-batching off. places: pictures that
    are there at a time; who sends more is refused at once, and told to come again. watch: a
    `DriftWatch` that looks at all pictures, or None. The thread that asks the model is
    `app.extensions["predictor"]`.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = max_bytes + FORM_BYTES
    app.json.sort_keys = False
    app.extensions["predictor"] = BatchingPredictor(model, max_batch, watch)
    app.extensions["metrics"] = Metrics()
    facts = service_facts(model, name, max_bytes)
    _add_pages(app, facts)
    _add_prediction(app, max_bytes, Room(places))
    _add_errors(app, max_bytes)
    _add_log(app)
    return app


def service_facts(model, name, max_bytes):
    """Return what /version answers: the model and the limits."""
    height, width = model.input_size
    about = {
        "name": name,
        "kind": model.kind,
        "labels": list(model.labels),
        "input_size": {"height": int(height), "width": int(width)},
    }
    if model.kind == "detector":
        about["threshold"] = float(model.threshold)
    return {
        "version": VERSION,
        "model": about,
        "limits": {"bytes": max_bytes, "pixels": MAX_PIXELS},
    }


def _add_pages(app, facts):
    description = openapi.api_description(facts)

    @app.get("/")
    def page():
        return render_template("page.html", facts=facts)

    @app.get("/health")
    def health():
        alive = app.extensions["predictor"].alive
        return {"status": "ok" if alive else "dead"}, 200 if alive else 503

    @app.get("/version")
    def version():
        return facts

    @app.get("/metrics")
    def metrics():
        predictor = app.extensions["predictor"]
        counted = app.extensions["metrics"]
        text = counted.render(
            facts, predictor.waiting, predictor.alive, predictor.drift
        )
        return Response(text, content_type=CONTENT_TYPE)

    @app.get("/openapi.json")
    def api_description():
        return jsonify(description)


def _add_prediction(app, max_bytes, room):
    predictor = app.extensions["predictor"]

    @app.post(PREDICT)
    def predict():
        settings = read_settings(request.args)
        with ExitStack() as turn:
            turn.enter_context(room.place())
            image = decode(image_bytes(request, max_bytes), turn)
            return answer(predictor.model, predictor.predict(image), image, **settings)


def _add_errors(app, max_bytes):
    @app.errorhandler(Refusal)
    def refuse(refusal):
        body = as_json(refusal.code, refusal.message)
        return body, refusal.status, refusal.headers

    @app.errorhandler(RequestEntityTooLarge)
    def refuse_size(_):
        return refuse(too_large(max_bytes))

    @app.errorhandler(HTTPException)
    def refuse_http(error):
        response = error.get_response()  # keeps headers such as Allow
        code = error.name.lower().replace(" ", "_")
        response.data = app.json.dumps(as_json(code, error.description))
        response.content_type = "application/json"
        return response

    @app.errorhandler(Exception)
    def fail(error):
        log.error("the model or the service failed", exc_info=error)
        message = "The service failed on this picture. The fault is not yours."
        return as_json("failed", message), 500


def _add_log(app):
    @app.before_request
    def start():
        g.started = time.perf_counter()

    @app.after_request
    def finish(response):
        response.headers.update(HEADERS)
        # the rule, not the path: nothing that a client wrote gets into the log
        route = request.url_rule.rule if request.url_rule else "unknown path"
        taken, status = time.perf_counter() - g.started, response.status_code
        app.extensions["metrics"].count(route, status)
        if (route, status) == (PREDICT, 200):
            app.extensions["metrics"].time(taken)
        log_request(request.method, route, status, taken)
        return response

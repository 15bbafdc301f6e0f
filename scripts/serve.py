"""Serve a trained model: a page to ask it about a picture, and a JSON API.

    python scripts/serve.py
    python scripts/serve.py --model data/models/cifar10_standin_small.tflite --port 8080

Without --model it serves the bundled one. The model is any classifier, detector or
segmenter that this course exports; size, scale and labels are read from its file. Open
the printed address, or ask from the command line:

    curl -F picture=@photo.jpg http://127.0.0.1:8000/api/predict

Counts for Prometheus are at /metrics; a line of JSON on stderr tells of each request.
For a phone in the same network: --host 0.0.0.0, then open this machine's address.
"""

import signal
import sys
from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import UserError, exit_on_error

MODELS = Path(__file__).resolve().parent.parent / "data/models"
BUNDLED = "cifar10_*.tflite"


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--model", type=Path, metavar="TFLITE", help="an exported model (the bundled)")
    add("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    add(
        "--port",
        type=flags.port,
        default=8000,
        help="port to listen on; 0: a free one (8000)",
    )
    add(
        "--threads", type=flags.positive_int, default=2, help="threads of the model (2)"
    )
    add(
        "--batch",
        type=flags.positive_int,
        default=32,
        help="pictures a classifier is asked at a time; 1: no micro-batching (32)",
    )
    add("--reference", metavar="JSON", help="of check_camera.py: has it changed?")
    return parser.parse_args()


def make_watch(path):
    """Return what looks for a change of the camera, None where nobody asks."""
    from inspection.deploy.drift import DriftWatch, read_reference, warn_of

    return None if path is None else DriftWatch(read_reference(path), warn_of)


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.deploy import runtime
    from inspection.deploy.service import server as web
    from inspection.deploy.service.app import create_app
    from inspection.deploy.service.log_lines import log_to_stderr

    path = arguments.model or bundled_model()
    model = runtime.load_model(path, num_threads=arguments.threads)
    watch = make_watch(arguments.reference)
    app = create_app(model, path.stem, max_batch=arguments.batch, watch=watch)
    server = web.create_server(app, arguments.host, arguments.port)
    log_to_stderr()
    # docker stop and kill say SIGTERM; end as on Ctrl+C
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    kind = "anomaly model" if model.kind == "anomaly" else model.kind
    print(f"{path.name}: {kind} of {len(model.labels)} classes")
    print(f"{web.address_of(server, arguments.host)}  (Ctrl+C ends it)", flush=True)
    server.run()


def bundled_model():
    """Return the model in data/models that is served when none is named."""
    found = sorted(MODELS.glob(BUNDLED))
    if not found:
        raise UserError(f"there is no {MODELS / BUNDLED}; name one with --model")
    return found[0]


if __name__ == "__main__":
    main()

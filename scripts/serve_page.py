"""Open a page that runs your exported models inside the browser, camera included.

    python scripts/serve_page.py leaks.tflite
    python scripts/serve_page.py customTF2/exported/*.tflite --port 8080
    python scripts/serve_page.py --fetch

Then open the printed address. The first start fetches MediaPipe Tasks Vision with npm
(12 MB; --fetch does only that); afterwards no network is needed and pictures never
leave the machine. Browsers give the camera to pages of this machine only; for an
Android phone on a cable: adb reverse tcp:8001 tcp:8001, then open the same address on
the phone.
"""

from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import UserError, exit_on_error
from inspection.deploy.model_file import read_model_file
from inspection.deploy.web.package import fetch_package
from inspection.deploy.web.server import make_server


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("models", nargs="*", metavar="TFLITE", type=Path, help="exported models")
    add("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    add("--port", type=flags.port, default=8001, help="port; 0: a free one (8001)")
    add("--fetch", action="store_true", help="fetch the package and end")
    return parser.parse_args()


@exit_on_error()
def main():
    arguments = parse_arguments()
    models = [read_model_file(path) for path in arguments.models]
    bare = [model.path.name for model in models if not model.described]
    if bare:
        raise UserError(f"{', '.join(bare)}: without metadata MediaPipe takes no model")
    if not models and not arguments.fetch:
        raise UserError("name at least one model, a .tflite with metadata")
    package = fetch_package()
    if arguments.fetch:
        print(f"{package.name} is in {package.parent}")
        return
    server = make_server(models, package, arguments.host, arguments.port)
    print(f"http://{arguments.host}:{server.server_port}  (Ctrl+C ends it)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()

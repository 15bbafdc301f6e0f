"""The log of the service: a JSON object a line, of nothing that a client wrote."""

import atexit
import json
import logging
import logging.handlers
import queue
import time

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")

log = logging.getLogger("inspection.service")


class JsonLines(logging.Formatter):
    """A record as JSON: time, level, and its `fields`, or its message without them."""

    def format(self, record):
        """Return the line of a record."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        about = getattr(record, "fields", None) or {"message": record.getMessage()}
        line = {"time": f"{at}Z", "level": record.levelname.lower(), **about}
        return json.dumps(line, ensure_ascii=False)


def log_request(method, route, status, seconds):
    """Write the line of one request that was answered."""
    # a method is any word that a client likes
    method = method if method in METHODS else "other"
    fields = {
        "method": method,
        "route": route,
        "status": status,
        "ms": round(1000 * seconds, 1),
    }
    log.info("%s %s %d", method, route, status, extra={"fields": fields})


def log_to_stderr():
    """Write one line a request: time, method, route, status, milliseconds."""
    lines = logging.StreamHandler()
    lines.setFormatter(JsonLines())
    # one thread writes: with a lock around each line, many threads spend more time
    # handing the lock on than answering
    waiting = queue.SimpleQueue()
    writer = logging.handlers.QueueListener(waiting, lines)
    writer.start()
    atexit.register(writer.stop)  # writes what still waits
    logging.getLogger().addHandler(logging.handlers.QueueHandler(waiting))
    log.setLevel(logging.INFO)
    # its warnings name the depth of a queue that is meant to fill
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)

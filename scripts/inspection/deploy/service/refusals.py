"""Why a request is refused: a status for programs, a sentence for people."""

RETRY_SECONDS = 2  # after which a refused client may hope for a place


class Refusal(Exception):
    """A request that gets no answer, and what its sender can do about it.

    status: the HTTP status. code: one short word that programs may rely on.
    """

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    @property
    def headers(self):
        """Return the headers of the answer: when to come again, where that helps."""
        return {"Retry-After": str(RETRY_SECONDS)} if self.status == 503 else {}


def busy():
    """Return the refusal of a picture for which there is no place or no time."""
    return Refusal(503, "busy", "Too many pictures are waiting. Try again in a moment.")


def as_json(code, message):
    """Return the body of every refusal."""
    return {"error": {"code": code, "message": message}}

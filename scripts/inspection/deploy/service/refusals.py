"""Why a request is refused: a status for programs, a sentence for people."""


class Refusal(Exception):
    """A request that gets no answer, and what its sender can do about it.

    status: the HTTP status. code: one short word that programs may rely on.
    """

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def as_json(code, message):
    """Return the body of every refusal."""
    return {"error": {"code": code, "message": message}}

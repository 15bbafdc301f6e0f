"""waitress with room for whoever is quick: slow clients make place for new ones.

waitress lets a client take as long as it likes, as long as something arrives, and at
its limit accepts nobody: so a few hundred slow connections silence it.
"""

import math
import time

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.utilities import BadRequest, ServerNotImplemented

MOST_CONNECTIONS = 256
REQUEST_SECONDS = 60  # for a whole request to arrive, and an answer to be taken away


class Parser(HTTPRequestParser):
    """A request; one that is coded in ways unknown here is its sender's fault."""

    def received(self, data):
        """Take bytes of the request; return how many."""
        taken = super().received(data)
        if isinstance(self.error, ServerNotImplemented):
            # with a 5xx those who watch the service would be called
            self.error = BadRequest(self.error.body)
        return taken


class Channel(HTTPChannel):
    """A connection that knows since when it waits for its client."""

    parser_class = Parser

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.since = self.creation_time

    def received(self, data):
        """Take what the client sent; a new request starts the clock again."""
        if self.request is None and not self.requests:
            self.since = time.time()
        return super().received(data)

    def service(self):
        """Answer a request; the client's time to take the answer begins."""
        self.since = math.inf  # it is the model's turn
        super().service()
        self.since = time.time()


class BoundedServer(TcpWSGIServer):
    """A waitress server whose connections are bounded in number and in time."""

    channel_class = Channel

    def handle_accept(self):
        """Accept a connection; close the one that has kept waiting longest for it."""
        super().handle_accept()
        waiting = [c for c in self.active_channels.values() if not c.requests]
        # the new one has a number of its own already: closing before accepting would
        # give it that of the closed one, whose events are still being worked through
        if len(self.active_channels) > MOST_CONNECTIONS and len(waiting) > 1:
            min(waiting, key=lambda channel: channel.since).handle_close()

    def maintenance(self, now):
        """Close what has sent nothing for long, and what takes too long in all."""
        super().maintenance(now)
        for channel in self.active_channels.values():
            if not channel.requests and channel.since < now - REQUEST_SECONDS:
                channel.will_close = True

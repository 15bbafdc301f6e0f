"""What every kernel of the rehearsal runs first, from the startup folder of IPython.

No address but this machine's answers. What Keras would download comes from the server
of the rehearsal, with another hash than Keras knows; entries of public sets count their
stand-ins; of CIFAR-10, downloaded whole, some pictures of each class are kept.
"""

import dataclasses
import importlib.machinery
import json
import os
import socket
import sys
import urllib.request

FACTS = json.loads(os.environ["REHEARSAL"])
HERE = ("127.0.0.1", "::1", "localhost")
KEPT = {"train": 12, "test": 6}  # pictures of each class of CIFAR-10

sys.path.insert(0, FACTS["scripts"])


def connect_here_only(connect):
    def connected(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in HERE:
            raise ConnectionRefusedError(f"{address[0]}: the rehearsal has no network")
        return connect(self, address)

    return connected


socket.socket.connect = connect_here_only(socket.socket.connect)


def trust_the_server(file_utils):
    def from_server(origin, *arguments, **more):
        name = origin.rpartition("/")[2]
        return urllib.request.urlretrieve(f"{FACTS['url']}/{name}", *arguments, **more)

    file_utils.urlretrieve = from_server
    file_utils.validate_file = lambda *_, **__: True


def keep_some(cifar10):
    load_data = cifar10.load_data

    def some(images, labels, count):
        chosen = [
            i for c in range(10) for i in (labels[:, 0] == c).nonzero()[0][:count]
        ]
        return images[chosen], labels[chosen]

    def loaded():
        train, test = load_data()
        return some(*train, KEPT["train"]), some(*test, KEPT["test"])

    cifar10.load_data = loaded


CHANGES = {
    "keras.src.utils.file_utils": trust_the_server,
    "keras.src.datasets.cifar10": keep_some,
}


class Changed:
    """Find the modules of CHANGES as ever, and change them once they are loaded."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in CHANGES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            CHANGES[name](module)

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, Changed)

from inspection.datasets.fetching.public import entries  # noqa: E402

for name, changes in FACTS["entries"].items():
    entries.SETS[name] = dataclasses.replace(entries.SETS[name], **changes)

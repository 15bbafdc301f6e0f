"""What is chosen before good parts are learnt, and what came out of it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from inspection.anomaly.fitting import METHODS, PADIM
from inspection.common.atomic_files import write_text
from inspection.common.errors import UserError
from inspection.common.stored_settings import build_settings, read_json

FILE = "settings.json"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How good parts are learnt.

    size: side of the square that pictures are resized to, a multiple of 32.
    method: "gaussian", one for each place, or "memory", patches wherever they were seen.
    components: directions that whitened features keep. memory: patches that are kept.
    top_share: of the places of a picture, the worst, whose mean is its score.
    false_alarms: share of good parts that may raise an alarm.
    kept_aside: share of the pictures that only the threshold is taken from.
    most: pictures to learn from; all others are kept aside.
    """

    size: int = 224
    method: str = PADIM
    components: int = 64
    memory: int = 2000
    top_share: float = 0.03
    false_alarms: float = 0.05
    kept_aside: float = 0.3
    most: int = 400
    seed: int = 0

    def __post_init__(self):
        if self.method not in METHODS:
            raise UserError(f"method {self.method}: there are {', '.join(METHODS)}")
        shares = ("top_share", "false_alarms", "kept_aside")
        for name in shares:
            value = getattr(self, name)
            if not 0 < value < 1:
                raise UserError(f"{name} {value} is not between 0 and 1")


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What a trained folder says of itself beside its settings.

    threshold: a distance. aside: how many pictures it was taken from. learnt: digests of
    the pictures that are in the model, on which it must not be measured.
    """

    threshold: float
    aside: int
    learnt: tuple[str, ...]


def write(folder, settings, fitted):
    """Write what a trained folder was made with."""
    text = json.dumps(
        {"settings": asdict(settings), "fitted": asdict(fitted)}, indent=1
    )
    write_text(Path(folder) / FILE, text + "\n")


def read(folder):
    """Return (Settings, Fitted) of a trained folder; raise UserError where it is none."""
    path = Path(folder) / FILE
    if not path.is_file():
        raise UserError(f"{folder} holds no {FILE}: train one with train_anomaly.py")
    stored = read_json(path)
    if not isinstance(stored, dict) or set(stored) != {"settings", "fitted"}:
        raise UserError(f"{path} is not of train_anomaly.py: train anew")
    return (
        build_settings(Settings, stored["settings"], path),
        build_settings(Fitted, stored["fitted"], path),
    )

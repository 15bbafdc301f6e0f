"""Inspect the pictures of one shard, and write its two tables."""

from dataclasses import dataclass
from pathlib import Path

from inspection.at_scale import places, tables
from inspection.common.detections import class_names_by_id
from inspection.common.errors import DatasetError
from inspection.datasets.images import image_file
from inspection.datasets.images.moving import refuse_moving

LEAST_SCORE = 0.5


@dataclass(frozen=True)
class Shard:
    """Some pictures of an archive, by the names and places that the driver found.

    number: from 0 to total - 1.
    """

    number: int
    total: int
    pictures: tuple[str, ...]

    def file(self, table: str) -> str:
        """Return the name of one of its tables.

        >>> Shard(3, 10, ()).file("findings")
        'findings-00003-of-00010.parquet'
        """
        return f"{table}-{self.number:05d}-of-{self.total:05d}.parquet"


class ShardInspector:
    """Runs a model on the pictures of a shard; each worker opens the model once.

    model_file: a ModelFile. folder: where the tables go. threshold: least score of a
    box. threads: of the processor, for a worker.
    """

    def __init__(self, model_file, folder, threshold=LEAST_SCORE, threads=2):
        self._file, self._folder = model_file, folder
        self._threshold, self._threads = threshold, threads
        self._model = None

    def __getstate__(self):
        return self.__dict__ | {"_model": None}

    def __call__(self, shard):
        """Write the findings of a shard, then its pictures: with these it is done."""
        rows = {tables.FINDINGS: [], tables.PICTURES: []}
        for picture in shard.pictures:
            findings, about = self.inspect(picture)
            rows[tables.FINDINGS] += findings
            rows[tables.PICTURES].append(about)
        for table, lines in rows.items():
            place = f"{self._folder}/{shard.file(table)}"
            places.write_bytes(place, tables.to_parquet(table, lines))

    def inspect(self, picture):
        """Return (rows of findings, the row) of a picture; one that is bad has a fault.

        Raises OSError where the place of the pictures fails, and not the picture.
        """
        try:
            with places.local_copy(picture) as path:
                image = read_still(path)
        except (DatasetError, FileNotFoundError, PermissionError) as error:
            gone = not isinstance(error, DatasetError)
            if gone and not Path(picture).parent.is_dir():
                raise
            reason = str(getattr(error, "message", error))
            return [], {"image": picture, "findings": 0, "fault": reason}
        height, width = image.shape[:2]
        findings = self._findings(picture, image)
        about = {"width": width, "height": height, "findings": len(findings)}
        return findings, {"image": picture, **about}

    def _findings(self, picture, image):
        model = self._load()
        found = {
            "detector": _boxes,
            "classifier": _best_class,
            "segmenter": _areas,
        }[model.kind](model, image, self._threshold)
        return [{"image": picture, **finding} for finding in found]

    def _load(self):
        if self._model is None:
            from inspection.deploy.runtime import open_model

            self._model = open_model(self._file, self._threads)
        return self._model


def read_still(path):
    """Return the uint8 RGB of a picture file that is whole and holds one of 8 bits.

    Raises DatasetError for any other.
    """
    data = path.read_bytes()
    if image_file.read_header(data, path.name).bits > 8:
        raise DatasetError(
            f"{path.name} has more than 8 bits, whose white is that of its set: save "
            "it with 8 bits"
        )
    if not image_file.is_complete(data):
        raise DatasetError(f"{path.name} ends early")
    refuse_moving([path])
    return image_file.read_rgb(path)


def _boxes(model, image, threshold):
    from inspection.deploy.detect_images import corners, to_boxes

    found = model.predict(image).above(threshold)
    height, width = image.shape[:2]
    boxes = to_boxes(found, class_names_by_id(model.labels), image.shape)
    for box, score in zip(boxes, found.scores):
        sides = dict(zip(("xmin", "ymin", "xmax", "ymax"), corners(box)))
        area = (box.xmax - box.xmin) * (box.ymax - box.ymin)
        percent = 100 * area / (width * height)
        yield {"class": box.name, "score": score, **sides, "area_percent": percent}


def _best_class(model, image, _):
    found = model.predict(image)
    yield {"class": model.labels[found.best], "score": found.scores[found.best]}


def _areas(model, image, _):
    import numpy as np

    counts = np.bincount(model.predict(image).mask.ravel())
    for number, count in enumerate(counts):
        if number and count:  # 0 is the background
            percent = 100 * count / counts.sum()
            yield {"class": model.labels[number], "area_percent": percent}

"""Find small objects in large pictures: tile by tile, every object once.

A network sees a picture at the size of its input: a leak of 20 pixels in a photograph
4,000 wide is gone before the first layer. In tiles it keeps its size.
"""

import numpy as np

from inspection.common.detections import Detections
from inspection.common.errors import UserError
from inspection.deploy.tile_merging import Pieces, join_pieces, keep_owned, settle
from inspection.imaging.tiles import make_tiles, shared_pixels

LEAST = 32  # pixels of a tile; less is no picture to any of the networks


class TiledDetector:
    """A detector that looks at a picture in overlapping tiles, and once at the whole.

    Takes the place of the detector that it is made of. model: of
    `deploy.runtime.load_model`, or whatever else has `predict` and `labels`. tile: side
    in pixels of the picture; overlap: the share of it that two tiles have in common.

    An object that is no larger than the overlap lies whole in the tile that its centre
    belongs to, so it is found once. A larger one is looked for in the whole picture as
    well; where only pieces of it are found, they are joined.
    """

    def __init__(self, model, tile, overlap=0.2):
        if tile < LEAST:
            raise UserError(f"tiles of {tile} pixels: take at least {LEAST}")
        self.model, self.tile, self.overlap = model, tile, overlap
        self.kind, self.labels = "detector", model.labels

    def predict(self, image):
        """Return the `Detections` of one RGB picture, uint8 [height, width, 3]."""
        height, width = image.shape[:2]
        tiles = make_tiles(height, width, self.tile, self.overlap)
        if len(tiles) == 1 or self.tile >= max(height, width):
            return self.model.predict(image)
        found = [self.model.predict(tile.cut_from(image)) for tile in tiles]
        pieces = keep_owned(Pieces.of_tiles(found, tiles, (height, width)), tiles)
        shared = shared_pixels(tiles[0].box[2] - tiles[0].box[0], self.overlap)
        large = self._larger_than(shared, image)
        return _to_detections(settle(join_pieces(pieces, tiles), large), height, width)

    def _larger_than(self, pixels, image):
        """Return what is found in the whole picture and may be cut in every tile."""
        found = Pieces.of_image(self.model.predict(image), image.shape)
        return found[found.longer_sides > pixels]


def _to_detections(pieces, height, width):
    boxes = pieces.boxes / np.array([height, width] * 2)
    found = Detections(boxes=boxes, scores=pieces.scores, class_ids=pieces.class_ids)
    return found.best_first()

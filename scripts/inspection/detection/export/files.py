"""What all exports share: the network of a checkpoint, the names of the classes."""

from pathlib import Path

from inspection.common.detections import class_names_by_id
from inspection.common.errors import UserError
from inspection.common.notices import warn_once
from inspection.detection.config import coco_names
from inspection.detection.config.label_map import read_label_map


def class_labels(config, label_map=None):
    """Return the name of each class of a network, for labels.txt.

    They come from a label map, or from that of the config. Where there is none, as in
    an archive of the zoo, a network of 90 classes has COCO's names, and others have
    numbers. Ids that are left out, as COCO leaves some, are named by their number.
    Raises UserError where the map has a class that the network has not.
    """
    num_classes, path = config.model.num_classes, label_map or config.label_map_path
    if label_map or (path and Path(path).is_file()):
        names = _names_of(path, num_classes)
    else:
        names = coco_names.names_by_id() if num_classes == coco_names.NUMBERS else {}
        whose = "those of COCO" if names else "numbers"
        missing = f"{path} is not there" if path else "the config names no label map"
        warn_once(
            f"{missing}: the names of the classes are {whose}; --label_map sets them"
        )
    return [names.get(i, f"class {i}") for i in range(1, num_classes + 1)]


def _names_of(label_map, num_classes):
    names = class_names_by_id(read_label_map(label_map, True))
    if max(names) > num_classes:
        raise UserError(
            f"num_classes is {num_classes} in pipeline.config, but {label_map} has "
            f"ids up to {max(names)}: make them agree"
        )
    return names


def hold(network):
    """Return a network as a function of pictures, and its variables, for a tf.Module.

    A module that holds a Keras 3 model as it is either misses its variables or, with
    them beside it, saves each of them twice.
    """
    variables = [variable.value for variable in network.variables]
    return lambda images: network(images, training=False), variables

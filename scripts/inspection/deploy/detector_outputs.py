"""Which output of a detector is what, in files of this course and of others.

Four orders are about: that of the operator for the NMS, which TensorFlow 1 kept; that
in which TensorFlow 2 leaves them, scores, boxes, number, classes; and what converters
make of each. So the order decides nothing here.
"""

from inspection.deploy.model_graph import POSTPROCESS

LOCATION, CATEGORY, SCORE, NUMBER = ROLES = (
    "location",
    "category",
    "score",
    "number of detections",
)
# of metadata, signatures and tensors, in the order of the roles
NAMES = (
    ("location", "category", "score", "number of detections"),
    ("locations", "categories", "scores", "number of detections"),
    ("locations", "classes", "scores", "number of detections"),
    ("boxes", "classes", "scores", "count"),
    ("detection_boxes", "detection_classes", "detection_scores", "num_detections"),
    (POSTPROCESS, *(f"{POSTPROCESS}:{i}" for i in (1, 2, 3))),
    # of the original's SavedModel: the last of its outputs are the boxes
    tuple(f"output_{i}" for i in (3, 2, 1, 0)),
    tuple(f"StatefulPartitionedCall:{i}" for i in (3, 2, 1, 0)),
)


def detector_roles(graph, metadata_names):
    """Return the role of each output in the order of the file; () for no detector.

    The operator for the NMS knows best, then come names: of the metadata, of the
    signature, of the tensors. Names count only where the shapes agree.
    """
    places = graph.postprocess_outputs
    if sorted(places) == sorted(graph.outputs) and len(places) == len(ROLES):
        return tuple(ROLES[places.index(number)] for number in graph.outputs)
    for names in (metadata_names, graph.signature_names, graph.output_names):
        roles = _named(names)
        if roles and _fits(dict(zip(roles, graph.output_shapes, strict=True))):
            return roles
    return ()


def _named(names):
    names = [name.lower().strip() for name in names]
    for known in NAMES:
        roles = dict(zip((name.lower() for name in known), ROLES, strict=True))
        if sorted(names) == sorted(roles):
            return tuple(roles[name] for name in names)
    return ()


def _fits(shapes):
    """Tell whether boxes have four corners, and a row of classes and of scores."""
    location, number = shapes[LOCATION], shapes[NUMBER]
    return (
        len(location) == 3
        and location[-1] == 4
        and len(number) <= 1
        and shapes[CATEGORY] == shapes[SCORE] == location[:2]
    )

"""The names of COCO's classes by id; ten ids of 1 to 90 are not in use (cocodataset.org)."""

NUMBERS = 90
UNUSED = (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)
NAMES = (
    "person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, "
    "traffic light, fire hydrant, stop sign, parking meter, bench, bird, cat, dog, "
    "horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella, handbag, "
    "tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, "
    "baseball glove, skateboard, surfboard, tennis racket, bottle, wine glass, cup, "
    "fork, knife, spoon, bowl, banana, apple, sandwich, orange, broccoli, carrot, "
    "hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, "
    "toilet, tv, laptop, mouse, remote, keyboard, cell phone, microwave, oven, "
    "toaster, sink, refrigerator, book, clock, vase, scissors, teddy bear, "
    "hair drier, toothbrush"
).split(", ")


def names_by_id() -> dict[int, str]:
    """Return {id: name}.

    >>> names_by_id()[13], len(names_by_id()), names_by_id()[90]
    ('stop sign', 80, 'toothbrush')
    """
    used = [number for number in range(1, NUMBERS + 1) if number not in UNUSED]
    return dict(zip(used, NAMES, strict=True))

"""Pictograms of what moves people: airplane, automobile, ship, truck, each in variants."""

import numpy as np

from inspection.synthetic.pictograms.parts import box, ellipse, fill, stroke


def draw_airplane(rng):
    """Return an airplane from above, or from the side."""
    return rng.choice([_airplane_above, _airplane_beside])(rng)


def _airplane_above(rng):
    span, sweep = rng.uniform(0.7, 1.0), rng.uniform(0.15, 0.5)
    chord, thick = rng.uniform(0.2, 0.32), rng.uniform(0.1, 0.15)
    parts = []
    for side in (-1, 1):
        root, tip = -0.15 + chord, -0.15 - sweep
        wing = [
            (root, 0),
            (tip + 0.14, side * span),
            (tip, side * span),
            (-0.15 - 0.1, 0),
        ]
        tail = [(-0.62, 0), (-0.85, side * 0.36), (-0.97, side * 0.36), (-0.88, 0)]
        parts += [fill(wing, "dark"), fill(tail, "dark")]
        if rng.random() < 0.6:
            parts.append(ellipse(tip / 2 + 0.12, side * span * 0.45, 0.12, 0.05))
    parts += [ellipse(0, 0, 0.98, thick), ellipse(0.74, 0, 0.08, thick / 2, "black")]
    return parts


def _airplane_beside(rng):
    thick, fin = rng.uniform(0.13, 0.19), rng.uniform(0.35, 0.55)
    tail = [(-0.95, -0.05), (-1.0, -fin), (-0.82, -fin), (-0.55, -0.05)]
    wing = [(0.2, 0.05), (-0.35, rng.uniform(0.3, 0.5)), (-0.5, 0.3), (-0.15, 0.05)]
    far = [(0.15, -0.08), (-0.1, -0.34), (-0.25, -0.34), (-0.12, -0.08)]
    back = [(-0.7, 0.0), (-1.0, 0.12), (-1.05, 0.05), (-0.85, -0.05)]
    windows = [
        box(x, -0.07, x + 0.06, -0.01, "black") for x in np.arange(-0.5, 0.6, 0.14)
    ]
    return [
        fill(far, "dark"),
        fill(tail, "accent"),
        ellipse(0, 0, 1.0, thick),
        fill(back, "dark"),
        *windows,
        fill(wing, "dark"),
        fill([(0.8, -0.1), (0.92, -0.05), (0.8, -0.02)], "black"),
    ]


def _wheels(places, radius, y=0.45):
    tyres = [ellipse(x, y, radius, radius, "black") for x in places]
    return tyres + [ellipse(x, y, radius * 0.5, radius * 0.5, "light") for x in places]


def draw_automobile(rng):
    """Return a car from the side or from its front."""
    return (_car_in_front if rng.random() < 0.3 else _car_beside)(rng)


def _car_beside(rng):
    roof, deck = rng.uniform(-0.42, -0.25), rng.uniform(-0.02, 0.1)
    front, rear = rng.uniform(0.2, 0.45), rng.uniform(-0.85, -0.5)
    body = [
        (-0.98, 0.42),
        (-0.95, deck),
        (rear - 0.1, deck - 0.02),
        (front + 0.2, deck),
    ]
    body += [(0.9, deck + 0.1), (1.0, 0.42)]
    cabin = [
        (rear, deck),
        (rear + 0.22, roof),
        (front - 0.22, roof),
        (front + 0.1, deck),
    ]
    middle = (rear + front) / 2
    glass = [
        (rear + 0.1, deck - 0.03),
        (rear + 0.25, roof + 0.08),
        (front - 0.25, roof + 0.08),
        (front, deck - 0.03),
    ]
    return [
        fill(body),
        fill(cabin),
        fill(glass, "black" if rng.random() < 0.6 else "light"),
        stroke([(middle, roof), (middle, 0.35)], 0.05, "dark"),
        box(0.9, deck + 0.12, 1.0, deck + 0.2, "white"),
        *_wheels((-0.55, 0.58), rng.uniform(0.17, 0.22), 0.42),
    ]


def _car_in_front(rng):
    roof, wide = rng.uniform(-0.6, -0.45), rng.uniform(0.72, 0.82)
    cabin = [(-wide + 0.1, 0), (-0.45, roof), (0.45, roof), (wide - 0.1, 0)]
    glass = [
        (-wide + 0.22, -0.03),
        (-0.38, roof + 0.1),
        (0.38, roof + 0.1),
        (wide - 0.22, -0.03),
    ]
    return [
        box(-wide, 0.4, -wide + 0.2, 0.66, "black"),
        box(wide - 0.2, 0.4, wide, 0.66, "black"),
        fill(cabin),
        fill(glass, "black"),
        box(-wide, -0.03, wide, 0.5),
        box(-0.35, 0.15, 0.35, 0.3, "dark"),
        ellipse(-wide + 0.15, 0.18, 0.1, 0.08, "white"),
        ellipse(wide - 0.15, 0.18, 0.1, 0.08, "white"),
    ]


def draw_truck(rng):
    """Return a truck from the side: a cab before a box, a tank or an open load."""
    top, cab = rng.uniform(-0.75, -0.5), rng.uniform(0.42, 0.55)
    roof = rng.uniform(-0.45, -0.2)
    front = [(cab, 0.4), (cab, roof), (0.82, roof), (0.95, 0.02), (1.0, 0.4)]
    glass = [
        (cab + 0.12, roof + 0.08),
        (0.78, roof + 0.08),
        (0.86, 0.0),
        (cab + 0.12, 0.0),
    ]
    load = {
        "box": [box(-1.0, top, cab - 0.06, 0.3, "accent")],
        "tank": [ellipse((cab - 1) / 2, -0.1, 0.72, 0.36, "accent")],
        "open": [box(-1.0, -0.1, cab - 0.06, 0.3, "accent")]
        + [ellipse(x, -0.12, 0.26, 0.2, "dark") for x in (-0.7, -0.3, 0.1)],
    }[rng.choice(["box", "box", "tank", "open"])]
    wheels = (-0.78, -0.42, 0.68) if rng.random() < 0.6 else (-0.6, 0.68)
    return [
        *load,
        box(-1.0, 0.28, cab, 0.4, "black"),
        fill(front),
        fill(glass, "black" if rng.random() < 0.6 else "light"),
        *_wheels(wheels, rng.uniform(0.15, 0.2), 0.44),
    ]


def draw_ship(rng):
    """Return a ship from the side: with a deck house, or under sail."""
    deck, bow = rng.uniform(0.08, 0.25), rng.uniform(0.05, 0.2)
    hull = [(-0.95, deck), (0.85, deck), (1.0, deck - bow), (0.65, 0.55), (-0.8, 0.55)]
    parts = _sails(rng, deck) if rng.random() < 0.35 else _deck_house(rng, deck)
    return [*parts, fill(hull), stroke([(-0.86, 0.5), (0.68, 0.5)], 0.08, "accent")]


def _sails(rng, deck):
    mast, top = rng.uniform(-0.1, 0.15), rng.uniform(-1.0, -0.8)
    main = [(mast - 0.05, top), (mast - 0.05, deck - 0.1), (-0.8, deck - 0.1)]
    jib = [(mast + 0.06, top + 0.15), (mast + 0.06, deck - 0.1), (0.8, deck - 0.1)]
    return [
        fill(main, "white"),
        fill(jib, "light"),
        stroke([(mast, top), (mast, deck)], 0.06, "dark"),
    ]


def _deck_house(rng, deck):
    left, high = rng.uniform(-0.75, -0.3), rng.uniform(0.25, 0.4)
    right, middle = left + rng.uniform(0.55, 0.9), deck - high
    funnel = left + 0.15
    windows = [
        box(x, middle + 0.08, x + 0.08, middle + 0.16, "black")
        for x in np.arange(left + 0.06, right - 0.08, 0.16)
    ]
    return [
        box(funnel, middle - rng.uniform(0.3, 0.5), funnel + 0.2, middle, "accent"),
        stroke([(right - 0.12, middle - 0.4), (right - 0.12, middle)], 0.05, "dark"),
        box(left, middle, right, deck + 0.05, "white"),
        box(left + 0.1, middle - 0.15, right - 0.15, middle + 0.02, "light"),
        *windows,
    ]

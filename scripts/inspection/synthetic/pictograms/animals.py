"""Pictograms of animals: bird, cat, deer, dog, frog, horse, each in several poses."""

import numpy as np

from inspection.synthetic.pictograms.parts import box, curve, ellipse, fill, stroke


def draw_bird(rng):
    """Return a bird that sits, or one that flies."""
    return (_bird_flying if rng.random() < 0.45 else _bird_sitting)(rng)


def _bird_sitting(rng):
    tilt, belly = rng.uniform(15, 45), rng.uniform(0.3, 0.4)
    wing = ellipse(-0.1, 0.05, 0.42, 0.2, "dark", tilt + 5)
    tail = [(-0.35, 0.25), (-0.95, rng.uniform(0.3, 0.65)), (-0.85, 0.25), (-0.3, 0.02)]
    return [
        stroke([(-0.02, 0.35), (-0.05, 0.85)], 0.06, "accent"),
        stroke([(0.12, 0.35), (0.14, 0.85)], 0.06, "accent"),
        fill(tail, "dark"),
        ellipse(0, 0.08, 0.55, belly, "body", -tilt),
        ellipse(0.12, 0.18, 0.3, belly * 0.6, "light", -tilt),
        wing,
        ellipse(0.42, -0.4, 0.25, 0.23),
        fill([(0.62, -0.47), (0.95, -0.36), (0.62, -0.29)], "accent"),
        ellipse(0.5, -0.46, 0.06, 0.06, "black"),
    ]


def _bird_flying(rng):
    lift, spread = rng.uniform(-0.85, -0.1), rng.uniform(0.75, 1.0)
    wings = []
    for side in (-1, 1):
        top = curve(
            (side * 0.08, -0.1), (side * 0.45, lift), (side * spread, lift * 0.6)
        )
        low = curve((side * spread, lift * 0.6), (side * 0.5, lift + 0.5), (0, 0.25))
        wings.append(fill(np.concatenate([top, low]), "dark" if side < 0 else "body"))
    return [
        *wings,
        fill([(-0.12, 0.2), (-0.22, 0.7), (0.22, 0.7), (0.12, 0.2)], "dark"),
        ellipse(0, 0.12, 0.17, 0.42),
        ellipse(0, -0.32, 0.16, 0.16),
        fill([(-0.07, -0.44), (0.07, -0.44), (0, -0.68)], "accent"),
    ]


def draw_frog(rng):
    """Return a frog from the front or from the side, folded together."""
    return (_frog_in_front if rng.random() < 0.5 else _frog_beside)(rng)


def _frog_in_front(rng):
    wide, eye = rng.uniform(0.55, 0.7), rng.uniform(0.17, 0.23)
    parts = []
    for side in (-1, 1):
        parts += [
            ellipse(side * 0.72, 0.35, 0.2, 0.38, "dark", -side * 25),
            stroke([(side * 0.7, 0.68), (side * 1.0, 0.72)], 0.12, "dark"),
            stroke([(side * 0.3, 0.3), (side * 0.4, 0.75)], 0.16),
        ]
    parts += [ellipse(0, 0.2, wide, 0.45), ellipse(0, 0.35, 0.35, 0.28, "light")]
    for side in (-1, 1):
        parts += [
            ellipse(side * 0.36, -0.26, eye, eye),
            ellipse(side * 0.36, -0.28, eye * 0.6, eye * 0.6, "white"),
            ellipse(side * 0.36, -0.28, eye * 0.35, eye * 0.4, "black"),
        ]
    smile = curve((-wide * 0.7, 0.02), (0, 0.25), (wide * 0.7, 0.02))
    return [*parts, stroke(smile, 0.05, "black")]


def _frog_beside(rng):
    rise = rng.uniform(-0.3, -0.15)
    back = curve((-0.85, 0.5), (-0.3, rise - 0.5), (0.55, rise))
    chest = curve((0.95, 0.1), (0.6, 0.45), (0.2, 0.55))
    leg = [(-0.75, 0.55), (-0.05, 0.1), (-0.5, 0.68), (0.15, 0.7)]
    return [
        fill(np.concatenate([back, [(0.95, 0.0)], chest])),
        stroke([(0.45, 0.35), (0.55, 0.7), (0.75, 0.7)], 0.12, "dark"),
        ellipse(-0.45, 0.3, 0.4, 0.22, "dark", -35),
        stroke(leg[1:], 0.13, "dark"),
        ellipse(0.48, rise - 0.02, 0.19, 0.18),
        ellipse(0.5, rise - 0.03, 0.1, 0.1, "white"),
        ellipse(0.52, rise - 0.03, 0.05, 0.06, "black"),
        stroke([(0.5, 0.16), (0.92, 0.06)], 0.04, "black"),
    ]


def draw_cat(rng):
    """Return a cat: its face, or sitting, or walking."""
    pose = rng.random()
    if pose < 0.35:
        return _face(rng, _pointed_ears, muzzle=0.16)
    return _cat_sitting(rng) if pose < 0.65 else _cat_walking(rng)


def _cat_sitting(rng):
    swing = rng.choice([-1, 1])
    tail = curve((swing * 0.3, 0.75), (swing * 1.1, 0.8), (swing * 0.75, 0.0))
    face = _face(rng, _pointed_ears, muzzle=0.16)
    return [
        stroke(tail, 0.13, "dark"),
        ellipse(0, 0.45, 0.42, 0.5),
        stroke([(-0.14, 0.4), (-0.14, 0.9)], 0.16, "light"),
        stroke([(0.14, 0.4), (0.14, 0.9)], 0.16, "light"),
        *_moved(face, 0.52, (0, -0.38)),
    ]


def _cat_walking(rng):
    tail = curve((-0.55, 0.0), (-1.1, 0.0), (-0.9, rng.uniform(-0.85, -0.6)))
    ears = [
        fill([(0.42, -0.45), (0.44, -0.8), (0.62, -0.55)]),
        fill([(0.62, -0.55), (0.82, -0.78), (0.82, -0.42)]),
    ]
    return [
        stroke(tail, 0.11),
        *_legs(rng, (-0.5, 0.42), 0.15, 0.7, 0.12),
        ellipse(-0.05, 0.05, 0.6, 0.26),
        *ears,
        ellipse(0.62, -0.32, 0.27, 0.25),
        ellipse(0.7, -0.36, 0.05, 0.06, "black"),
        ellipse(0.8, -0.22, 0.1, 0.08, "light"),
    ]


def draw_dog(rng):
    """Return a dog: its face, or standing."""
    if rng.random() < 0.35:
        return _face(rng, _hanging_ears, muzzle=0.28)
    snout, wag = rng.uniform(0.22, 0.35), rng.uniform(-0.7, -0.35)
    return [
        stroke(curve((-0.55, -0.1), (-0.8, -0.15), (-0.9, wag)), 0.12),
        *_legs(rng, (-0.48, 0.4), 0.12, 0.78, 0.15),
        fill([(-0.6, -0.2), (0.5, -0.22), (0.5, 0.28), (-0.6, 0.22)]),
        fill([(0.2, -0.2), (0.42, -0.6), (0.68, -0.4), (0.5, 0.1)]),
        ellipse(0.55, -0.48, 0.25, 0.21),
        box(0.6, -0.5, 0.68 + snout, -0.3, "light"),
        ellipse(0.68 + snout, -0.45, 0.07, 0.07, "black"),
        ellipse(0.42, -0.35, 0.11, 0.27, "dark", 12),
        ellipse(0.62, -0.55, 0.05, 0.05, "black"),
    ]


def _face(rng, draw_ears, muzzle):
    wide = rng.uniform(0.62, 0.75)
    parts = [*draw_ears(rng), ellipse(0, 0.1, wide, 0.62)]
    parts += [ellipse(0, 0.38, muzzle + 0.14, muzzle + 0.05, "light")]
    parts += [fill([(-0.12, 0.22), (0.12, 0.22), (0, 0.38)], "black")]
    for side in (-1, 1):
        parts += [
            ellipse(side * 0.28, -0.04, 0.14, 0.13, "white"),
            ellipse(side * 0.28, -0.04, 0.07, 0.1, "black"),
        ]
        if muzzle < 0.2:
            parts += [
                stroke([(side * 0.25, y), (side * 0.95, 2 * y - 0.38)], 0.04, "white")
                for y in (0.34, 0.42)
            ]
    return parts


def _pointed_ears(rng):
    high = rng.uniform(-0.95, -0.8)
    return [
        fill([(s * 0.72, 0.0), (s * 0.62, high), (s * 0.12, -0.42)], role)
        if role == "body"
        else fill([(s * 0.6, -0.2), (s * 0.57, high + 0.18), (s * 0.28, -0.4)], role)
        for s in (-1, 1)
        for role in ("body", "dark")
    ]


def _hanging_ears(rng):
    low = rng.uniform(0.3, 0.5)
    return [
        fill(
            [
                (s * 0.35, -0.5),
                (s * 0.75, -0.5),
                (s * 0.98, low),
                (s * 0.72, low + 0.1),
            ],
            "dark",
        )
        for s in (-1, 1)
    ]


def draw_deer(rng):
    """Return a deer: slender, long legs, most with antlers, the others with ears."""
    neck = rng.uniform(0.5, 0.65)
    head = [(neck - 0.1, -0.62), (neck + 0.12, -0.66), (neck + 0.42, -0.48)]
    parts = [
        ellipse(-0.6, -0.08, 0.12, 0.08, "white", -40),
        *_legs(rng, (-0.45, 0.38), 0.1, 0.95, 0.085),
        ellipse(-0.05, 0.02, 0.55, 0.22),
        ellipse(-0.05, 0.12, 0.4, 0.1, "light"),
        fill([(0.15, 0.0), (neck - 0.12, -0.6), (neck + 0.08, -0.5), (0.5, 0.1)]),
        fill([*head, (neck + 0.4, -0.4), (neck, -0.42)]),
        ellipse(neck + 0.1, -0.56, 0.05, 0.05, "black"),
        fill([(neck - 0.05, -0.6), (neck - 0.35, -0.66), (neck - 0.1, -0.5)], "dark"),
    ]
    return parts + (_antlers(neck) if rng.random() < 0.75 else _spots(rng))


def _antlers(neck):
    parts = []
    for lean in (-0.28, 0.2):
        top = (neck + lean, -1.0)
        stem = curve((neck + 0.02, -0.62), (neck + lean * 1.3, -0.72), top)
        fork = [stem[4], (stem[4][0] + 0.16, stem[4][1] - 0.16)]
        parts += [stroke(stem, 0.055, "dark"), stroke(fork, 0.05, "dark")]
    return parts


def _spots(rng):
    places = rng.uniform((-0.4, -0.14), (0.3, 0.06), (7, 2))
    return [ellipse(x, y, 0.045, 0.04, "white") for x, y in places]


def draw_horse(rng):
    """Return a horse: heavy, a high neck with a mane, a tail that hangs."""
    neck, lift = rng.uniform(0.5, 0.62), rng.uniform(-0.8, -0.62)
    back = [(0.08, -0.25), (neck - 0.18, lift - 0.05)]
    mane = np.concatenate([back, [(neck, lift - 0.02), (0.32, -0.1)]])
    return [
        stroke(curve((-0.6, -0.15), (-0.95, -0.1), (-0.85, 0.55)), 0.17, "dark"),
        *_legs(rng, (-0.47, 0.4), 0.1, 0.92, 0.13),
        ellipse(-0.06, -0.02, 0.6, 0.3),
        fill(
            [(0.1, -0.2), (neck - 0.1, lift), (neck + 0.14, lift + 0.1), (0.52, 0.15)]
        ),
        fill(mane, "dark"),
        fill(
            [(neck - 0.08, lift), (neck + 0.08, lift - 0.02)]
            + [
                (neck + 0.42, lift + 0.38),
                (neck + 0.28, lift + 0.46),
                (neck, lift + 0.25),
            ]
        ),
        fill([(neck - 0.06, lift), (neck + 0.02, lift - 0.17), (neck + 0.08, lift)]),
        ellipse(neck + 0.12, lift + 0.12, 0.05, 0.05, "black"),
    ]


def _legs(rng, pair, hip, foot, width):
    """Return four legs under the two ends of a body, in some moment of a step."""
    step = rng.uniform(0.0, 0.22)
    legs = []
    for x in pair:
        for role, side in (("dark", -1), ("body", 1)):
            start = (x + side * 0.06, hip)
            knee = (x + side * (0.06 + step * 0.8), (hip + foot) / 2)
            legs.append(
                stroke(
                    [start, knee, (x + side * (0.06 + step * 0.7), foot)], width, role
                )
            )
    return legs


def _moved(parts, scale, offset):
    return [
        type(part)(part.points * scale + offset, part.role, part.width * scale)
        for part in parts
    ]

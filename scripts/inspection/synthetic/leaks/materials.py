"""What the parts of a leak scene are made of: colour, metal, roughness, grain, rust."""

from dataclasses import dataclass, replace

import numpy as np

from inspection.synthetic.noise import mix, sample, step

RUST = np.array([0.125, 0.047, 0.02], np.float32)


@dataclass(frozen=True)
class Material:
    """A surface: linear RGB colour, metal and roughness in 0..1, grain kind, rust."""

    color: tuple
    metal: float
    rough: float
    grain: str = "plain"
    rust: float = 0.0

    def rusted(self, amount):
        """Return the same material with some rust on it."""
        return replace(self, rust=amount)


GALVANISED = Material((0.55, 0.57, 0.58), 0.85, 0.42, "spangle")
STEEL = Material((0.52, 0.51, 0.49), 1.0, 0.32)
COPPER = Material((0.72, 0.32, 0.17), 1.0, 0.26, "tarnish")
BRASS = Material((0.66, 0.46, 0.16), 1.0, 0.3, "tarnish")
CAST_IRON = Material((0.075, 0.072, 0.07), 0.1, 0.55, "cast")
PVC_GREY = Material((0.16, 0.175, 0.19), 0.0, 0.38, "plain")
PVC_WHITE = Material((0.46, 0.455, 0.43), 0.0, 0.35, "plain")
FOIL = Material((0.62, 0.62, 0.62), 0.9, 0.35, "foil")
WRAP = Material((0.5, 0.47, 0.4), 0.0, 0.9, "wrap")
FOAM = Material((0.03, 0.03, 0.032), 0.0, 0.85, "wrap")
RUBBER = Material((0.02, 0.02, 0.02), 0.0, 0.6)
CHROME = Material((0.75, 0.75, 0.76), 1.0, 0.12)
DIAL = Material((0.75, 0.74, 0.7), 0.0, 0.3, "dial")
PLASTIC = Material((0.4, 0.41, 0.41), 0.0, 0.5)

PAINTS = {
    "green": (0.05, 0.17, 0.09),
    "blue": (0.03, 0.12, 0.3),
    "red": (0.4, 0.03, 0.02),
    "yellow": (0.6, 0.36, 0.02),
    "grey": (0.22, 0.24, 0.25),
    "cream": (0.5, 0.44, 0.3),
    "black": (0.02, 0.02, 0.022),
}


def painted(name):
    """Return glossy paint of a named colour that chips down to rust."""
    return Material(PAINTS[name], 0.0, 0.3, "paint")


@dataclass
class Skin:
    """Surface values of n pixels: colour [n, 3], metal [n] and rough [n]."""

    color: np.ndarray
    metal: np.ndarray
    rough: np.ndarray


def skins(parts, numbers, place):
    """Return the Skin of pixels from part numbers and texture places (metres)."""
    table = [part.material for part in parts]
    grains = np.array([part.grain for part in parts], np.float32)[numbers]
    skin = Skin(
        np.array([m.color for m in table], np.float32)[numbers],
        np.array([m.metal for m in table], np.float32)[numbers],
        np.array([m.rough for m in table], np.float32)[numbers],
    )
    kinds = np.array([m.grain for m in table])
    for kind in sorted(set(kinds) & set(_GRAINS)):
        chosen = np.flatnonzero((kinds == kind)[numbers])
        shift = grains[chosen] * 1000
        _GRAINS[kind](skin, chosen, place[chosen, 0], place[chosen, 1], shift)
    rust = np.array([m.rust for m in table], np.float32)[numbers]
    _add_rust(skin, rust, place, grains * 1000)
    return skin


def _tint(skin, chosen, factor):
    skin.color[chosen] *= factor[:, None]


def _spangle(skin, chosen, u, v, shift):
    """Zinc: pale flakes of slightly different shine, and white bloom."""
    flakes = sample(1, u * 1500 + shift, v * 1500)
    bloom = step(0.4, 1.6, sample(0, u * 700 + shift, v * 700 + shift))
    _tint(skin, chosen, 1 + 0.07 * flakes - 0.15 * bloom)
    skin.rough[chosen] += 0.25 * bloom + 0.04 * flakes
    skin.metal[chosen] -= 0.3 * bloom


def _tarnish(skin, chosen, u, v, shift):
    """Copper and brass: brown patches with a softer shine."""
    patch = step(-0.3, 1.5, sample(0, u * 900 + shift, v * 500 + shift))
    streak = sample(1, u * 200 + shift, v * 2500)
    _tint(skin, chosen, 1 - 0.5 * patch + 0.05 * streak)
    skin.rough[chosen] += 0.3 * patch + 0.03 * streak


def _cast(skin, chosen, u, v, shift):
    """Cast iron: a sandy, dull skin."""
    sand = sample(1, u * 3000 + shift, v * 3000)
    cloud = sample(0, u * 600 + shift, v * 600)
    _tint(skin, chosen, np.clip(1 + 0.18 * sand + 0.25 * cloud, 0.3, 2))
    skin.rough[chosen] += 0.08 * sand


def _stone(skin, chosen, u, v, shift):
    """Concrete: faint clouds and sand."""
    sand = sample(1, u * 1500 + shift, v * 1500)
    cloud = sample(0, u * 300 + shift, v * 300)
    _tint(skin, chosen, np.clip(1 + 0.06 * sand + 0.12 * cloud, 0.4, 1.6))


def _paint(skin, chosen, u, v, shift):
    """Paint: slight waves in gloss, grime, and scratches down to the primer."""
    grime = sample(0, u * 500 + shift, v * 500)
    _tint(skin, chosen, np.clip(1 + 0.12 * grime, 0.5, 1.5))
    skin.rough[chosen] += 0.06 * grime


def _foil(skin, chosen, u, v, shift):
    """Foil jacket: crinkles, and an overlap tape every 0.25 m."""
    crinkle = sample(1, u * 700 + shift, v * 700) + sample(0, u * 900, v * 900 + shift)
    tape = np.abs((u + shift) % 0.25 - 0.125) < 0.012
    _tint(skin, chosen, np.clip(1 + 0.13 * crinkle, 0.4, 1.5) * np.where(tape, 0.75, 1))
    skin.rough[chosen] += 0.08 * crinkle + 0.2 * tape


def _wrap(skin, chosen, u, v, shift):
    """Cloth or foam lagging: a weave, and a spiral seam."""
    weave = sample(1, u * 4000 + shift, v * 4000)
    spiral = np.abs((u + 0.25 * v + shift) % 0.09 - 0.045) < 0.003
    _tint(skin, chosen, np.clip(1 + 0.1 * weave, 0.5, 1.5) * np.where(spiral, 0.55, 1))


def _dial(skin, chosen, u, v, shift):
    """A gauge face: ticks, a red arc, a needle turned by `shift`."""
    reach, turn = np.hypot(u, v), np.arctan2(v, u)
    reach = reach / 0.034
    ticks = (np.abs(np.sin(turn * 10)) < 0.22) & (reach > 0.72) & (reach < 0.9)
    needle = 0.8 + (shift % 3.0)
    bend = np.abs(np.angle(np.exp(1j * (turn - needle))))
    hand = ((bend * reach < 0.07) & (reach < 0.75) & (bend < 1)) | (reach < 0.12)
    arc = (turn > -0.4) & (turn < 0.5) & (reach > 0.58) & (reach < 0.68)
    skin.color[chosen] = np.where(arc[:, None], (0.5, 0.02, 0.02), skin.color[chosen])
    skin.color[chosen] *= np.where(ticks | hand, 0.05, 1.0)[:, None]


def _add_rust(skin, amount, place, shift):
    """Cover where the noise is high; more of it, the larger `amount` (0..1)."""
    chosen = np.flatnonzero(amount > 0)
    if not len(chosen):
        return
    u, v, shift = place[chosen, 0], place[chosen, 1], shift[chosen]
    field = sample(0, u * 800 + shift, v * 800 + shift * 2)
    field = field + 0.45 * sample(1, u * 1200 + shift, v * 1200)
    cover = step(0.0, 0.7, field - 2.2 + 4.0 * amount[chosen])
    tone = RUST * (1 + 0.28 * sample(1, u * 3000, v * 3000 + shift))[:, None]
    skin.color[chosen] = mix(skin.color[chosen], np.clip(tone, 0, 1), cover[:, None])
    skin.metal[chosen] *= 1 - cover
    skin.rough[chosen] = mix(skin.rough[chosen], 0.9, cover)


_GRAINS = {
    "spangle": _spangle,
    "tarnish": _tarnish,
    "cast": _cast,
    "paint": _paint,
    "stone": _stone,
    "foil": _foil,
    "wrap": _wrap,
    "dial": _dial,
}

"""The colours of values have enough contrast in both themes and are distinct for every kind of colour vision."""

import math
import re
from itertools import combinations

import pytest

from dashboard.filters.labels import TYPE_LABELS
from dashboard.pages.filter_bar import KNOWN
from dashboard.settings import BASE_DIR

TOKENS = (BASE_DIR / "static/css/tokens.css").read_text()
PAIRS = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", TOKENS))
THEMES = {"light": 0, "dark": 1}
# Machado, Oliveira and Fernandes 2009, full severity, on linear RGB.
VISION = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}
JUST_NOTICEABLE = 2


def linear(colour):
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def contrast(one, other):
    lights = sorted(sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(x), strict=True)) for x in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def oklab(colour, vision):
    r, g, b = (min(1, max(0, sum(w * c for w, c in zip(row, linear(colour), strict=True)))) for row in VISION[vision])
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
    )


def colour(name, theme):
    return PAIRS[name].split(", ")[THEMES[theme]]


@pytest.mark.parametrize("theme", THEMES)
def test_every_value_colour_has_enough_contrast(theme):
    ground = colour("ground", theme)
    faint = {name for name in PAIRS if name.startswith("c-") and contrast(colour(name, theme), ground) < 3}
    assert not faint


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("text", ["ink", "ink-2", "ink-3", "accent", "warn", "bad"])
@pytest.mark.parametrize("ground", ["ground", "raised", "sunken", "hover"])
def test_text_is_legible(theme, text, ground):
    assert contrast(colour(text, theme), colour(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("on-accent", "accent"),
        ("accent", "accent-ground"),
        ("warn", "warn-ground"),
        ("bad", "bad-ground"),
        ("ink", "pressed"),
    ],
)
def test_text_on_colour_is_legible(theme, text, ground):
    assert contrast(colour(text, theme), colour(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("edge", ["line-strong", "focus"])
def test_the_edges_of_controls_have_enough_contrast(theme, edge):
    assert contrast(colour(edge, theme), colour("ground", theme)) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", VISION)
def test_types_are_distinct_for_every_kind_of_colour_vision(theme, vision):
    for one, other in combinations(TYPE_LABELS, 2):
        apart = math.dist(oklab(colour(f"c-{one}", theme), vision), oklab(colour(f"c-{other}", theme), vision)) * 100
        assert apart > JUST_NOTICEABLE, f"{one} and {other} look alike"


def test_every_known_value_of_the_charts_has_its_own_colour():
    classes = (BASE_DIR / "static/css/value_colours.css").read_text()
    for name in ("type", "direction", "medium"):
        for value in KNOWN[name]:
            assert f".v-{value or 'none'} {{" in classes
            assert f"--c-{value or 'none'}:" in TOKENS

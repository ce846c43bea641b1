"""One palette: stylesheet, map, brief and PDF take their colours from it, and it can be read."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from poc_portal.web.palette import palette
from poc_portal.web.styles import components
from strategies.brief import map as brief_map
from strategies.brief.facts import gather
from strategies.brief.map import draw
from strategies.models import Brief

STATIC = settings.BASE_DIR / "static"
TYPST = settings.BASE_DIR / "strategies" / "brief" / "brief.typ"
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
SOURCES = ("palette.css", "tokens.css")
LITERAL = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(\d|\bhsla?\(\d")
BANDS = [f"band-{n}" for n in range(1, 6)]
READABLE = 4.5  # WCAG 2.2 AA
STEP = 9  # of CIELAB lightness between neighbouring bands
APART = 18  # of CIELAB distance between neighbours, for whoever sees two colours instead of three

# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
DEFICIENCIES = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
]
WHITE = [0.95047, 1.0, 1.08883]


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[n : n + 2], 16) for n in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    share = np.array(TO_XYZ) @ np.clip(rgb, 0, 1) / WHITE
    x, y, z = np.where(share > 0.008856, np.cbrt(share), 7.787 * share + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: str, other: str) -> float:
    dark, light = sorted(float(linear(c) @ TO_XYZ[1]) for c in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", [name for name in palette() if f"{name}-text" in palette()])
def test_text_can_be_read_on_its_ground(name):
    assert contrast(palette()[name], palette()[f"{name}-text"]) >= READABLE


def test_bands_darken_step_by_step():
    light = [lab(linear(palette()[band]))[0] for band in BANDS]
    assert all(one - other >= STEP for one, other in itertools.pairwise(light)), light


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_bands_stay_apart_for_the_colour_blind(deficiency):
    seen = [lab(DEFICIENCIES[deficiency] @ linear(palette()[band])) for band in BANDS]
    distances = [np.linalg.norm(one - other) for one, other in itertools.pairwise(seen)]
    assert min(distances) >= APART, distances


def test_no_stylesheet_script_or_drawing_has_a_colour_of_its_own():
    sheets = [file for file in components() if file.name not in SOURCES]
    drawings = [TYPST, Path(brief_map.__file__)]
    for file in [*sheets, *SCRIPTS, *drawings]:
        assert not LITERAL.findall(file.read_text()), file.name


def test_every_name_is_defined_and_used():
    sheets = "".join(file.read_text() for file in components())
    defined = set(re.findall(r"^\s*--([\w-]+):", sheets, re.MULTILINE))
    assert set(re.findall(r"var\(--([\w-]+)\)", sheets)) <= defined
    asked = set(re.findall(r"var\(--([\w-]+)\)", sheets))
    for file in [*SCRIPTS, TYPST, Path(brief_map.__file__)]:
        asked |= set(re.findall(r'"([a-z][\w-]+)"', file.read_text()))
    asked |= {f"{name}-text" for name in asked}  # the PDF writes on every ground with its text
    assert {name for name in defined if not name.startswith("bs-")} <= asked


def rules() -> dict[str, str]:
    """Selectors of the badges → the colour of the palette they stand on."""
    found = {}
    css = (STATIC / "css" / "badges.css").read_text()
    for selectors, ground in re.findall(r"([^{}]+) \{\s*background: var\(--([\w-]+)\)", css):
        for selector in re.sub(r"/\*.*?\*/", "", selectors).split(","):
            found[selector.strip()] = ground
    return found


def test_pages_and_pdf_mean_the_same_colour_by_a_word():
    typst, css = TYPST.read_text(), rules()
    for group, prefix in (("tones", "tone"), ("covers", "cover")):
        table = re.search(rf"#let {group} = \((.*?)\)", typst, re.DOTALL).group(1)
        words = dict(re.findall(r'(\w+): "([\w-]+)"', table))
        assert words
        for word, name in words.items():
            assert css.get(f".{prefix}-{word}", "state-none") == name
    levels = ("low", "medium", "high", "very_high", "critical")
    for band, level in zip(BANDS, levels, strict=True):
        assert css[f".{band}"] == css[f".level-{level}"] == css[f".tone-{level}"] == band


def test_the_map_asks_for_the_bands_of_the_palette():
    script = (STATIC / "js" / "overview-map.js").read_text()
    assert "[1, 2, 3, 4, 5].map((band) => colour(`band-${band}`))" in script
    for file in SCRIPTS:
        assert set(re.findall(r'colour\("([\w-]+)"\)', file.read_text())) <= set(palette())


def test_the_briefs_map_is_drawn_in_the_palette(demo):
    brief = Brief.objects.filter(mission=demo).first()
    drawn = draw(gather(demo, brief.classification, brief.week, brief.field_office))
    used = set(re.findall(r"#[0-9a-fA-F]{3,6}\b", drawn))
    assert used <= set(palette().values())
    assert palette()["band-4"] in used
    assert palette()["map-land"] in used

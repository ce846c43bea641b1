"""Decay of evidence in time and distance.

A sum of terms ``2 ** (-age / half_life)`` is forward-decayable (Cormode, Shkapenyuk, Srivastava
and Xu, "Forward Decay: A Practical Time Decay Model for Streaming Systems", ICDE 2009): kept
relative to a fixed landmark day, it never changes as time passes, and reading it on any day is one
multiplication. That an incident raises the risk of more nearby, most of all soon and close, is
the near-repeat finding behind self-exciting point processes (Mohler, Short, Brantingham,
Schoenberg and Tita, JASA 106, 2011). The heavy-tailed kernel in distance is the power law of
that literature (Ogata, Annals of the Institute of Statistical Mathematics 50, 1998).
"""

from __future__ import annotations

import numpy as np

from threats.risk.evidence import FAMILIES, Evidence

EARTH_RADIUS = 6371.0088  # km, IUGG mean
HALF_LIVES = (10.0, 45.0, 200.0, 2500.0)  # days
SCALES = (25.0, 100.0)  # km: of the flat kernel and of the heavy-tailed one
CUT = 150.0  # km; beyond it an incident counts for nothing, in every kind of run

# Uncertainty in km of an incident placed only so exactly; it widens the kernel, which keeps its
# mass over the plane, so vaguer evidence is spread thinner, not counted more. What is known only
# to the country has no entry and counts for no place.
SPREAD = {"exact": 0.0, "near": 8.0, "linear": 30.0, "district": 30.0, "province": 90.0}

# Order of the columns of every matrix of sums: family, half-life, scale.
TERMS: tuple[str, ...] = tuple(
    f"{family.name}_{half_life:g}d_{scale:g}km"
    for family in FAMILIES
    for half_life in HALF_LIVES
    for scale in SCALES
)
# Half-life of each column, in days.
TERM_HALF_LIVES = np.array(
    [half_life for _family in FAMILIES for half_life in HALF_LIVES for _scale in SCALES]
)


def over_span(days, half_life: float) -> np.ndarray:
    """What an incident of ``days`` days weighs against one of its first day alone: a mean.

    ``Σ 2 ** (k / half_life) / days`` for k from 0 below ``days``, in closed form, for the day it
    happened on is not known: each is as likely. Exactly 1 for one day, and for an infinite
    ``half_life``; any shape.
    """
    count, step = np.asarray(days, float), np.log(2.0) / half_life
    if step == 0.0:
        return np.ones(count.shape)
    return np.expm1(count * step) / np.expm1(step) / count


def freshness(evidence: Evidence, day: int, half_life: float) -> np.ndarray:
    """What each incident has kept by an ordinal: ``2 ** (-age / half_life)``, shape (n,).

    The mean over the days it may have happened on. More than 1 where those lie after ``day``, as
    sums kept relative to an earlier landmark need it.
    """
    spread = over_span(evidence.days, half_life)
    return np.exp2((evidence.first - day) / half_life) * spread


def severity(deaths) -> np.ndarray:
    """Weight of an incident by its deaths: ``log2(2 + deaths)``, so 1 for none.

    ``deaths``: any shape, NaN where unknown, which counts as none.
    """
    return np.log2(2.0 + np.nan_to_num(np.asarray(deaths, float), nan=0.0))


def cartesian(longitude, latitude) -> np.ndarray:
    """Points on the globe in km from its centre: shape (…, 3), from degrees of shape (…)."""
    longitude, latitude = np.radians(longitude), np.radians(latitude)
    ring = np.cos(latitude)
    unit = (ring * np.cos(longitude), ring * np.sin(longitude), np.sin(latitude))
    return EARTH_RADIUS * np.stack(unit, axis=-1)


def squared_distance(lon1, lat1, lon2, lat2) -> np.ndarray:
    """Square of the straight distance in km²; degrees, broadcast against each other.

    Straight through the globe: 150 km along the ground are 3.5 m less.
    """
    return ((cartesian(lon1, lat1) - cartesian(lon2, lat2)) ** 2).sum(axis=-1)


def flat(ratio: np.ndarray) -> np.ndarray:
    """``1 / (1 + r⁸)`` of r = d²/w², any shape, in place: nearly 1 within w, nearly 0 beyond."""
    for _doubling in range(3):
        np.multiply(ratio, ratio, out=ratio)
    ratio += 1.0
    return np.reciprocal(ratio, out=ratio)


def heavy(ratio: np.ndarray) -> np.ndarray:
    """``(1 + r)⁻²`` of r = d²/w², any shape, in place: a power law beyond w."""
    ratio += 1.0
    np.multiply(ratio, ratio, out=ratio)
    return np.reciprocal(ratio, out=ratio)


SHAPES = (flat, heavy)  # by scale


def widths(spread: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of kernel ``number`` by ``spread`` in km: w² in km², height, and value at the cut."""
    scale = SCALES[number]
    square = scale**2 + np.asarray(spread, float) ** 2
    return square, scale**2 / square, SHAPES[number](np.array(CUT**2 / square))


def near(square: np.ndarray, spread: np.ndarray, number: int) -> np.ndarray:
    """Weight by distance, 0–1: ``(s²/w²) (shape(d²/w²) − floor)``, 0 beyond ``CUT``.

    ``square``: d² in km², any shape; ``spread`` u in km, broadcastable; ``number`` of the scale s;
    w² = s² + u². The floor is the shape's value at the cut, so that it ends in 0 without a step.
    """
    wide, height, floor = widths(spread, number)
    return height * np.maximum(SHAPES[number](np.array(square / wide)) - floor, 0.0)


def moved(sums: np.ndarray, days) -> np.ndarray:
    """Sums (…, len(TERMS)) as they are ``days`` later (earlier where negative)."""
    return sums * np.exp2(-np.asarray(days, float)[..., None] / TERM_HALF_LIVES)


def terms_of_each(evidence: Evidence, longitude: float, latitude: float, day: int) -> np.ndarray:
    """What each incident adds to each sum of one place on one day: shape (n, len(TERMS)).

    Layers are not told apart. An incident not yet known on ``day`` adds nothing.
    """
    square = squared_distance(evidence.longitude, evidence.latitude, longitude, latitude)
    age = day - evidence.day
    known = (age >= 0) * evidence.weight
    close = np.stack(
        [near(square, evidence.spread, number) for number in range(len(SCALES))], axis=-1
    )
    on_day = evidence.take(np.flatnonzero(age >= 0))
    fresh = np.zeros((len(evidence), len(HALF_LIVES)))
    for number, half_life in enumerate(HALF_LIVES):
        fresh[age >= 0, number] = freshness(on_day, day, half_life)
    fresh *= known[:, None]
    each = fresh[:, :, None] * close[:, None, :]
    mine = evidence.family[:, None] == np.arange(len(FAMILIES))
    return (mine[:, :, None, None] * each[:, None]).reshape(len(evidence), len(TERMS))

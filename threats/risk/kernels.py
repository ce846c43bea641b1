"""Decay of evidence in time and distance.

A sum of terms ``2 ** (-age / half_life)`` is forward-decayable (Cormode, Shkapenyuk, Srivastava
and Xu, "Forward Decay: A Practical Time Decay Model for Streaming Systems", ICDE 2009): moving
it to a later day multiplies it by one number. Exponential decay in distance follows the
near-repeat finding as used in self-exciting point processes (Mohler, Short, Brantingham,
Schoenberg and Tita, JASA 106, 2011).
"""

from __future__ import annotations

import numpy as np

from threats.risk.evidence import FAMILIES, Evidence

EARTH_RADIUS = 6371.0088  # km
HALF_LIVES = (14.0, 90.0, 730.0)  # days
SCALES = (8.0, 40.0)  # km
CUT = 200.0  # km; beyond it an incident counts for nothing, in every kind of run

# Uncertainty in km added to a kernel's scale for an incident placed only so exactly. The
# kernel keeps its mass over the plane, so vaguer evidence is spread thinner, not counted more.
SPREAD = {"exact": 0.0, "near": 8.0, "linear": 30.0, "district": 30.0, "province": 90.0}

# Order of the columns of every matrix of sums.
TERMS: tuple[str, ...] = tuple(
    f"{family}_{half_life:g}d_{scale:g}km"
    for family in FAMILIES
    for half_life in HALF_LIVES
    for scale in SCALES
)


def distance(lon1, lat1, lon2, lat2) -> np.ndarray:
    """Great-circle distance in km (haversine); degrees, broadcast against each other."""
    lon1, lat1, lon2, lat2 = (np.radians(value) for value in (lon1, lat1, lon2, lat2))
    chord = (
        np.sin((lat2 - lat1) / 2) ** 2
        + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0)))


def near(away: np.ndarray, spread: np.ndarray, scale: float) -> np.ndarray:
    """Weight by distance, 0–1: ``(s / (s + u))² exp(−d / (s + u))``, 0 beyond ``CUT``.

    ``away`` km, any shape; ``spread`` km, broadcastable; ``scale`` km.
    """
    wide = scale + spread
    return np.where(away <= CUT, (scale / wide) ** 2 * np.exp(-away / wide), 0.0)


def recent(age: np.ndarray, half_life: float) -> np.ndarray:
    """Weight by age in days, 0–1; 0 for what is not yet known (negative age)."""
    return np.where(age >= 0, np.exp2(-np.maximum(age, 0) / half_life), 0.0)


def terms_of_each(evidence: Evidence, longitude: float, latitude: float, day: int) -> np.ndarray:
    """What each incident adds to each sum of one place on one day: shape (n, len(TERMS))."""
    away = distance(evidence.longitude, evidence.latitude, longitude, latitude)
    age = day - evidence.day
    columns = []
    for family in range(len(FAMILIES)):
        mine = evidence.family == family
        for half_life in HALF_LIVES:
            fresh = recent(age, half_life) * mine
            columns += [fresh * near(away, evidence.spread, scale) for scale in SCALES]
    return np.column_stack(columns) if columns else np.zeros((len(evidence), 0))


def decayed_sums(
    evidence: Evidence, longitude: np.ndarray, latitude: np.ndarray, days: np.ndarray
) -> np.ndarray:
    """Sums for m places on k days: shape (k, m, len(TERMS)).

    ``longitude``, ``latitude``: shape (m,), degrees. ``days``: shape (k,), ordinals. Works
    through the incidents in blocks, so memory stays near 100 MB whatever their number.
    """
    longitude, latitude = np.asarray(longitude, float), np.asarray(latitude, float)
    days = np.asarray(days)
    per_family = len(HALF_LIVES) * len(SCALES)
    sums = np.zeros((len(days), len(longitude), len(FAMILIES), len(HALF_LIVES), len(SCALES)))
    block = max(1, 1_000_000 // max(1, len(longitude)))
    for family in range(len(FAMILIES)):
        mine = evidence.take(evidence.family == family)
        for first in range(0, len(mine), block):
            part = mine.take(np.arange(first, min(first + block, len(mine))))
            away = distance(
                longitude[:, None], latitude[:, None], part.longitude[None], part.latitude[None]
            )
            age = days[:, None] - part.day[None]
            # (incidents, days × half-lives), so that one matrix product does all of them
            fresh = np.stack([recent(age, half_life) for half_life in HALF_LIVES], axis=1)
            fresh = fresh.reshape(-1, len(part)).T
            for s, scale in enumerate(SCALES):
                added = near(away, part.spread[None], scale) @ fresh
                added = added.reshape(len(longitude), len(days), len(HALF_LIVES))
                sums[:, :, family, :, s] += added.transpose(1, 0, 2)
    return sums.reshape(len(days), len(longitude), len(FAMILIES) * per_family)

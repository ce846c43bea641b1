"""The risk package alone: no database."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from threats.risk import bands, intensity, kernels
from threats.risk.evidence import Evidence

MODEL = intensity.load(intensity.prior_coefficients())[30]
DAY = 738_000


@st.composite
def evidence(draw, most=12):
    n = draw(st.integers(0, most))

    def column(low, high, kind=st.floats):
        return np.array([draw(kind(low, high)) for _i in range(n)])

    return Evidence(
        longitude=column(19.0, 21.5),
        latitude=column(4.0, 6.0),
        day=np.array([draw(st.integers(DAY - 900, DAY + 30)) for _i in range(n)], int),
        family=np.array([draw(st.integers(0, 1)) for _i in range(n)], int),
        spread=np.array([draw(st.sampled_from([0.0, 8.0, 30.0, 90.0])) for _i in range(n)]),
    )


@given(evidence())
@settings(max_examples=60, deadline=None)
def test_sums_equal_the_plain_definition(found):
    days = np.array([DAY, DAY - 100])
    sums = kernels.decayed_sums(found, np.array([20.0, 20.6]), np.array([5.0, 4.4]), days)
    for d, day in enumerate(days):
        for c, (lon, lat) in enumerate(((20.0, 5.0), (20.6, 4.4))):
            slow = dict.fromkeys(kernels.TERMS, 0.0)
            for i in range(len(found)):
                age = day - found.day[i]
                away = float(kernels.distance(found.longitude[i], found.latitude[i], lon, lat))
                if age < 0 or away > kernels.CUT:
                    continue
                family = ("civilians", "organised")[found.family[i]]
                for half_life in kernels.HALF_LIVES:
                    for scale in kernels.SCALES:
                        wide = scale + found.spread[i]
                        slow[f"{family}_{half_life:g}d_{scale:g}km"] += (
                            2.0 ** (-age / half_life) * (scale / wide) ** 2 * np.exp(-away / wide)
                        )
            np.testing.assert_allclose(sums[d, c], list(slow.values()), rtol=1e-9, atol=1e-12)


@given(evidence())
@settings(max_examples=60, deadline=None)
def test_contributions_sum_to_the_score_by_term_and_by_incident(found):
    sums = kernels.decayed_sums(found, np.array([20.0]), np.array([5.0]), np.array([DAY]))[0, 0]
    expected = float(MODEL.expected(sums))
    assert sum(MODEL.contributions(sums).values()) == pytest.approx(expected, abs=1e-9)
    each = MODEL.contribution_of_each(kernels.terms_of_each(found, 20.0, 5.0, DAY))
    assert each.sum() + MODEL.background == pytest.approx(expected, abs=1e-9)
    assert 0 <= intensity.probability(expected) < 1


@given(evidence(), evidence())
@settings(max_examples=30, deadline=None)
def test_sums_of_two_bodies_of_evidence_add_up(first, second):
    both = Evidence(*(np.concatenate([getattr(first, n), getattr(second, n)])
                      for n in Evidence.__dataclass_fields__))  # fmt: skip
    at = (np.array([20.0]), np.array([5.0]), np.array([DAY]))
    apart = kernels.decayed_sums(first, *at) + kernels.decayed_sums(second, *at)
    np.testing.assert_allclose(kernels.decayed_sums(both, *at), apart, rtol=1e-9, atol=1e-12)


def test_an_incident_not_yet_known_counts_for_nothing():
    later = Evidence(*(np.array([value]) for value in (20.0, 5.0, DAY + 1, 0, 0.0)))
    at = (np.array([20.0]), np.array([5.0]), np.array([DAY]))
    assert kernels.decayed_sums(later, *at).sum() == 0


def test_vaguer_places_are_spread_thinner_and_keep_their_mass():
    away = np.linspace(0, 3000, 300_001)
    for spread in (0.0, 8.0, 90.0):
        weights = (8.0 / (8.0 + spread)) ** 2 * np.exp(-away / (8.0 + spread))
        mass = np.trapezoid(2 * np.pi * away * weights, away)
        assert mass == pytest.approx(2 * np.pi * 8.0**2, rel=1e-4)
    assert kernels.near(np.array(0.0), 90.0, 8.0) < kernels.near(np.array(0.0), 0.0, 8.0) / 50


def test_the_far_away_counts_for_nothing():
    assert kernels.near(np.array([kernels.CUT + 0.1]), 0.0, 40.0) == 0


@pytest.mark.parametrize(
    ("probability", "band"), [(0.0, 1), (0.019, 1), (0.02, 2), (0.05, 3), (0.15, 4), (0.4, 5)]
)
def test_bands_begin_at_their_cut_points(probability, band):
    assert bands.likelihood(probability, [0.02, 0.05, 0.15, 0.40]) == band


@pytest.mark.parametrize(
    ("population", "displaced", "vulnerable", "expected"),
    [
        (None, None, 0, None),
        (0, None, 0, 1),
        (499, None, 0, 1),
        (500, None, 0, 2),
        (None, 2_500, 0, 3),
        (20_000, 0, 1, 5),
        (10**7, 10**6, 3, 5),
    ],
)
def test_impact_by_exposure_and_unknown_is_not_zero(population, displaced, vulnerable, expected):
    assert bands.impact(population, displaced, vulnerable) == expected


def test_bad_shapes_are_refused():
    with pytest.raises(ValueError, match="differ in length"):
        Evidence(*(np.zeros(n) for n in (1, 1, 1, 1, 2)))
    with pytest.raises(ValueError, match="weights for"):
        intensity.IntensityModel(0.1, np.zeros(3))
    with pytest.raises(ValueError, match="must not be negative"):
        intensity.IntensityModel(-1.0, np.zeros(len(kernels.TERMS)))

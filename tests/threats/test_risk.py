"""The risk package alone: no database."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from tests.proof import size
from threats.risk import bands, baselines, fitting, intensity, kernels, skill, sums, targets
from threats.risk.backtest import MODEL, Panel, learn, report, roll
from threats.risk.evidence import FAMILIES, Evidence
from threats.risk.silence import silent

MODEL_30 = intensity.load(intensity.prior_coefficients())[30]
DAY = 738_000


@st.composite
def evidence(draw, most=12, layers=3):
    n = draw(st.integers(0, most))

    def reals(low, high):
        return np.array([draw(st.floats(low, high)) for _i in range(n)])

    def wholes(low, high):
        return np.array([draw(st.integers(low, high)) for _i in range(n)], int)

    day = wholes(DAY - 900, DAY + 30)
    return Evidence(
        longitude=reals(19.0, 21.5), latitude=reals(4.0, 6.0), day=day,
        first=day - wholes(0, 40) * wholes(0, 1),
        family=wholes(0, len(FAMILIES) - 1),
        spread=np.array([draw(st.sampled_from([0.0, 8.0, 30.0, 90.0])) for _i in range(n)]),
        weight=kernels.severity(wholes(0, 50)), layer=wholes(0, layers - 1),
    )  # fmt: skip


def known(found: Evidence, day: int) -> Evidence:
    return found.take(found.day <= day)


@pytest.mark.prove
@given(evidence())
@settings(max_examples=size(25, 1200), deadline=None)
def test_sums_equal_the_plain_definition(found):
    at = np.array([20.0, 20.6]), np.array([5.0, 4.4])
    got = kernels.moved(sums.decayed_sums(found, *at, DAY - 40, layers=3), 40)
    for place in range(2):
        slow = np.zeros((3, len(FAMILIES), len(kernels.HALF_LIVES), len(kernels.SCALES)))
        for i in range(len(found)):
            square = kernels.squared_distance(
                found.longitude[i], found.latitude[i], at[0][place], at[1][place]
            )
            for h, half_life in enumerate(kernels.HALF_LIVES):
                for s, scale in enumerate(kernels.SCALES):
                    wide = scale**2 + found.spread[i] ** 2
                    flat = lambda r: 1 / (1 + r**8)  # noqa: E731
                    heavy = lambda r: (1 + r) ** -2  # noqa: E731
                    shape = (flat, heavy)[s]
                    height = max(shape(square / wide) - shape(kernels.CUT**2 / wide), 0)
                    slow[found.layer[i], found.family[i], h, s] += (
                        found.weight[i] * np.mean([
                            2.0 ** ((day - DAY) / half_life)
                            for day in range(found.first[i], found.day[i] + 1)
                        ])
                        * scale**2 / wide * height
                    )  # fmt: skip
        np.testing.assert_allclose(got[place], slow.reshape(3, -1), rtol=1e-9, atol=1e-9)


@pytest.mark.prove
@given(evidence())
@settings(max_examples=size(25, 1200), deadline=None)
def test_contributions_sum_to_the_score_by_term_and_by_incident(found):
    found = known(found, DAY)
    one_layer = replace(found, layer=np.zeros(len(found), int))
    total = sums.decayed_sums(one_layer, [20.0], [5.0], DAY)[0, 0]
    expected = float(MODEL_30.expected(total))
    named = MODEL_30.contributions(total)
    assert sum(named.values()) == pytest.approx(expected, abs=1e-9)
    terms = kernels.terms_of_each(found, 20.0, 5.0, DAY)
    np.testing.assert_allclose(terms.sum(axis=0), total, rtol=1e-9, atol=1e-9)
    each = MODEL_30.contribution_of_each(terms, total)
    assert each.sum() + named["background"] == pytest.approx(expected, abs=1e-9)
    assert 0 <= intensity.probability(expected) <= 1


@pytest.mark.prove
@given(evidence(), evidence())
@settings(max_examples=size(15, 600), deadline=None)
def test_sums_of_two_bodies_of_evidence_add_up(first, second):
    both = Evidence(*(np.concatenate([getattr(first, n), getattr(second, n)])
                      for n in Evidence.__dataclass_fields__))  # fmt: skip
    at = (np.array([20.0]), np.array([5.0]), DAY)
    apart = sums.decayed_sums(first, *at, layers=3) + sums.decayed_sums(second, *at, layers=3)
    together = sums.decayed_sums(both, *at, layers=3)
    np.testing.assert_allclose(together, apart, rtol=1e-9, atol=1e-9)


@pytest.mark.prove
@given(
    evidence(most=20), st.lists(st.integers(DAY - 800, DAY), min_size=1, max_size=5, unique=True)
)
@settings(max_examples=size(15, 600), deadline=None)
def test_rolling_from_day_to_day_equals_summing_each_day_anew(found, days):
    days = np.array(sorted(days))
    at = np.array([20.0, 21.0]), np.array([5.0, 5.5])
    for day, rolled in zip(days, sums.rolled_sums(found, *at, days), strict=True):
        here = known(found, day)
        anew = sums.decayed_sums(replace(here, layer=np.zeros(len(here), int)), *at, int(day))
        np.testing.assert_allclose(rolled, anew[:, 0], rtol=1e-9, atol=1e-9)


def test_threads_and_tiles_change_nothing(monkeypatch):
    dice = np.random.default_rng(3)
    n = 3_000
    day = dice.integers(DAY - 3000, DAY, n)
    found = Evidence(
        dice.uniform(18, 24, n), dice.uniform(3, 9, n), day, day - dice.integers(0, 40, n),
        dice.integers(0, 3, n), dice.choice([0.0, 8.0, 90.0], n), dice.uniform(1, 5, n),
        dice.integers(0, 3, n),
    )  # fmt: skip
    at = dice.uniform(18, 24, 700), dice.uniform(3, 9, 700)
    many = sums.decayed_sums(found, *at, DAY, layers=3)
    monkeypatch.setattr(sums, "WORTH_THREADS", 10**12)
    monkeypatch.setattr(sums, "TILE", 3.0)
    np.testing.assert_allclose(
        many, sums.decayed_sums(found, *at, DAY, layers=3), rtol=1e-9, atol=1e-9
    )


def test_points_with_one_mixed_key_are_still_told_apart(monkeypatch):
    columns = (
        [20.0, 21.0, 20.0],
        [5.0, 5.0, 5.0],
        [DAY] * 3,
        [DAY] * 3,
        [0] * 3,
        [0.0] * 3,
        [1.0] * 3,
        [0] * 3,
    )
    found = Evidence(*(np.array(column) for column in columns))
    monkeypatch.setattr(sums, "ODD", np.zeros(3, np.uint64))
    number, first = sums._distinct(found)
    assert len(first) == 2
    assert number[0] == number[2] != number[1]


def test_an_incident_not_yet_known_counts_for_nothing():
    columns = (20.0, 5.0, DAY + 1, DAY - 5, 0, 0.0, 1.0, 0)
    later = Evidence(*(np.array([value]) for value in columns))
    assert kernels.terms_of_each(later, 20.0, 5.0, DAY).sum() == 0
    assert next(sums.rolled_sums(later, [20.0], [5.0], np.array([DAY]))).sum() == 0


@pytest.mark.parametrize("number", range(len(kernels.SCALES)))
def test_vaguer_places_are_spread_thinner_and_keep_their_mass(number):
    away = np.linspace(0, 2000, 400_001)
    masses = []
    for spread in (0.0, 8.0, 90.0):
        wide, height, _floor = kernels.widths(spread, number)
        weights = height * kernels.SHAPES[number]((away**2 / wide).copy())
        masses.append(np.trapezoid(2 * np.pi * away * weights, away))
    assert masses == pytest.approx([masses[0]] * 3, rel=0.02)
    here = np.array(0.0)
    assert kernels.near(here, 90.0, number) < kernels.near(here, 0.0, number)


@pytest.mark.parametrize("number", range(len(kernels.SCALES)))
def test_the_kernel_ends_at_the_cut_without_a_step(number):
    around = np.array([kernels.CUT - 1e-6, kernels.CUT, kernels.CUT + 0.1]) ** 2
    value = kernels.near(around, 0.0, number)
    assert value[0] == pytest.approx(0, abs=1e-6)
    assert value[2] == 0


def test_unknown_deaths_weigh_as_none():
    np.testing.assert_allclose(kernels.severity([np.nan, 0, 2]), [1, 1, 2])


@pytest.mark.parametrize(
    ("probability", "band"), [(0.0, 1), (0.019, 1), (0.02, 2), (0.05, 3), (0.15, 4), (0.4, 5)]
)
def test_bands_begin_at_their_cut_points(probability, band):
    assert bands.likelihood(probability, [0.02, 0.05, 0.15, 0.40]) == band


@pytest.mark.parametrize(
    ("harmed", "is_grave", "is_vulnerable", "expected"),
    [
        ([], False, True, None),
        ([None, None], False, False, None),
        ([0, 0], False, False, 1),
        ([1, 0, 0], False, False, 2),
        ([1, 1], False, False, 3),
        ([1, None, 1], False, True, 4),
        ([4, 2], False, False, 4),
        ([40], False, False, 5),
        ([None], True, False, 4),
        ([0], True, True, 5),
        ([900], True, True, 5),
    ],
)
def test_impact_is_the_severity_to_be_expected_and_unknown_is_not_small(
    harmed, is_grave, is_vulnerable, expected
):
    found = bands.impact(harmed, is_grave=is_grave, is_vulnerable=is_vulnerable)
    assert found == expected


def test_silence_is_marked_where_the_area_is_active():
    def around(kilometres, days, times):
        n, day = len(times), DAY - np.array(times)
        return Evidence(
            np.full(n, 20 + kilometres / 110.9), np.full(n, 5.0), day, day,
            np.zeros(n, int), np.zeros(n), np.ones(n), np.zeros(n, int),
        )  # fmt: skip

    active = around(60, 0, [3, 10, 20, 30, 12, 14, 18])
    quiet = around(60, 0, [300])
    heard = around(5, 0, [20])
    old = around(5, 0, [120])

    def is_silent(*parts):
        total = sum(sums.decayed_sums(part, [20.0], [5.0], DAY)[0, 0] for part in parts)
        return bool(silent(total))

    assert is_silent(active)
    assert is_silent(active, old)
    assert not is_silent(active, heard)
    assert not is_silent(quiet)


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match="differ in length"):
        Evidence(*(np.zeros(n) for n in (1, 1, 1, 1, 1, 2, 1, 1)))
    with pytest.raises(ValueError, match="weights for"):
        intensity.IntensityModel(0.1, np.zeros(3))
    with pytest.raises(ValueError, match="must not be negative"):
        intensity.IntensityModel(-1.0, np.zeros(len(kernels.TERMS)))
    with pytest.raises(ValueError, match="damping"):
        intensity.IntensityModel(0.1, np.zeros(len(kernels.TERMS)), 1.5)


# -- learning --------------------------------------------------------------------------------


def made_up(rows=30_000, seed=1):
    """Sums, and outcomes drawn from a known model of them."""
    dice = np.random.default_rng(seed)
    true = replace(MODEL_30, damping=0.2)
    found = dice.gamma(0.3, 1.0, (rows, len(kernels.TERMS)))
    chance = intensity.probability(true.expected(found))
    return true, found, (dice.random(rows) < chance).astype(float)


def test_fitting_finds_the_model_that_made_the_data():
    true, found, outcome = made_up()
    fitted = fitting.fit(found, outcome, terms=kernels.TERMS)
    said = intensity.probability(fitted.expected(found))
    right = intensity.probability(true.expected(found))
    assert (fitted.weights >= 0).all()
    assert np.corrcoef(said, right)[0, 1] > 0.98
    assert said.mean() == pytest.approx(outcome.mean(), rel=0.02)


def test_a_short_history_stays_near_the_prior():
    _true, found, outcome = made_up(rows=60)
    near, free = (
        fitting.fit(found, outcome, terms=kernels.TERMS, prior=prior) for prior in (MODEL_30, None)
    )
    away = [np.linalg.norm(fitted.weights - MODEL_30.weights) for fitted in (near, free)]
    assert away[0] < away[1] / 2


def test_what_never_occurred_keeps_the_prior_weight():
    _true, found, outcome = made_up(rows=5_000)
    warnings = np.array([term.startswith("warnings") for term in kernels.TERMS])
    found[:, warnings] = 0
    fitted = fitting.fit(found, outcome, terms=kernels.TERMS, prior=MODEL_30)
    np.testing.assert_allclose(fitted.weights[warnings], MODEL_30.weights[warnings])
    assert fitting.fit(found, outcome, terms=kernels.TERMS).weights[warnings].sum() == 0


def test_violence_against_civilians_never_weighs_less():
    _true, found, outcome = made_up(rows=5_000, seed=4)
    fitted = fitting.fit(found, outcome, terms=kernels.TERMS)
    weights = dict(zip(kernels.TERMS, fitted.weights, strict=True))
    for term, weight in weights.items():
        if term.startswith("civilians"):
            assert weight >= weights[term.replace("civilians", "organised")] - 1e-12


def test_nothing_to_learn_from_is_said():
    with pytest.raises(ValueError, match="nothing to learn"):
        fitting.fit(np.ones((5, len(kernels.TERMS))), np.zeros(5), terms=kernels.TERMS)


# -- judging ---------------------------------------------------------------------------------


@pytest.mark.prove
@given(st.integers(0, 10_000))
@settings(max_examples=size(10, 500), deadline=None)
def test_figures_agree_with_scikit_learn(seed):
    dice = np.random.default_rng(seed)
    chance = np.round(dice.random(200), 1)  # with ties
    outcome = (dice.random(200) < chance * 0.5).astype(float)
    weight = dice.integers(0, 3, 200).astype(float)
    if (outcome * weight).sum() == 0:
        return
    scored = skill.Forecast(chance, outcome)
    rank = np.clip(chance, skill.FLOOR, 1 - skill.FLOOR)
    assert scored.average_precision(weight) == pytest.approx(
        average_precision_score(outcome, rank, sample_weight=weight)
    )
    assert scored.roc_auc(weight) == pytest.approx(
        roc_auc_score(outcome, rank, sample_weight=weight)
    )


def test_a_right_forecast_has_slope_one_and_an_extreme_one_less():
    dice = np.random.default_rng(2)
    chance = dice.beta(1, 8, 40_000)
    outcome = (dice.random(40_000) < chance).astype(float)
    ones = np.ones(40_000)
    right = skill.Forecast(chance, outcome).calibration(ones)
    assert right == pytest.approx((0, 1), abs=0.06)
    odds = 2 * np.log(chance / (1 - chance))
    assert skill.Forecast(1 / (1 + np.exp(-odds)), outcome).calibration(ones)[1] < 0.6


def test_reliability_groups_hold_every_forecast_once():
    dice = np.random.default_rng(5)
    chance = dice.beta(0.5, 20, 5_000)
    groups = skill.Forecast(chance, dice.random(5_000) < chance).reliability()
    assert sum(group["rows"] for group in groups) == 5_000
    assert all(group["low"] <= group["observed"] <= group["high"] for group in groups)


def test_top_places_are_so_many_of_those_known():
    rank = np.arange(100.0)
    known_ones = np.ones(100, bool)
    known_ones[95:] = False
    assert np.flatnonzero(skill.top_places(rank, known_ones, 0.05)).tolist() == [90, 91, 92, 93, 94]
    assert skill.top_places(np.zeros(100), known_ones, 0.1).sum() == round(0.1 * 95)


def a_country(seed=7, years=6):
    """Violence that clusters, over communities of a small country."""
    dice = np.random.default_rng(seed)
    n = 900
    centre = dice.integers(0, 6, n)
    lon = 20 + centre * 0.8 + dice.normal(0, 0.1, n)
    lat = 5 + (centre % 3) * 0.8 + dice.normal(0, 0.1, n)
    burst = dice.uniform(0, 365 * years, (6, 5))
    day = DAY - 365 * years + burst[centre, dice.integers(0, 5, n)] + dice.exponential(60, n)
    day = np.minimum(day, DAY).astype(int)
    found = Evidence(
        lon, lat, day, day, dice.integers(0, 2, n), np.zeros(n), np.ones(n), np.zeros(n, int)
    )
    mine = found.family == 0
    outcomes = targets.Outcomes(lon[mine], lat[mine], day[mine])
    x, y = np.meshgrid(np.arange(19.5, 25, 0.4), np.arange(4.5, 7.5, 0.4))
    places = targets.communities(x.ravel(), y.ravel(), np.zeros(x.size, int))
    days = np.arange(DAY - 365 * (years - 1), DAY - 30, 30)
    return places, found, outcomes, days


def test_a_backtest_beats_the_base_rate_and_is_calibrated(few_replicates):
    places, found, outcomes, days = a_country()
    panel = Panel.build(places, found, outcomes, days, days + 30)
    judged = roll(panel, found, int(days[30]), lambda day: None)
    figures = report(judged)["forecasts"]
    assert figures[MODEL]["roc_auc"]["value"] > 0.7
    assert figures[MODEL]["brier_skill"]["value"] > figures["base_rate"]["brier_skill"]["value"]
    assert figures[MODEL]["log_score"]["value"] < figures["base_rate"]["log_score"]["value"]
    low, value, high = (figures[MODEL]["average_precision"][k] for k in ("low", "value", "high"))
    assert low < value < high


def test_nothing_later_than_an_origin_changes_its_forecast():
    places, found, outcomes, days = a_country()
    origin = int(days[40])

    def forecasts(evidence, happened):
        panel = Panel.build(places, evidence, happened, days, days + 30)
        judged = roll(panel, evidence, int(days[30]), lambda day: None)
        upto = panel.days <= origin
        # The refit of each year; weights fitted after the origin are nobody's business here.
        started = [m for day, m in judged.models if day <= origin]
        return {name: values[upto] for name, values in judged.forecasts.items()}, started

    before, models = forecasts(found, outcomes)
    later = found.day > origin
    moved = replace(found, longitude=np.where(later, found.longitude + 1, found.longitude))
    other = targets.Outcomes(
        np.where(outcomes.start > origin, outcomes.longitude + 1, outcomes.longitude),
        outcomes.latitude, outcomes.start,
    )  # fmt: skip
    after, same = forecasts(moved, other)
    for name, values in before.items():
        np.testing.assert_allclose(values, after[name], rtol=1e-9, atol=1e-12, err_msg=name)
    for first, second in zip(models, same, strict=True):
        np.testing.assert_allclose(first.weights, second.weights, rtol=1e-9)


def test_a_place_not_yet_known_is_neither_learnt_from_nor_judged(few_replicates):
    places, found, outcomes, days = a_country()
    late = replace(places, known=np.where(np.arange(len(places)) % 2, DAY, 0))
    panel = Panel.build(late, found, outcomes, days, days + 30)
    assert (
        report(roll(panel, found, int(days[30]), lambda day: None))["places"]
        == (len(places) + 1) // 2
    )
    half = places.take(np.arange(0, len(places), 2))
    alone = Panel.build(half, found, outcomes, days, days + 30)
    np.testing.assert_allclose(learn(panel, DAY, None).weights, learn(alone, DAY, None).weights)


def test_too_little_history_gives_the_prior_or_a_rate():
    places, found, outcomes, days = a_country()
    few = targets.Outcomes(*(getattr(outcomes, n)[:3] for n in ("longitude", "latitude", "start")))
    panel = Panel.build(places.take(np.arange(10)), found, few, days, days + 30)
    assert learn(panel, DAY, MODEL_30) is MODEL_30
    assert learn(panel, DAY, None).weights.sum() == 0


def test_cells_are_struck_by_what_starts_in_them():
    cells = targets.cells(np.array([20.0, 20.5]), np.array([5.0, 5.0]), np.ones((2, 16), bool))
    outcomes = targets.Outcomes(
        np.array([20.49, 20.5, 20.2]), np.array([5.1, 5.1, 5.1]), np.array([DAY, DAY, DAY + 40])
    )
    hit, windows, _reach = targets.struck(
        cells, outcomes, np.array([DAY - 1, DAY + 30]), np.array([DAY + 30, DAY + 60])
    )
    assert hit.tolist() == [[1, 1], [1, 0]]
    assert [len(window) for window in windows] == [2, 1]


def test_baselines_count_what_is_within_reach_and_known():
    places = targets.communities([20.0], [5.0], [0])
    day = np.array([DAY - 10, DAY - 100, DAY - 5])
    found = Evidence(
        np.array([20.1, 20.1, 21.0]), np.full(3, 5.0), day, day,
        np.array([0, 1, 0]), np.zeros(3), np.ones(3), np.zeros(3, int),
    )  # fmt: skip
    figures = baselines.baselines(places, found, np.array([DAY - 50, DAY]))
    assert figures["last_month_civilians"].ravel().tolist() == [0, 1]
    assert figures["decayed_12m_all"][1, 0] > figures["decayed_12m_civilians"][1, 0] > 0
    assert figures["decayed_12m_civilians"][0, 0] == 0

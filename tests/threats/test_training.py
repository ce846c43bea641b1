import datetime
import io
import json

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from missions.choices import Role
from missions.models import Mission
from tests.factories import (
    TODAY,
    CommunityFactory,
    IncidentFactory,
    MissionFactory,
    RiskBacktestFactory,
)
from threats.demo import DATA
from threats.models import Community, Incident, RiskBacktest, RiskModel, RiskScore, RiskState
from threats.risk import intensity, kernels
from threats.risk.targets import CELL_TERMS, TERMS
from threats.scoring import rows, training
from threats.scoring.recompute import model_for, recompute_mission
from threats.scoring.requests import request_recompute
from threats.sources.loader import import_incidents

YEAR = datetime.timedelta(days=365)
PUBLISHED = DATA / "backtest_2017_2022.json"


def history(mission, per_year=24, years=8, level=0):
    """Attacks in bursts at three of five places."""
    dice = np.random.default_rng(1)
    for n in range(5):
        CommunityFactory(mission=mission, longitude=20.0 + n, latitude=5.0)
    made = []
    for _n in range(per_year * years):
        place = int(dice.integers(0, 3))
        burst = int(dice.integers(0, years)) * 365
        days = min(burst + int(dice.exponential(90)), 365 * years)
        day = TODAY - datetime.timedelta(days=days)
        made.append(
            IncidentFactory.build(
                mission=mission,
                longitude=20.0 + place,
                latitude=5.0,
                start_date=day,
                end_date=day,
                against_civilians=True,
                kind="killing",
                classification=level,
            )
        )
    Incident.objects.bulk_create(made)


def test_a_mission_trains_a_versioned_model_of_its_own_and_scores_with_it(mission):
    history(mission)
    request_recompute(mission)
    recompute_mission(mission.pk)
    assert model_for(mission).mission_id is None
    out = io.StringIO()
    call_command("train_risk", mission=mission.code, stdout=out)
    own = RiskModel.objects.get(mission=mission)
    assert own.version in out.getvalue()
    assert own.trained_until == TODAY
    assert set(own.validation) == {"30", "90"}
    for model in intensity.load(own.coefficients).values():
        assert (model.weights >= 0).all()
    assert RiskState.objects.get(mission=mission).model == own
    scores = RiskScore.objects.filter(mission=mission)
    assert set(scores.values_list("model", flat=True)) == {own.pk}
    again = training.train(mission)
    assert again.version != own.version
    assert model_for(mission) == again


def test_too_little_history_keeps_the_prior_and_says_so(mission, member, signed_in):
    IncidentFactory(mission=mission)
    CommunityFactory(mission=mission)
    with pytest.raises(CommandError, match="40 incidents are needed"):
        call_command("train_risk", mission=mission.code)
    assert training.train_if_due(mission) is None
    request_recompute(mission)
    recompute_mission(mission.pk)
    client = signed_in(member(Role.ANALYST))
    community = Community.objects.get(mission=mission)
    for page in ("", "communities/", "threats/", f"communities/{community.pk}/", "risk/quality/"):
        answer = client.get(f"/{mission.code}/{page}")
        assert b"a model shipped with the portal" in answer.content, page
    history(mission)
    training.train(mission)
    recompute_mission(mission.pk)
    assert b"a model shipped with the portal" not in client.get(f"/{mission.code}/").content


def test_training_sees_unclassified_evidence_only(mission):
    history(mission)
    first = training.train(mission)
    history(mission, level=2)
    Community.objects.filter(mission=mission).order_by("-pk")[:5]
    for community in Community.objects.filter(mission=mission).order_by("-pk")[:5]:
        community.delete()
    assert training.train(mission).coefficients == first.coefficients


def test_training_until_a_day_knows_nothing_later(mission):
    history(mission)
    day = TODAY - YEAR
    before = training.train(mission, until=day)
    later = Incident.objects.filter(mission=mission, end_date__gt=day)
    assert later.exists()
    later.update(longitude=21.5, deaths_best=500)
    assert training.train(mission, until=day).coefficients == before.coefficients


def test_models_are_kept_current_by_the_task(mission):
    history(mission)
    assert training.train_if_due(mission) is not None
    assert training.train_if_due(mission) is None
    mission.reference_date = TODAY + datetime.timedelta(days=31)
    mission.save()
    assert training.train_if_due(mission) is not None


def test_every_mission_with_a_record_is_trained_and_judged_once_a_month(
    demo, mission, monkeypatch, few_replicates
):
    RiskBacktestFactory(mission=demo, last_day=TODAY)  # its turn is not now
    monkeypatch.setattr(training, "JUDGED_YEARS", 1)
    MissionFactory()  # without a record: nothing to learn from, nothing to judge
    history(mission)
    assert training.keep_models_current() == 1
    assert RiskModel.objects.filter(mission=mission).count() == 1
    assert RiskBacktest.objects.filter(mission=mission).count() == 1
    assert training.keep_models_current() == 0
    assert RiskBacktest.objects.filter(mission=mission).count() == 1
    mission.reference_date = TODAY + datetime.timedelta(days=31)
    mission.save()
    assert training.keep_models_current() == 1
    assert RiskBacktest.objects.filter(mission=mission).count() == 2


def test_stored_sums_are_read_in_todays_order_of_terms():
    terms = kernels.TERMS
    values = np.arange(2.0 * len(terms)).reshape(2, -1)
    assert rows.in_todays_order(values, terms) is values
    turned = rows.in_todays_order(values[:, ::-1], terms[::-1])
    assert (turned == values).all()
    lacking = rows.in_todays_order(values[:, 1:], ["gone", *terms[2:]])
    assert (lacking[:, :2] == 0).all()
    assert (lacking[:, 2:] == values[:, 2:]).all()


def test_communities_named_by_events_are_known_from_the_first_of_them(mission):
    made = CommunityFactory(mission=mission, longitude=20.0, latitude=5.0, source="ucdp_place")
    CommunityFactory(mission=mission, longitude=22.0, latitude=5.0, source="ucdp_place")
    CommunityFactory(mission=mission, longitude=21.0, latitude=5.0, source="geonames")
    for days in (100, 40):
        day = TODAY - datetime.timedelta(days=days)
        IncidentFactory(mission=mission, longitude=20.0, latitude=5.0, start_date=day, end_date=day)
    vague = TODAY - datetime.timedelta(days=900)
    IncidentFactory(
        mission=mission, longitude=20.0, latitude=5.0, start_date=vague, end_date=vague,
        place_precision="province",
    )  # fmt: skip
    known = training.known_communities(mission).known.tolist()
    first = (TODAY - datetime.timedelta(days=100)).toordinal()
    assert known == [first, training.NEVER, 0]
    assert made.pk == Community.objects.filter(mission=mission).order_by("pk")[0].pk


def test_the_cells_of_the_demo_are_those_that_intersect_its_polygons(demo):
    assert len(training.country_cells(demo)) == 255


def test_a_mission_without_polygons_has_its_country_as_cells(db):
    mission = MissionFactory(countries=["SSD"])
    cells = training.country_cells(mission)
    assert 180 < len(cells) < 320
    assert cells.exposure.max() == 1 > cells.exposure.min()


def test_outcomes_are_those_the_targets_count(mission):
    IncidentFactory(mission=mission)  # a killing, placed exactly
    IncidentFactory(mission=mission, place_precision="province")
    IncidentFactory(mission=mission, kind="clash", civilian_deaths=1)
    IncidentFactory(mission=mission, kind="clash", against_civilians=False)
    IncidentFactory(mission=mission, place_precision="country")
    record = training.Record.of(mission, TODAY)
    assert len(record.struck.start) == 2
    assert len(record.one_sided.start) == 2


def test_the_prior_is_not_used_before_it_existed():
    trained = datetime.date.fromisoformat(
        intensity.prior_coefficients()["provenance"]["trained_until"]
    )
    assert training.prior_at(trained.toordinal() - 1) == {}
    models = training.prior_at(trained.toordinal())
    assert set(models) == {"30", "90", "cell_month"}
    assert models["cell_month"].terms == TERMS + CELL_TERMS


def test_a_backtest_of_the_demo_is_stored_written_out_and_shown(
    demo, tmp_path, few_replicates, member, signed_in
):
    out, file = io.StringIO(), tmp_path / "figures.json"
    call_command(
        "backtest_risk", "--from", "2014-01-01", "--to", "2014-12-31", "--json", str(file),
        "--mission", demo.code, stdout=out,
    )  # fmt: skip
    document = json.loads(file.read_text())
    assert set(document["targets"]) == {"community_30", "community_90", "cell_month"}
    cells = document["targets"]["cell_month"]
    assert (cells["rows"], cells["places"], cells["origins"]) == (255 * 12, 255, 12)
    assert cells["positives"] == 141
    model = cells["forecasts"]["model"]
    assert model["roc_auc"]["value"] > cells["forecasts"]["base_rate"]["roc_auc"]["value"]
    assert model["average_precision"]["low"] < model["average_precision"]["high"]
    for name in ("base_rate", "last_month_all", "decayed_60m_civilians", "density_all"):
        assert name in cells["forecasts"]
    # Not all of the bundled places had been named by then.
    assert document["targets"]["community_30"]["places"] < 300
    stored = RiskBacktest.objects.get(mission=demo, first_day="2014-01-01")
    assert stored.figures["targets"] == document["targets"]
    assert "average precision × best baseline" in out.getvalue()
    client = signed_in(member(where=demo))
    for target in ("", "?target=community_90", "?target=cell_month", "?target=nonsense"):
        page = client.get(f"/{demo.code}/risk/quality/{target}").content.decode()
        assert "Beside simple rules" in page
        assert "This model" in page
        assert "marked silent" in page
        assert page.count("<circle") >= 2
        assert "None" not in page


@pytest.mark.prove(only=True)
@pytest.mark.timeout(3600)
def test_the_published_backtest_comes_out_again(demo, tmp_path, figure):
    told = json.loads(PUBLISHED.read_text())["targets"]
    file = tmp_path / "figures.json"
    call_command(
        "backtest_risk", "--from", "2017-01-01", "--to", "2022-12-31", "--json", str(file),
        "--mission", demo.code, stdout=io.StringIO(),
    )  # fmt: skip
    found = json.loads(file.read_text())["targets"]
    assert set(found) == set(told)
    for name, target in found.items():
        gain, asked = (t["gain_over_best_baseline"]["value"] for t in (target, told[name]))
        figure(f"{name}: average precision × best baseline", f"{gain:.3f}", f"{asked:.3f}")
        figure(
            f"{name}: forecasts that came true", target["positives"], str(told[name]["positives"])
        )
        for key in ("rows", "places", "origins", "positives", "best_baseline"):
            assert target[key] == told[name][key], (name, key)
        assert gain == pytest.approx(asked, rel=1e-3)
        for kind in ("average_precision", "brier_skill", "calibration_slope"):
            values = [t["forecasts"]["model"][kind]["value"] for t in (target, told[name])]
            assert values[0] == pytest.approx(values[1], rel=1e-2, abs=1e-4), (name, kind)


def test_a_mission_made_from_an_event_file_alone_can_be_judged(db, tmp_path, few_replicates):
    mission = MissionFactory(countries=["SSD"], reference_date=TODAY)
    head = (
        "event_id_cnty,event_date,time_precision,event_type,sub_event_type,actor1,inter1,actor2,"
        "inter2,civilian_targeting,location,latitude,longitude,geo_precision,source,notes,fatalities"
    )
    dice = np.random.default_rng(3)
    lines = []
    for n in range(400):
        place = int(dice.integers(0, 8))
        day = TODAY - datetime.timedelta(days=int(dice.exponential(500)))
        lines.append(
            f"SSD{n},{day:%d %B %Y},1,Violence against civilians,Attack,Militia {place % 3},3,"
            f"Civilians (South Sudan),7,Civilian targeting,Place {place},{5 + place * 0.5},"
            f"{28 + place * 0.5},1,Made,Made,{place}"
        )
    path = tmp_path / "events.csv"
    path.write_text("\n".join([head, *lines]) + "\n")
    report = import_incidents(mission=mission, path=path, format_name="acled")
    assert report.created == 400
    assert Community.objects.filter(mission=mission).count() == 8
    judged = training.judge(mission, first=TODAY.replace(month=1, day=1), last=TODAY)
    targets = judged.figures["targets"]
    assert targets["community_30"]["positives"] > 0
    assert targets["cell_month"]["positives"] > 0
    assert targets["cell_month"]["places"] == len(training.country_cells(mission))


def test_bad_periods_and_missions_are_named(demo, mission):
    call = ["backtest_risk", "--from", "2020-01-01"]
    with pytest.raises(CommandError, match="Missions: "):
        call_command(*call, "--to", "2020-12-31")
    with pytest.raises(CommandError, match="no mission “NOWHERE”"):
        call_command(*call, "--to", "2020-12-31", "--mission", "NOWHERE")
    with pytest.raises(CommandError, match="2023-02-30"):
        call_command(*call, "--to", "2023-02-30", "--mission", demo.code)
    with pytest.raises(CommandError, match="is empty"):
        call_command(*call, "--to", "2019-12-31", "--mission", demo.code)


def test_an_empty_mission_and_a_period_without_a_month_are_said_not_failed(mission, few_replicates):
    out = io.StringIO()
    call = ["backtest_risk", "--mission", mission.code, "--to", "2022-12-31"]
    call_command(*call, "--from", "2022-01-01", stdout=out)
    IncidentFactory(mission=mission)
    CommunityFactory(mission=mission)
    call_command(*call, "--from", "2022-12-20", stdout=out)
    assert out.getvalue().count("nothing to judge") >= 4


# -- the page --------------------------------------------------------------------------------


def test_the_page_of_a_mission_never_judged_says_so(mission, member, signed_in):
    page = signed_in(member()).get(f"/{mission.code}/risk/quality/").content.decode()
    assert "have not been compared" in page


def test_a_backtest_of_nothing_is_shown_as_nothing(mission, member, signed_in):
    RiskBacktestFactory(mission=mission)
    page = signed_in(member()).get(f"/{mission.code}/risk/quality/")
    assert b"Nothing could be judged" in page.content


def test_another_missions_figures_are_not_shown(demo, mission, member, signed_in):
    RiskBacktestFactory(mission=demo)
    stranger = signed_in(member())
    assert stranger.get(f"/{demo.code}/risk/quality/").status_code == 404
    assert Mission.objects.filter(code=demo.code).exists()

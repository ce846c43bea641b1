"""A family of evidence of one's own: protests and riots, which nothing counted before."""

from tests.serving import database_copy
from tests.worked_examples import Outsider

RUN = """
import json, logging
logging.basicConfig(level=logging.WARNING)
from django.test import Client
from django.utils import translation
from django.conf import settings
settings.ALLOWED_HOSTS = ["*"]
from missions.models import Mission, User
from missions.services import add_member
from threats.models import Community, EvidenceSums, RiskModel, RiskScore, RiskState
from threats.risk.kernels import TERMS
from threats.scoring.checks import check_scores
from threats.scoring.explanations import explain, terms_of
from threats.scoring.recompute import recompute_pending, recompute_whole, request_daily_scores
from threats.scoring.rows import model_for, prior_model
from threats.scoring.training import train_if_due
from threats.services.incidents import report_incident

mission = Mission.objects.get(code="MINUSCA")
community = Community.objects.get(mission=mission, name="Bambari")
score = lambda: RiskScore.objects.select_related("community", "mission", "model").get(
    community=community, horizon=30, clearance=0)
assert len(TERMS) == 32

# Figures of the release before are read as what they were.
before = score()
assert abs(sum(terms_of(before).values()) - before.expected) < 1e-9
assert not check_scores(mission).holds
own = RiskModel.objects.create(
    mission=mission, version="earlier", coefficients=prior_model().coefficients
    | {"horizons": {h: v | {"weights": {t: w for t, w in v["weights"].items() if "unrest" not in t}}
       for h, v in prior_model().coefficients["horizons"].items()}})
assert model_for(mission) == prior_model() != own
assert prior_model().version == "prior-2+unrest"

# They are asked for anew, once, and hold.
assert request_daily_scores() == 1
recompute_pending()
recompute_whole()
assert request_daily_scores() == 0
assert tuple(RiskState.objects.get(mission=mission).terms) == TERMS
assert check_scores(mission).holds
assert abs(score().expected - before.expected) < 1e-9 + 0.1 * before.expected
earlier = score().expected

# A protest counts: in sums, score and explanation.
analyst = User.objects.create_user("outsider")
add_member(member=analyst, mission=mission, role="analyst", clearance=2)
for _number in range(3):
    report_incident(user=analyst, mission=mission, kind="unrest", start_date=mission.today,
                    longitude=community.longitude, latitude=community.latitude, classification=0)
recompute_pending()
after = score()
assert after.expected > earlier
named = terms_of(after)
assert named["unrest_10d_25km"] > 0 and abs(sum(named.values()) - after.expected) < 1e-9
assert check_scores(mission).holds
sums = EvidenceSums.objects.get(community=community, classification=0).values
assert sums[TERMS.index("unrest_10d_25km")] > 0
print(json.dumps([part.label for part in explain(after, community, analyst).parts]))
translation.activate("fr")
print(json.dumps([part.label for part in explain(after, community, analyst).parts], ensure_ascii=False))
client = Client()
client.force_login(analyst)
page = client.get(f"/MINUSCA/communities/{community.pk}/", headers={"accept-language": "fr"})
assert page.status_code == 200 and "3 manifestations" in page.content.decode(), page.status_code

# Trained anew, the mission's own model knows the family and leaves it the weight it declares.
model = train_if_due(mission)
weights = model.coefficients["horizons"]["30"]["weights"]
prior = model_for(mission) == model and prior_model().coefficients["horizons"]["30"]["weights"]
assert abs(weights["unrest_10d_25km"] - prior["unrest_10d_25km"]) < 1e-12
assert weights["unrest_200d_25km"] == 0
"""


def test_a_family_of_evidence_in_four_files(django_db_setup, django_db_blocker, tmp_path):
    outsider = Outsider(tmp_path)
    outsider.change(
        "threats/risk/evidence.py",
        '    Family("warnings"),\n',
        '    Family("warnings"),\n'
        '    Family("unrest", is_learnt=False, prior=PriorWeight("organised", 0.25, until=45)),\n',
    )
    outsider.change(
        "threats/scoring/families.py",
        "            Alert: Q(imminence=Imminence.IMMINENT),\n        },\n    ),\n",
        "            Alert: Q(imminence=Imminence.IMMINENT),\n"
        "        },\n    ),\n"
        '    FamilyRows("unrest", ngettext_lazy("%(n)s protest", "%(n)s protests", "number"),\n'
        '               {Incident: Q(kind="unrest")}),\n',
    )
    french = ("%(n)s manifestation", "%(n)s manifestations")
    outsider.translate("fr", {("%(n)s protest", "%(n)s protests"): french})
    assert len(outsider.touched) <= 4, outsider.touched
    with database_copy(django_db_blocker, "family") as database:
        said = outsider.run(RUN, database)
    assert "3 protests within 25 km in the last 30 days" in said
    assert "3 manifestations" in said
    assert "was trained on other families of evidence" in said

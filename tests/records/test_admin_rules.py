import pytest
from django.urls import reverse

from missions.models import User
from tests.factories import MissionFactory
from threats.models import ThreatRules

pytestmark = pytest.mark.django_db


def test_rules_changed_in_the_administration_change_the_mission_for_its_followers(client):
    mission, other = MissionFactory(), MissionFactory()
    rules = ThreatRules.objects.create(mission=mission)
    client.force_login(User.objects.create_superuser("root", password="x"))
    before = mission.modified_at
    address = reverse("admin:threats_threatrules_change", args=[rules.pk])
    form = {
        "mission": other.pk, "risk_cut_points": client.get(address).context["adminform"]
        .form["risk_cut_points"].value(), "travel_speed": 30, "reach_hours": 4,
    }  # fmt: skip
    assert client.post(address, form).status_code == 302
    mission.refresh_from_db()
    assert ThreatRules.objects.get().mission == mission
    assert ThreatRules.objects.get().travel_speed == 30
    assert mission.modified_at > before

"""What the model saw stands beside what the mission itself documented."""

import datetime

import pytest

from missions.choices import Role
from missions.models import Mission
from threats.models import Incident

pytestmark = pytest.mark.django_db
PAGE = "risk/quality/"


def test_the_attacks_the_model_saw_are_counted_from_the_record(member, signed_in):
    mission = Mission.objects.get(code="MINUSCA")
    seen = sum(
        incident.against_civilians is True
        and incident.place_precision != "country"
        and datetime.date(2018, 1, 1) <= incident.start_date <= datetime.date(2018, 3, 31)
        for incident in Incident.objects.filter(mission=mission)
    )
    reader = signed_in(member(Role.ANALYST, where=mission))
    text = " ".join(reader.get(f"/MINUSCA/{PAGE}").content.decode().split())
    assert f"documented 891 incidents; the model saw {seen} attacks on civilians." in text
    assert 0 < seen < 100


def test_nothing_is_compared_where_no_count_is_known(mission, member, signed_in):
    page = signed_in(member(Role.ANALYST)).get(f"/{mission.code}/{PAGE}")
    assert page.context["documented"] is None
    assert "891" not in page.content.decode()

"""No form writes an unclassified record because nobody chose a default."""

import pytest

from missions.choices import Role
from tests.factories import ComponentFactory

FORMS = (
    ("strategies/write/", 1), ("activities/plan/", 1), ("meetings/call/", 1),
    ("briefs/prepare/", 2), ("alerts/report/", ""), ("threats/report/", ""),
    ("incidents/report/", ""), ("communities/add/", None), ("actors/add/", None),
    ("presence/add/", None),
)  # fmt: skip


@pytest.mark.parametrize(("path", "level"), FORMS)
def test_a_form_offers_what_is_usual_or_asks(mission, member, signed_in, path, level):
    ComponentFactory(mission=mission)
    page = signed_in(member(Role.ADMIN, clearance=2)).get(f"/{mission.code}/{path}")
    assert page.status_code == 200
    field = page.context["form"]["classification"]
    assert field.value() == level
    if level in ("", None):  # as its kind usually is, or nothing before one is chosen
        assert field.field.choices[0][0] == ""


def test_who_is_cleared_for_less_is_offered_no_more(mission, member, signed_in):
    ComponentFactory(mission=mission)
    page = signed_in(member(Role.PLANNER, clearance=0)).get(f"/{mission.code}/activities/plan/")
    assert page.context["form"]["classification"].value() == 0


def test_a_form_that_asks_takes_no_silence(mission, member, signed_in):
    client = signed_in(member(Role.ANALYST, clearance=2))
    page = client.post(
        f"/{mission.code}/communities/add/",
        {
            "name": "Ippy", "kind": "town", "access": "open", "latitude": 6, "longitude": 21,
            "classification": "",
        },
    )  # fmt: skip
    assert page.status_code == 422
    assert "who may read it is for you to say" in page.content.decode()

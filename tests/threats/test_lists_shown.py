"""What lists and forms show: labels that fit the reader, groups, and only what says something."""

import re

from missions.choices import Role
from strategies.choices import ActivityStatus
from tests.factories import ActivityFactory, ArmedActorFactory
from threats.choices import ActorReview
from threats.filters import IncidentFilterSet
from threats.rules.kinds import GROUPS


def test_a_description_of_the_api_leaves_the_labels_of_pages_alone(demo, member, signed_in):
    assert IncidentFilterSet.base_filters["place_precision"].field  # as the description asks it
    client = signed_in(member(where=demo))
    for language, label in (("en", "Precision of the place"), ("fr", "Précision du lieu")):
        page = client.get("/MINUSCA/incidents/", headers={"accept-language": language})
        assert f"<span>{label}</span>" in page.content.decode()


def test_the_menu_of_kinds_is_grouped(demo, member, signed_in):
    page = signed_in(member(where=demo)).get("/MINUSCA/incidents/?kind=killing").content.decode()
    menu = re.search(r'<select name="kind".*?</select>', page, re.DOTALL)
    assert menu is not None
    assert re.findall(r'<optgroup label="([^"]*)"', menu.group()) == [str(g) for g, _k in GROUPS]
    assert '<option value="killing" selected>' in menu.group()
    assert menu.group().index('<option value=""') < menu.group().index("<optgroup")


def test_each_cell_of_a_list_carries_its_heading_for_narrow_screens(demo, member, signed_in):
    page = signed_in(member(where=demo)).get("/MINUSCA/communities/").content.decode()
    assert page.count('<td data-label="Field office"') == 50


def test_only_names_under_review_are_said_to_be(mission, member, signed_in):
    ArmedActorFactory(mission=mission, name="Alpha")
    ArmedActorFactory(mission=mission, name="Beta", kind="unknown", review=ActorReview.LISTED)
    client = signed_in(member(Role.ANALYST))
    for address in (f"/{mission.code}/actors/", f"/{mission.code}/actors/?format=csv"):
        text = client.get(address).getvalue().decode()
        assert "Not under review" not in text
        assert str(ActorReview.LISTED.label).replace("'", "&#x27;") in text or (
            str(ActorReview.LISTED.label) in text
        )


def test_the_outcome_of_an_activity_is_marked_as_asked_once_it_has_ended(
    mission, member, signed_in
):
    activity = ActivityFactory(mission=mission, status=ActivityStatus.PLANNED)
    client = signed_in(member(Role.PLANNER))
    page = client.get(f"/{mission.code}/activities/{activity.pk}/edit/").content.decode()
    blocks = re.findall(
        r'<div\s+class="([^"]*)"\s*>\s*<div\s+class="field[^>]*>(.*?)</div>', page, re.DOTALL
    )
    finished = [body for classes, body in blocks if "finished" in classes.split()]
    assert len(finished) == 1
    assert 'name="outcome"' in finished[0]

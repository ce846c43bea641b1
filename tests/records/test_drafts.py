"""What a form tells the browser of its level: of what is secret no draft is kept."""

import pytest
from django.urls import reverse

from missions.choices import Role
from tests.factories import ThreatFactory


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("page", ["threat-edit", "threat-assess"])
def test_a_form_says_how_secret_what_it_is_about_is(page, level, mission, member, signed_in):
    threat = ThreatFactory(mission=mission, classification=level)
    answer = signed_in(member(Role.ANALYST)).get(reverse(page, args=[mission.code, threat.pk]))
    assert f'data-level="{level}"' in answer.content.decode()


def test_of_a_record_under_need_to_know_no_draft_is_kept_whatever_its_level(
    mission, member, signed_in
):
    threat = ThreatFactory(mission=mission, compartments=["crsv"])
    client = signed_in(member(Role.ANALYST, compartments=["crsv"]))
    answer = client.get(reverse("threat-edit", args=[mission.code, threat.pk]))
    assert 'data-level="3"' in answer.content.decode()

"""What belongs to a record is written by who may write that: for its field office, and unasked by
nobody else."""

import pytest

from missions.choices import Role
from missions.models import Membership
from tests.factories import (
    AdminAreaFactory,
    FieldOfficeFactory,
    IncidentFactory,
    IncidentSourceFactory,
    ThreatFactory,
)
from threats.models import Assessment, IncidentSource

SOURCE = {"kind": "media", "reliability": "A", "credibility": 1}
JUDGED = {"likelihood": 3, "impact": 3, "rationale": "Seen on the road."}


@pytest.fixture
def analyst(mission, member):
    user = member(Role.ANALYST, 2)
    Membership.objects.get(member=user).field_offices.add(FieldOfficeFactory(mission=mission))
    return user


def test_assessments_and_sources_keep_to_the_field_offices(mission, analyst, api):
    office = FieldOfficeFactory(mission=mission)
    area = AdminAreaFactory(mission=mission, field_office=office)
    threat = ThreatFactory(mission=mission, admin_area=area)
    incident = IncidentFactory(mission=mission, field_office=office)
    sent = {
        "assessments": JUDGED | {"threat": threat.pk},
        "incident-sources": SOURCE | {"incident": incident.pk},
    }
    for limited in (True, False):
        if not limited:
            Membership.objects.get(member=analyst).field_offices.add(office)
            del analyst._grants
        for resource, body in sent.items():
            status = api(analyst).post(f"/api/v1/{resource}/", body).status_code
            assert status == (403 if limited else 201), resource
    assert Assessment.objects.filter(threat=threat).count() == 1


def test_nobody_but_an_analyst_grades_another_s_report(mission, member, api):
    reporter = member(Role.REPORTER, 2)
    own = IncidentFactory(mission=mission, created_by=reporter)
    other = IncidentFactory(mission=mission, created_by=member(Role.REPORTER, 2))
    for user, incident, status in (
        (reporter, own, 201),
        (reporter, other, 403),
        (member(Role.ANALYST, 2), other, 201),
    ):
        body = SOURCE | {"incident": incident.pk}
        assert api(user).post("/api/v1/incident-sources/", body).status_code == status
    assert IncidentSource.objects.filter(incident=other).count() == 1


def test_what_belongs_to_another_office_s_record_is_neither_changed_nor_withdrawn(
    mission, analyst, api
):
    office = FieldOfficeFactory(mission=mission)
    incident = IncidentFactory(mission=mission, field_office=office)
    source = IncidentSourceFactory(incident=incident)
    address = f"/api/v1/incident-sources/{source.pk}/"
    for limited in (True, False):
        if not limited:
            Membership.objects.get(member=analyst).field_offices.add(office)
            del analyst._grants
        client = api(analyst)
        changed = client.patch(address, {"reliability": "B"}).status_code
        withdrawn = client.delete(f"{address}?reason=Twice").status_code
        assert (changed, withdrawn) == ((403, 403) if limited else (200, 204))
    source.refresh_from_db()
    assert (source.reliability, source.withdrawn_reason) == ("B", "Twice")

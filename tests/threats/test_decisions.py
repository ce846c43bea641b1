"""What the evidence suggests of a threat, and what people decide of it: both are kept."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from missions.choices import Role
from tests.factories import (
    TODAY,
    AdminAreaFactory,
    AlertFactory,
    ArmedActorFactory,
    IncidentActorFactory,
    IncidentFactory,
    MissionFactory,
    ThreatFactory,
)
from threats.choices import Phase, ThreatStatus
from threats.scoring.signs import Reassurance, Sign
from threats.scoring.suggestions import suggest, suggestions_for
from threats.services.threats import decide_on_suggestion, edit_threat, set_status

DAY = datetime.timedelta(days=1)
CUTS = (0.02, 0.05, 0.15, 0.40)


def ago(*ages):
    return [TODAY - age * DAY for age in ages]


@pytest.mark.parametrize(
    ("harm", "other", "alerts", "status", "phase", "suggested"),
    [
        ([30], [], 0, "active", Phase.RESPONSE, ""),
        ([31], [], 0, "active", Phase.PREEMPTION, ""),  # likelihood 4
        ([60], [], 0, "active", Phase.CONSOLIDATION, ""),
        ([60], [30], 0, "active", Phase.PREEMPTION, ""),
        ([60], [], 1, "active", Phase.PREEMPTION, ""),
        ([180], [], 0, "active", Phase.CONSOLIDATION, ""),
        ([181], [], 0, "active", Phase.PREVENTION, "closed"),
        ([], [], 0, "active", Phase.PREVENTION, "closed"),
        ([], [], 1, "active", Phase.PREEMPTION, ""),
        ([], [181], 0, "active", Phase.PREVENTION, "closed"),
        ([], [180], 0, "active", Phase.PREVENTION, ""),
        ([5], [], 0, "closed", Phase.RESPONSE, "active"),
        ([60], [], 0, "closed", Phase.CONSOLIDATION, ""),
        ([5], [], 0, "proposed", Phase.RESPONSE, ""),
    ],
)
def test_rules_of_the_suggestion(harm, other, alerts, status, phase, suggested):
    found = suggest(
        ago(*harm), ago(*other), TODAY, CUTS, imminent_alerts=alerts, status=status,
        reassured=Reassurance((Sign(TODAY - DAY, "a visit"),)),
    )  # fmt: skip
    assert (found.phase, found.status) == (phase, suggested)
    counted = found.reasons[0]
    assert counted.startswith(str(len(harm)) if harm else "No incident")


@pytest.fixture
def threat(mission):
    area, actor = AdminAreaFactory(mission=mission), ArmedActorFactory(mission=mission)
    threat = ThreatFactory(mission=mission, admin_area=area, phase=Phase.PREVENTION)
    threat.perpetrators.add(actor)
    incident = IncidentFactory(mission=mission, admin_area=area, classification=1)
    IncidentActorFactory(incident=incident, actor=actor)
    return threat


def test_it_counts_what_the_reader_may_see(mission, threat, member):
    elsewhere = IncidentFactory(mission=mission, admin_area=AdminAreaFactory(mission=mission))
    IncidentActorFactory(incident=elsewhere, actor=threat.perpetrators.get())
    AlertFactory(mission=mission, imminence="imminent", classification=2).threats.add(threat)
    AlertFactory(mission=mission, imminence="days").threats.add(threat)
    found = {
        level: suggestions_for(mission, member(clearance=level), [threat])[threat.pk]
        for level in (0, 1, 2)
    }
    assert [found[level].figures["incidents"] for level in (0, 1, 2)] == [0, 1, 1]
    assert [found[level].phase for level in (0, 1)] == [Phase.PREVENTION, Phase.RESPONSE]
    assert [len(found[level].reasons) for level in (0, 1, 2)] == [3, 2, 3]


def test_queries_do_not_grow_with_the_threats(mission, threat, member, django_assert_num_queries):
    user = member()
    threats = [threat, ThreatFactory(mission=mission)]
    suggestions_for(mission, user, threats)  # reads the grants
    with django_assert_num_queries(9):
        suggestions_for(mission, user, threats)
    threats.append(ThreatFactory(mission=mission))
    with django_assert_num_queries(9):
        suggestions_for(mission, user, threats)


def test_followed_or_not_both_are_kept(mission, threat, member):
    analyst = member(Role.ANALYST)
    with pytest.raises(ValidationError, match="not followed"):
        decide_on_suggestion(user=analyst, threat=threat, follow=False, phase="response")
    kept = decide_on_suggestion(
        user=analyst, threat=threat, follow=False, phase="response", reason="An isolated act."
    )
    assert kept.phase == Phase.PREVENTION
    moved = decide_on_suggestion(
        user=analyst, threat=threat, follow=True, phase="response", status="closed"
    )
    assert (moved.phase, moved.status, moved.phase_since) == ("response", "closed", TODAY)
    rows = [
        (row.phase, row.suggested_phase, row.followed, row.reason, row.decided_by)
        for row in threat.decisions.all()
    ]
    assert rows == [
        ("prevention", "response", False, "An isolated act.", analyst),
        ("response", "response", True, "", analyst),
    ]
    with pytest.raises(ValidationError, match="cannot become"):
        decide_on_suggestion(user=analyst, threat=moved, follow=True, status="proposed")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REPORTER, Role.PLANNER])
def test_only_analysts_decide(threat, member, role, signed_in):
    with pytest.raises(PermissionDenied):
        decide_on_suggestion(user=member(role), threat=threat, follow=True, phase="response")
    answer = signed_in(member(role)).post(
        f"{threat.get_absolute_url()}decide/", {"suggestion": "follow", "seen": "response "}
    )
    assert answer.status_code == 403
    threat.refresh_from_db()
    assert threat.phase == Phase.PREVENTION


def test_every_change_of_phase_and_status_is_kept(threat, member):
    analyst = member(Role.ANALYST)
    edit_threat(threat, user=analyst, phase="response", phase_reason="Two attacks.")
    edit_threat(threat, user=analyst, title="Another name")
    set_status(user=analyst, threat=threat, status=ThreatStatus.CLOSED)
    rows = [(row.status, row.phase, row.reason, row.day) for row in threat.decisions.all()]
    assert rows == [
        ("active", "response", "Two attacks.", TODAY), ("closed", "response", "", TODAY),
    ]  # fmt: skip


def test_the_page_offers_it_and_takes_the_decision(mission, threat, member, signed_in):
    client, url = signed_in(member(Role.ANALYST)), threat.get_absolute_url()
    page = client.get(url).content.decode()
    assert "What the evidence suggests" in page
    assert "1 incident against civilians in twelve months, the latest 3 days ago." in page
    stale = client.post(
        f"{url}decide/", {"suggestion": "follow", "seen": "preemption "}, follow=True
    ).content.decode()
    assert "The evidence changed meanwhile" in stale
    silent = client.post(
        f"{url}decide/", {"suggestion": "keep", "seen": "response "}, follow=True
    ).content.decode()
    assert "Say why the suggestion is not followed." in silent
    done = client.post(
        f"{url}decide/",
        {"suggestion": "keep", "seen": "response ", "reason": "A quarrel in a family."},
        follow=True,
    ).content.decode()
    assert "A quarrel in a family." in done
    assert "A quarrel" not in signed_in(member(clearance=0)).get(url).content.decode()
    client.post(f"{url}decide/", {"suggestion": "follow", "seen": "response "})
    threat.refresh_from_db()
    assert threat.phase == Phase.RESPONSE
    low = signed_in(member(clearance=0)).get(url).content.decode()
    assert "1 incident against civilians in twelve months" not in low


def test_the_api_tells_the_decisions(threat, member, api):
    analyst = member(Role.ANALYST)
    decide_on_suggestion(
        user=analyst, threat=threat, follow=False, phase="response", reason="An isolated act."
    )
    (row,) = api(member()).get(f"/api/v1/threats/{threat.pk}/").json()["decisions"]
    assert (row["phase"], row["suggested_phase"]) == ("prevention", "response")
    assert row["reason"] == "An isolated act."
    (row,) = api(member(clearance=0)).get(f"/api/v1/threats/{threat.pk}/").json()["decisions"]
    assert (row["phase"], row["suggested_phase"], row["reason"]) == ("prevention", "", "")
    assert (
        api(member(where=MissionFactory())).get(f"/api/v1/threats/{threat.pk}/").status_code == 404
    )

"""Who may do what, as it was settled; a change here is a change of what people are allowed."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from lxml import html

from exchange.notifications.services import on_duty
from missions.access import Grant, Reader, can, may_create, only_visible
from missions.choices import Role
from missions.models import Membership, Mission, User
from missions.models.base import MissionOwned
from missions.roles import Capability, matrix, roles_with
from records.context_processors import current_mission
from records.organisation.api import MembershipViewSet
from strategies.services.strategies import may_approve, may_endorse
from tests.factories import (
    AlertFactory,
    AssessmentFactory,
    MembershipFactory,
    MissionFactory,
    StrategyFactory,
    ThreatFactory,
)
from threats.alerts.choices import AlertStage
from threats.models import Threat
from threats.services.alerts import may_take
from threats.services.threats import endorse_assessment, set_status

NOBODY: set[Role] = set()
ADMINISTRATION = {Role.ADMIN}
ADVICE = {Role.ADVISER, Role.ADMIN}
PLANNING = {Role.PLANNER, Role.ADVISER, Role.ADMIN, Role.HEAD_OF_OFFICE}
ANALYSIS = {Role.ANALYST, Role.ADVISER, Role.ADMIN}
DESK = PLANNING | ANALYSIS
REPORTING = ANALYSIS | {Role.REPORTER, Role.HEAD_OF_OFFICE}
WRITING = DESK | {Role.REPORTER}
MISSION = {Role.HEAD_OF_MISSION}

# For each kind of record: who makes one, who changes any, and who only changes their own.
RECORDS = {
    "missions.fieldoffice": (ADMINISTRATION, ADMINISTRATION, NOBODY),
    "missions.adminarea": (ADMINISTRATION, ADMINISTRATION, NOBODY),
    "missions.component": (ADMINISTRATION, ADMINISTRATION, NOBODY),
    "missions.membership": (ADMINISTRATION, ADMINISTRATION, NOBODY),
    "exchange.intake": (WRITING, ANALYSIS, WRITING - ANALYSIS),
    "threats.armedactor": (REPORTING, ANALYSIS, NOBODY),
    "threats.actoridentifier": (ANALYSIS, ANALYSIS, NOBODY),
    "threats.community": (ANALYSIS, ANALYSIS, NOBODY),
    "threats.incident": (REPORTING, ANALYSIS, REPORTING - ANALYSIS),
    "threats.incidentsource": (REPORTING, ANALYSIS, NOBODY),
    "threats.threat": (REPORTING, ANALYSIS, REPORTING - ANALYSIS),
    "threats.alert": (WRITING | MISSION, DESK, {Role.REPORTER, Role.HEAD_OF_MISSION}),
    "threats.alertstep": (ADMINISTRATION, ADMINISTRATION, NOBODY),
    "threats.assessment": (ANALYSIS, NOBODY, NOBODY),
    "threats.threatdecision": (ADMINISTRATION, ADMINISTRATION, NOBODY),
    "threats.informant": (ADMINISTRATION, ADMINISTRATION, NOBODY),
    "threats.post": (PLANNING, PLANNING, NOBODY),
    "strategies.strategy": (PLANNING, PLANNING, NOBODY),
    "strategies.objective": (PLANNING, PLANNING, NOBODY),
    "strategies.indicator": (PLANNING, PLANNING, NOBODY),
    "strategies.measurement": (DESK, PLANNING, NOBODY),
    "strategies.activity": (PLANNING, PLANNING, NOBODY),
    "strategies.brief": (ADVICE, ADVICE, NOBODY),
    "strategies.meeting": (PLANNING, PLANNING, NOBODY),
    "strategies.decision": (PLANNING, PLANNING, NOBODY),
}


@pytest.mark.parametrize("label", RECORDS)
def test_who_makes_and_who_changes_a_kind_of_record(mission, member, label):
    model, user = apps.get_model(label), User(pk=7)
    changes = {role: model.write_condition(Grant(mission.pk, role, 2, None), user) for role in Role}
    assert (
        {role for role in Role if may_create(member(role), model, mission)},
        {role for role, condition in changes.items() if condition == Q()},
        {role for role, condition in changes.items() if condition == Q(created_by=user.pk)},
    ) == RECORDS[label]


def test_every_kind_of_record_is_settled():
    owned = {
        model._meta.label_lower for model in apps.get_models() if issubclass(model, MissionOwned)
    }
    assert owned == set(RECORDS)


def allowed(act: Callable, *args, **kwargs) -> bool:
    try:
        act(*args, **kwargs)
    except PermissionDenied:
        return False
    return True


def on_page(name: str) -> Callable:
    def shown(user: User, mission: Mission) -> bool:
        request = SimpleNamespace(user=user, mission=mission)
        return bool(current_mission(request)[name])

    return shown


def takes(step: AlertStage, own: bool = False) -> Callable:
    def may(user: User, mission: Mission) -> bool:
        return may_take(user, AlertFactory(mission=mission, created_by=user if own else None), step)

    return may


def opens(page: str) -> Callable:
    def may(user: User, mission: Mission) -> bool:
        from django.test import Client

        client = Client()
        client.force_login(user)
        return client.get(reverse(page, args=[mission.code])).status_code == 200

    return may


def has(capability: Capability) -> Callable:
    return lambda user, mission: can(user, mission, capability)


ACTS: dict[str, tuple[Callable[[User, Mission], bool], set[Role]]] = {
    "set the mission's rules": (has(Capability.SET_RULES), ADVICE),
    "set up pulls": (has(Capability.SCHEDULE_PULLS), ANALYSIS),
    "bring a sheet": (opens("intake-add"), WRITING),
    "endorse a strategy": (
        lambda user, mission: may_endorse(user, StrategyFactory(mission=mission)),
        ADVICE,
    ),
    "approve a strategy": (
        lambda user, mission: may_approve(user, StrategyFactory(mission=mission)),
        MISSION,
    ),
    "endorse an assessment": (
        lambda user, mission: allowed(
            endorse_assessment,
            user=user,
            assessment=AssessmentFactory(threat=ThreatFactory(mission=mission)),
        ),
        ADVICE,
    ),
    "close a threat": (
        lambda user, mission: allowed(
            set_status,
            user=user,
            threat=ThreatFactory(mission=mission, status="active", created_by=user),
            status="closed",
        ),
        ANALYSIS,
    ),
    "verify an alert": (takes(AlertStage.VERIFIED), DESK),
    "decide on an alert": (takes(AlertStage.DECIDED), PLANNING | MISSION),
    "report back": (takes(AlertStage.REPORTED_BACK), DESK),
    "report back on one's own": (takes(AlertStage.REPORTED_BACK, own=True), WRITING | MISSION),
    "be told of alerts": (
        lambda user, mission: on_duty(AlertFactory(mission=mission)).filter(member=user).exists(),
        DESK,
    ),
    "change the mission": (
        lambda user, mission: mission in Mission.objects.editable_by(user),
        ADMINISTRATION,
    ),
    "see others' memberships": (
        lambda user, mission: (
            MembershipFactory(mission=mission) in Membership.objects.visible_to(user)
        ),
        ADMINISTRATION,
    ),
    "follow others' memberships": (
        lambda user, mission: (
            mission.pk in MembershipViewSet(request=SimpleNamespace(user=user)).cleared()
        ),
        ADMINISTRATION,
    ),
    "be offered to file an alert": (on_page("may_alert"), WRITING | MISSION),
    "be offered to report": (on_page("may_report"), REPORTING),
    "be offered to analyse": (on_page("may_analyse"), ANALYSIS),
    "be offered to plan": (on_page("may_plan"), PLANNING),
    "be offered to endorse": (on_page("may_endorse"), ADVICE),
}


MATRIX = {
    "alert": WRITING | MISSION,
    "bring_in": WRITING,
    "report": REPORTING,
    "analyse": ANALYSIS,
    "assess": ANALYSIS,
    "keep_mappings": ANALYSIS,
    "schedule_pulls": ANALYSIS,
    "work_on_alerts": DESK,
    "measure": DESK,
    "decide": PLANNING | MISSION,
    "plan": PLANNING,
    "endorse": ADVICE,
    "approve": MISSION,
    "declassify": ADVICE,
    "read_as": ADVICE | MISSION | {Role.HEAD_OF_OFFICE},
    "issue": ADVICE,
    "set_rules": ADVICE,
    "administer": ADMINISTRATION,
}


@pytest.mark.parametrize("capability", Capability)
def test_the_table_is_as_settled_and_holds_in_one_s_own_mission_alone(member, mission, capability):
    people = {role: member(role) for role in Role}
    may = {role for role in Role if can(people[role], mission, capability)}
    assert may == MATRIX[capability] == roles_with(capability)
    assert not any(can(user, MissionFactory(), capability) for user in people.values())


def test_a_reader_reads_as_cleared_and_may_do_nothing(mission):
    low, high = (ThreatFactory(mission=mission, classification=level) for level in (0, 2))
    reader = Reader.cleared(mission, 1)
    assert list(Threat.objects.visible_to(reader)) == [low]
    assert only_visible(reader, [low, high]) == [low]
    assert not any(can(reader, mission, capability) for capability in Capability)
    assert not Threat.objects.editable_by(reader).exists()


def as_markdown() -> str:
    head = ["may", *(str(role.label) for role in Role)]
    rows = [head, ["---", *[":-:"] * len(Role)]]
    for capability, held in matrix():
        rows.append([str(capability.label), *("✓" if has else " " for has in held)])
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines[1] = lines[1].replace(" ", "")
    return "\n".join(lines)


@pytest.mark.parametrize("page", ["README.md", "docs/roles.md"])
def test_what_is_written_of_roles_is_the_table(page):
    assert as_markdown() in (settings.BASE_DIR / page).read_text()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_of_roles_shows_the_table(client, db, language):
    page = html.fromstring(
        client.get(reverse("roles"), headers={"accept-language": language}).content
    )
    rows = page.xpath("//table//tr")
    with translation.override(language):
        assert [cell.text_content() for cell in rows[0]][1:] == [role.label for role in Role]
        assert [row[0].text_content() for row in rows[1:]] == [it.label for it in Capability]
    shown = [[cell.text_content() != "–" for cell in row[1:]] for row in rows[1:]]
    assert shown == [held for _capability, held in matrix()]


def test_the_page_of_roles_is_found_where_roles_are_given(client, member, mission):
    assert reverse("roles") in client.get(reverse("about")).content.decode()
    client.force_login(member(Role.ADMIN))
    assert reverse("roles") in client.get(reverse("members", args=[mission.code])).content.decode()

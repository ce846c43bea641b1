"""Which role may do what in its mission: the only place that says so.

Reading is no matter of the role: clearance decides it (see ``missions.access``, which also says
who has a capability where). What a role may change is narrowed further to the field offices or
the component of a membership, where it names any.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from missions.choices import Role


class Capability(models.TextChoices):
    """Something a role may do; records name the one it takes to create or change them."""

    ALERT = "alert", _("File alerts, and change one's own")
    BRING_IN = "bring_in", _("Bring in sheets and forms, through mappings of one's own")
    REPORT = "report", _("Report incidents and threats, and change one's own")
    ANALYSE = "analyse", _("Change all reports, keep communities and actors, decide on threats")
    ASSESS = "assess", _("Assess threats")
    KEEP_MAPPINGS = "keep_mappings", _("Change everybody's mappings of sheets and forms")
    SCHEDULE_PULLS = "schedule_pulls", _("Set up scheduled pulls; is told when one fails")
    WORK_ON_ALERTS = "work_on_alerts", _("Work on all alerts; is told of them when on duty")
    MEASURE = "measure", _("Record measurements of indicators")
    DECIDE = "decide", _("Decide what is done about an alert")
    PLAN = "plan", _("Plan: strategies, activities, meetings, own presence")
    ENDORSE = "endorse", _("Endorse assessments and strategies")
    ISSUE = "issue", _("Prepare and issue briefs")
    SET_RULES = "set_rules", _("Set which phases call for what, and how fast help comes")
    ADMINISTER = "administer", _("Keep the mission, its components, offices, areas and members")


def _roles(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


_R = Role

TABLE: dict[Capability, frozenset[Role]] = {
    Capability.ALERT: _roles(_R.REPORTER, _R.ANALYST, _R.PLANNER, _R.ADVISER, _R.ADMIN),
    Capability.BRING_IN: _roles(_R.REPORTER, _R.ANALYST, _R.PLANNER, _R.ADVISER, _R.ADMIN),
    Capability.REPORT: _roles(_R.REPORTER, _R.ANALYST, _R.ADVISER, _R.ADMIN),
    Capability.ANALYSE: _roles(_R.ANALYST, _R.ADVISER, _R.ADMIN),
    Capability.ASSESS: _roles(_R.ANALYST, _R.ADVISER, _R.ADMIN),
    Capability.KEEP_MAPPINGS: _roles(_R.ANALYST, _R.ADVISER, _R.ADMIN),
    Capability.SCHEDULE_PULLS: _roles(_R.ANALYST, _R.ADVISER, _R.ADMIN),
    Capability.WORK_ON_ALERTS: _roles(_R.ANALYST, _R.PLANNER, _R.ADVISER, _R.ADMIN),
    Capability.MEASURE: _roles(_R.ANALYST, _R.PLANNER, _R.ADVISER, _R.ADMIN),
    Capability.DECIDE: _roles(_R.PLANNER, _R.ADVISER, _R.ADMIN),
    Capability.PLAN: _roles(_R.PLANNER, _R.ADVISER, _R.ADMIN),
    Capability.ENDORSE: _roles(_R.ADVISER, _R.ADMIN),
    Capability.ISSUE: _roles(_R.ADVISER, _R.ADMIN),
    Capability.SET_RULES: _roles(_R.ADVISER, _R.ADMIN),
    Capability.ADMINISTER: _roles(_R.ADMIN),
}


def roles_with(capability: Capability) -> frozenset[Role]:
    """The roles that have a capability, to select memberships by."""
    return TABLE[capability]


def matrix() -> list[tuple[Capability, list[bool]]]:
    """The table as it is shown: for each capability, whether each of ``Role``, in order, has it."""
    return [(capability, [role in TABLE[capability] for role in Role]) for capability in Capability]

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
    ENDORSE = "endorse", _("Endorse assessments and clear strategies")
    APPROVE = "approve", _("Approve strategies for the mission")
    DECLASSIFY = "declassify", _("Lower the classification of others' records, with a reason")
    READ_AS = "read_as", _("Look at pages as a reader of a lower clearance sees them")
    ISSUE = "issue", _("Prepare and issue briefs")
    SET_RULES = "set_rules", _("Set which phases call for what, and how fast help comes")
    ADMINISTER = "administer", _("Keep the mission, its components, offices, areas and members")


_R = Role
_ADVICE = frozenset({_R.ADVISER, _R.ADMIN})
_ANALYSIS = _ADVICE | {_R.ANALYST}
_PLANNING = _ADVICE | {_R.PLANNER, _R.HEAD_OF_OFFICE}
_DESK = _ANALYSIS | _PLANNING
_WRITING = _DESK | {_R.REPORTER}

TABLE: dict[Capability, frozenset[Role]] = {
    Capability.ALERT: _WRITING | {_R.HEAD_OF_MISSION},
    Capability.BRING_IN: _WRITING,
    Capability.REPORT: _ANALYSIS | {_R.REPORTER, _R.HEAD_OF_OFFICE},
    Capability.ANALYSE: _ANALYSIS,
    Capability.ASSESS: _ANALYSIS,
    Capability.KEEP_MAPPINGS: _ANALYSIS,
    Capability.SCHEDULE_PULLS: _ANALYSIS,
    Capability.WORK_ON_ALERTS: _DESK,
    Capability.MEASURE: _DESK,
    Capability.DECIDE: _PLANNING | {_R.HEAD_OF_MISSION},
    Capability.PLAN: _PLANNING,
    Capability.ENDORSE: _ADVICE,
    # An approval is the head of mission's own: no administrator gives it in their place.
    Capability.APPROVE: frozenset({_R.HEAD_OF_MISSION}),
    Capability.DECLASSIFY: _ADVICE,
    Capability.READ_AS: _ADVICE | {_R.HEAD_OF_OFFICE, _R.HEAD_OF_MISSION},
    Capability.ISSUE: _ADVICE,
    Capability.SET_RULES: _ADVICE,
    Capability.ADMINISTER: frozenset({_R.ADMIN}),
}


def roles_with(capability: Capability) -> frozenset[Role]:
    """The roles that have a capability, to select memberships by."""
    return TABLE[capability]


def matrix() -> list[tuple[Capability, list[bool]]]:
    """The table as it is shown: for each capability, whether each of ``Role``, in order, has it."""
    return [(capability, [role in TABLE[capability] for role in Role]) for capability in Capability]

"""Planning an activity: from a form, from the catalogue, from an alert."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import clearance_in, is_visible, only_visible, secrecy_of
from missions.need_to_know import in_order
from records.asked import no_such_records
from records.pages import (
    ActionPage,
    FormPage,
)
from records.services import usual_level
from records.titles import unless_typed
from strategies.choices import ActivityStatus, Tier
from strategies.forms.activities import ActivityForm
from strategies.models import Activity, CatalogueActivity, Decision
from strategies.models.titles import ACTIVITY_FORMS, response_title, typical_title
from strategies.reading.catalogue import to_begin_with
from strategies.services.activities import (
    USUAL_LENGTH,
    answer_alert,
    plan_activity,
    plan_from_catalogue,
    usual_lead,
)
from threats.choices import Phase
from threats.models import Alert, Community, Threat, ThreatRules

PRESENCE_FIRST = (Tier.TIER_2, Tier.TIER_1, Tier.TIER_3)
AT_PLACE = 5.0  # km: an alert this near a community is of it


class ActivityAdd(FormPage):
    """Plan an activity; from a cell of the matrix, tier, phase and threat are filled in."""

    form_class = ActivityForm
    model = Activity
    section = "activities"
    title = _("Plan an activity")
    submit = _("Plan it")
    saved = _("The activity is planned.")
    parameters = {
        "tier": Tier.values, "phase": Phase.values, "threat": None, "community": None,
        "alert": None, "decision": None, "typical": None,
    }  # fmt: skip

    def not_understood(self, context):
        given = self.request.GET
        asked = {
            "threat": self.visible_here(Threat.objects.all()),
            "community": self.visible_here(Community.objects.all()),
            "alert": self.visible_here(Alert.objects.all()),
            "decision": self.visible_here(Decision.objects.filter(done_on__isnull=True)),
        }
        entries = {"typical": CatalogueActivity.objects.visible_to(self.request.user)}
        return [
            *super().not_understood(context),
            *no_such_records(given, asked),
            *no_such_records(given, entries, by="code"),
        ]

    def get_initial(self):
        query = self.request.GET
        today = self.mission.today
        initial = super().get_initial() | {
            "status": ActivityStatus.PLANNED,
            "start": today,
            "due": today + datetime.timedelta(days=USUAL_LENGTH),
        }
        if query.get("tier") in {str(tier) for tier in Tier.values}:
            initial["tier"] = int(query["tier"])
        if query.get("phase") in Phase.values:
            initial["phase"] = query["phase"]
        if query.get("threat", "").isdigit():
            threat = self.visible_here(Threat.objects.all()).filter(pk=query["threat"]).first()
            if threat is not None:
                initial["threats"] = [threat]
                initial["communities"] = only_visible(self.request.user, threat.communities.all())
                initial |= self._secrecy(threat)
        initial |= self._for_place(initial)
        initial |= self._for_alert(query.get("alert", ""))
        typical = self._typical()
        if typical is not None:
            initial |= {"title": typical.title, "tier": typical.tier, "phase": typical.phase}
            lead = usual_lead(typical, self.request.user, self.mission)
            return initial | ({"lead_component": lead} if lead else {})
        decision = self._decision()
        if decision is not None:
            initial |= {
                "title": decision.text[:250], "lead_component": decision.owner,
                "due": max(decision.due, today), **self._secrecy(decision),
            }  # fmt: skip
            return initial
        if "lead_component" in initial:
            return initial
        grant_component = self.request.user.memberships.get(mission=self.mission).component
        return initial | ({"lead_component": grant_component} if grant_component else {})

    def _secrecy(self, *records: Any) -> dict[str, Any]:
        """The classification and compartments offered for what is planned about these records."""
        takes = [secrecy_of(record) for record in records]
        clearance = clearance_in(self.request.user, self.mission) or 0
        return {
            "classification": usual_level(clearance, *(level for level, _held in takes)),
            "compartments": in_order(code for _level, held in takes for code in held),
        }

    def _place(self) -> Community | None:
        """The community it is planned for, where the address names one."""
        key = self.request.GET.get("community", "")
        found = self.visible_here(Community.objects.all())
        return found.filter(pk=key).first() if key.isdigit() else None

    def _threats_at(self, community: Community) -> list[Threat]:
        """Its active threats, the gravest first."""
        user = self.request.user
        threats = self.visible_here(community.threats.active())
        return list(threats.with_current_assessment(user).gravest_first())

    def _for_place(self, initial: dict) -> dict:
        """For a community: it, its place, its active threats, the phase they are in, and what is
        typically done there first; where nothing is known of a threat, to be there before an attack.
        """
        community = self._place()
        if community is None:
            return {}
        threats = initial.get("threats") or self._threats_at(community)
        filled = {
            "communities": [community],
            "place_name": community.name,
            "latitude": community.latitude,
            "longitude": community.longitude,
            "tier": initial.get("tier", Tier.TIER_2),
            "phase": initial.get("phase", threats[0].phase if threats else Phase.PREEMPTION),
            "threats": threats,
            **self._secrecy(community, *threats),
        }
        entry = self._typical_at(community)
        if entry is None:
            return filled
        lead = usual_lead(entry, self.request.user, self.mission)
        return (
            filled
            | {"title": Activity(**typical_title(entry, community.name)).shown_title}
            | {"tier": entry.tier}
            | ({"lead_component": lead} if lead else {})
        )

    def _typical_at(self, community: Community) -> CatalogueActivity | None:
        """What the catalogue offers first at a place, in the cell asked for if one is."""
        query = self.request.GET
        threats = self._threats_at(community)
        if query.get("threat", "").isdigit():
            threats = list(self.visible_here(Threat.objects.all()).filter(pk=query["threat"]))
        phase = query.get("phase", "")
        if phase not in Phase.values:
            phase = threats[0].phase if threats else Phase.PREEMPTION
        tier = query.get("tier", "")
        tiers = [int(tier)] if tier in {str(one) for one in Tier.values} else PRESENCE_FIRST
        return to_begin_with(self.mission, self.request.user, threats, phase, tiers)

    def _alert(self, key: str) -> Alert | None:
        found = self.visible_here(Alert.objects.select_related("admin_area"))
        return found.filter(pk=key).first() if key.isdigit() else None

    def _for_alert(self, key: str) -> dict:
        """For an alert that is to be answered: its place, what it is about, and due in hours."""
        alert = self._alert(key)
        if alert is None:
            return {}
        user = self.request.user
        due = self.mission.now + datetime.timedelta(hours=ThreatRules.of(self.mission).reach_hours)
        happened = only_visible(user, alert.incidents.all())
        filled = {
            "title": Activity(**response_title(alert)).shown_title,
            "alerts": [alert],
            "tier": Tier.TIER_2,
            "phase": Phase.RESPONSE if happened else Phase.PREEMPTION,
            "threats": only_visible(user, alert.threats.all()),
            "communities": self._endangered(alert),
            "due": due.date(),
            "due_time": due.time(),
            "place_name": alert.place_name,
            "latitude": alert.latitude,
            "longitude": alert.longitude,
            **self._secrecy(alert),
        }
        lead = alert.responding_component
        return filled | ({"lead_component": lead} if lead and is_visible(user, lead) else {})

    def _endangered(self, alert: Alert) -> list[Community]:
        """The communities the alert names; where it names none, the one it is placed at."""
        named = list(only_visible(self.request.user, alert.communities.all()))
        if named or alert.longitude is None or alert.latitude is None:
            return named
        near = self.visible_here(Community.objects.all()).nearest(
            alert.longitude, alert.latitude, AT_PLACE
        )
        return [place for place, _away in near[:1]]

    def _decision(self) -> Decision | None:
        """The meeting's decision this is to carry out, where the address names one."""
        key = self.request.GET.get("decision", "")
        found = self.visible_here(Decision.objects.filter(done_on__isnull=True))
        return found.filter(pk=key).first() if key.isdigit() else None

    def _typical(self) -> CatalogueActivity | None:
        """The entry of the catalogue it is planned from, where the address names one."""
        return CatalogueActivity.objects.filter(code=self.request.GET.get("typical", "")).first()

    def save(self, form):
        values, alert = form.values(), self._alert(self.request.GET.get("alert", ""))
        if alert is not None and self._typical() is None:
            values |= unless_typed(ACTIVITY_FORMS, values["title"], response_title(alert))
        place = self._place()
        if place is not None and alert is None and self._typical() is None:
            entry = self._typical_at(place)
            if entry is not None:
                made = typical_title(entry, place.name)
                values |= unless_typed(ACTIVITY_FORMS, values["title"], made)
        return plan_activity(
            user=self.request.user,
            mission=self.mission,
            submission=form.cleaned_data.get("submission"),
            decision=self._decision(),
            typical=self._typical(),
            **values,
        )


class PlanTypical(ActionPage):
    """One click from a suggestion in the matrix to a planned activity."""

    queryset = Threat.objects.all()

    def act(self) -> str:
        entry = get_object_or_404(CatalogueActivity, code=self.kwargs["entry"])
        self.record = plan_from_catalogue(user=self.request.user, threat=self.record, entry=entry)
        return gettext("The activity is planned. Change what differs here.")


class AnswerAlert(ActionPage):
    """Let an activity that is planned already respond to an alert."""

    queryset = Alert.objects.all()

    def act(self) -> str:
        key = self.request.POST.get("activity", "")
        found = self.visible_here(Activity.objects.all()).filter(pk=key if key.isdecimal() else 0)
        activity = found.first()
        if activity is None:
            raise ValidationError(gettext("Choose the activity that responds."))
        answer_alert(activity, user=self.request.user, alert=self.record)
        return gettext("The activity responds to this alert.")

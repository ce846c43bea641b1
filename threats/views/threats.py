from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import is_visible, may_create, may_edit, only_visible
from records.asked import no_such_records
from records.pages import ActionPage, FormPage, ListPage, RecordPage
from records.services import create_record
from records.titles import as_read, made_title, unless_typed
from records.versions import version_of
from threats.choices import ActorPart, Phase, StandardOfProof, ThreatStatus
from threats.filters import ThreatFilterSet
from threats.forms.threats import AssessmentForm, ThreatForm
from threats.models import ArmedActor, Assessment, Community, IncidentActor, RiskScore, Threat
from threats.models.days import newest_first
from threats.scoring.comparison import with_evidence
from threats.scoring.explanations import explain
from threats.scoring.linked import supporting
from threats.scoring.suggestions import suggest_impact, suggestions_for
from threats.services.attribution import with_settings
from threats.services.proposals import why_none
from threats.services.threats import (
    accept_threat,
    assess_threat,
    decide_on_suggestion,
    edit_threat,
    endorse_assessment,
    report_threat,
    set_status,
)
from threats.tables import ThreatTable

EVIDENCE_LISTED = 25


class ThreatList(ListPage):
    queryset = Threat.objects.select_related("admin_area", "mission").prefetch_related(
        "perpetrators"
    )
    filterset_class = ThreatFilterSet
    table_class = ThreatTable
    template_name = "threats/scored_list.html"
    section = "threats"
    title = _("Threat register")
    lead = _("Proposed from the evidence, accepted and assessed by analysts.")
    empty = _("No threat fits. Clear the filters, or report one.")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        if not context["total"] and not self.visible_here(Threat.objects.all()).exists():
            context["nothing"] = why_none(self.mission, self.request.user)
        return context

    def annotate(self, queryset):
        assessed = queryset.with_current_assessment(self.request.user)
        return with_evidence(assessed, self.request.user).register_order()


class ThreatPage(RecordPage):
    queryset = Threat.objects.select_related("mission", "admin_area", "created_by")
    template_name = "threats/threat.html"
    section = "threats"

    def get_queryset(self):
        queryset = super().get_queryset().with_current_assessment(self.request.user)
        return with_evidence(queryset, self.request.user)

    def get_context_data(self, **kwargs):
        threat, user = self.object, self.request.user
        suggestion = suggestions_for(self.mission, user, [threat])[threat.pk]
        decisions = [row.as_read_by(user) for row in threat.decisions.select_related("decided_by")]
        evidence = (
            supporting(threat, user)
            .select_related("mission", "admin_area")
            .order_by(*newest_first(self.mission.today))
        )
        communities = (
            threat.communities.visible_to(user)
            .select_related("mission")
            .with_risk(user)
            .order_by(F("probability").desc(nulls_last=True), "pk")
        )
        return super().get_context_data(
            accused=self._seen(threat.accused),
            sides=self._seen(threat.sides),
            recorded=self._recorded(threat, user),
            standards=StandardOfProof.choices,
            communities=communities,
            explained=self._explained(communities.first()),
            evidence=evidence[:EVIDENCE_LISTED],
            evidence_total=evidence.count(),
            evidence_refuted=threat.incidents.visible_to(user).exclude(pk__in=evidence).count(),
            assessments=Assessment.objects.visible_to(user)
            .filter(threat=threat)
            .select_related("created_by", "endorsed_by"),
            may_edit=may_edit(user, threat),
            suggestion=suggestion,
            suggested_status=ThreatStatus(suggestion.status).label if suggestion.status else "",
            differs=threat.status in (ThreatStatus.ACTIVE, ThreatStatus.CLOSED)
            and bool(suggestion.status or suggestion.phase != threat.phase),
            declined=decisions[-1]
            if decisions and self._was_declined(decisions[-1], suggestion)
            else None,
            decisions=decisions,
            **kwargs,
        )

    def _seen(self, links) -> list:
        """Links to actors the reader may see, each with the standards it had."""
        found = links.select_related("actor", "standard_set_by")
        seen = [link for link in found if is_visible(self.request.user, link.actor)]
        return with_settings(self.object, seen)

    @staticmethod
    def _recorded(threat, user) -> set[int]:
        """Actors whom the incidents behind the threat record as perpetrator, as far as visible."""
        return set(
            IncidentActor.objects.filter(
                incident__in=threat.incidents.visible_to(user).order_by(),
                part=ActorPart.PERPETRATOR,
            )
            .exclude(standard=StandardOfProof.DISPROVED)
            .values_list("actor_id", flat=True)
        )

    @staticmethod
    def _was_declined(last, suggestion) -> bool:
        """Whether the last decision was not to follow just this suggestion."""
        suggested = (last.suggested_phase, last.suggested_status)
        return not last.followed and suggested == (suggestion.phase, suggestion.status)

    def _explained(self, community):
        """Why the community most at risk scores as it does; None where none is scored."""
        if community is None or community.probability is None:
            return None
        user = self.request.user
        score = (
            RiskScore.objects.visible_to(user)
            .select_related("model", "community")
            .get(community=community, horizon=30)
        )
        return explain(score, community, user)


def title_of_place(community) -> dict[str, Any]:
    return made_title(Threat.title_forms, "around", place=community.name)


def of_place(community) -> dict:
    """What a threat to a community is filled in with: the place, and no word of who is behind it.

    No figure either: the score is the reader's own, and what is filed others may read.
    """
    filled = {
        "title": Threat(**title_of_place(community)).shown_title,
        "admin_area": community.admin_area,
        "communities": [community],
        "phase": Phase.PREEMPTION,
    }
    if community.classification:
        filled["classification"] = community.classification
    return filled


def named_actors(page, form) -> dict[str, list[ArmedActor]]:
    """Perpetrators and parties as the form names them; new actors are added, each once."""
    added: dict[str, ArmedActor] = {}

    def stored(actor: ArmedActor | dict) -> ArmedActor:
        if not isinstance(actor, dict):
            return actor
        if actor["name"] not in added:
            added[actor["name"]] = create_record(
                ArmedActor, user=page.request.user, mission=page.mission, **actor
            )
        return added[actor["name"]]

    perpetrator = form.actor()
    return {
        "perpetrators": [stored(perpetrator)] if perpetrator else [],
        "parties": [stored(actor) for actor in form.cleaned_data["parties"]],
    }


class ThreatReport(FormPage):
    form_class = ThreatForm
    model = Threat
    section = "report"
    title = _("Report a threat")
    lead = _("It enters the register as a proposal for an analyst to accept.")
    submit = _("File the report")
    saved = _("The threat report is filed.")
    parameters = {"community": None}

    def not_understood(self, context):
        asked = {"community": self.visible_here(Community.objects.all())}
        return [
            *super().not_understood(context),
            *no_such_records(self.request.GET, asked),
        ]

    def get_initial(self):
        initial = super().get_initial()
        community = self._community()
        return initial if community is None else initial | of_place(community)

    def _community(self) -> Community | None:
        """The community that is threatened, where the address names one."""
        key = self.request.GET.get("community", "")
        places = self.visible_here(Community.objects.select_related("admin_area"))
        return places.filter(pk=key).first() if key.isdigit() else None

    def save(self, form):
        named, values, community = named_actors(self, form), form.values(), self._community()
        if community is not None:
            offered = title_of_place(community)
            values |= unless_typed(Threat.title_forms, values["title"], offered)
        return report_threat(
            user=self.request.user,
            mission=self.mission,
            submission=form.cleaned_data.get("submission"),
            perpetrators=named["perpetrators"],
            parties=named["parties"],
            **values,
        )


class OfThreat(FormPage):
    """A form about one threat."""

    section = "threats"

    def allowed(self) -> bool:
        self.threat = get_object_or_404(
            self.visible_here(Threat.objects.all()), pk=self.kwargs["pk"]
        )
        return self.permitted()

    def permitted(self) -> bool:
        return may_create(self.request.user, self.model, self.mission)

    def get_context_data(self, **kwargs):
        return super().get_context_data(threat=self.threat, back=self.threat, **kwargs)


class ThreatEdit(OfThreat):
    form_class = ThreatForm
    model = Threat
    title = _("Change the threat")
    saved = _("The threat is changed.")

    def permitted(self) -> bool:
        return may_edit(self.request.user, self.threat)

    def get_initial(self):
        threat, user = self.threat, self.request.user
        shown = only_visible(user, threat.perpetrators.all())
        names = [name for name in ThreatForm.base_fields if hasattr(threat, name)]
        return super().get_initial() | {
            **{name: as_read(threat, name) for name in names},
            "communities": only_visible(user, threat.communities.all()),
            "perpetrator": shown[0] if shown else "",
            "parties": [str(side) for side in only_visible(user, threat.parties.all())],
            "version": version_of(threat, user),
        }

    def save(self, form):
        others = only_visible(self.request.user, self.threat.perpetrators.all())[1:]
        named = named_actors(self, form)
        return edit_threat(
            self.threat,
            user=self.request.user,
            expected=form.cleaned_data["version"],
            perpetrators=[*named["perpetrators"], *others],
            parties=named["parties"],
            **form.values(),
        )


class ThreatAssess(OfThreat):
    form_class = AssessmentForm
    model = Assessment
    title = _("Assess the threat")
    lead = _("Earlier assessments stay; this one becomes the current one.")
    saved = _("The assessment is recorded.")

    def get_initial(self):
        last = Assessment.objects.visible_to(self.request.user).filter(threat=self.threat).first()
        user = self.request.user
        exposed = only_visible(user, self.threat.communities.all())
        attacks = supporting(self.threat, user)
        return super().get_initial() | {
            "classification": self.threat.classification,
            "likelihood": last.likelihood if last else self.threat.suggested_likelihood,
            "impact": last.impact if last else suggest_impact(attacks, exposed),
        }

    def save(self, form):
        return assess_threat(user=self.request.user, threat=self.threat, **form.values())


class ThreatAccept(ThreatAssess):
    title = _("Accept the threat")
    lead = _(
        "It becomes active with this first assessment; the evidence's suggestion is filled in."
    )
    submit = _("Accept")
    saved = _("The threat is accepted and active.")

    def save(self, form):
        return accept_threat(user=self.request.user, threat=self.threat, **form.values())


class ThreatDecide(ActionPage):
    """Reject, close, reopen; endorse the current assessment; follow a suggestion or not."""

    queryset = Threat.objects.all()

    def act(self) -> str:
        threat, user, posted = self.record, self.request.user, self.request.POST
        if "endorse" in posted:
            assessment = get_object_or_404(
                Assessment.objects.visible_to(user),
                threat=threat,
                pk=posted["endorse"] if posted["endorse"].isdigit() else 0,
            )
            endorse_assessment(user=user, assessment=assessment)
            return gettext("The assessment is endorsed.")
        if "suggestion" in posted:
            self._decide_on_suggestion()
        elif posted.get("status") in ThreatStatus.values:
            set_status(user=user, threat=threat, status=posted["status"])
        else:
            raise ValidationError(gettext("Choose what to decide."))
        return gettext("The decision is recorded.")

    def _decide_on_suggestion(self) -> None:
        """``seen``: the suggestion as it stood on the page, which may have moved on since."""
        threat, user, posted = self.record, self.request.user, self.request.POST
        now = suggestions_for(self.mission, user, [threat])[threat.pk]
        if posted.get("seen") != f"{now.phase} {now.status}":
            raise ValidationError(
                gettext("The evidence changed meanwhile; look at what it suggests now.")
            )
        decide_on_suggestion(
            user=user,
            threat=threat,
            follow=posted["suggestion"] == "follow",
            phase=now.phase,
            status=now.status,
            reason=posted.get("reason", ""),
        )

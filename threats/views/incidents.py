from __future__ import annotations

import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from missions.access import is_visible, may_create, may_edit, only_visible
from poc_portal.api.strict import no_date
from records.asked import about
from records.nothing import Nothing
from records.pages import (
    ActionPage,
    ContentPage,
    FormPage,
    ListPage,
    MissionPage,
    PostOnly,
    RecordPage,
)
from records.services import create_record
from records.versions import version_of
from threats.choices import SETTLED, ActorPart, StandardOfProof
from threats.filters import IncidentFilterSet
from threats.forms.incidents import IncidentForm, IncidentReportForm, WithdrawForm
from threats.lookup import SUGGESTED, similar
from threats.models import ArmedActor, Community, Incident, IncidentSource, Threat
from threats.models.incident import PUBLISHED
from threats.risk.targets import REACH
from threats.rules.grading import told_own, told_report_awaits, told_words_only
from threats.rules.kinds import REFERRAL_ONLY, grouped_choices, referral
from threats.rules.source_kinds import sees_exactly, told_kind
from threats.services.attribution import with_settings
from threats.services.grading import may_verify, verify_incident
from threats.services.incidents import (
    edit_incident,
    lacks_perpetrator,
    report_incident,
    withdraw_incident,
)
from threats.services.merging import (
    LISTED,
    LOOKED_BACK,
    keep_separate,
    lends_words_only,
    likely_pairs,
    merge_incidents,
)
from threats.tables import IncidentTable

COMMUNITIES = 5  # of those an incident endangers, named on its page


class IncidentList(ListPage):
    queryset = Incident.objects.select_related("admin_area", "mission").prefetch_related(
        "parts__actor"
    )
    filterset_class = IncidentFilterSet
    table_class = IncidentTable
    section = "incidents"
    resource = "incidents"
    title = _("Incidents")
    lead = _("What happened, from every source the mission has.")
    empty = _("No incident fits. Clear the filters, file a report, or import a file.")
    nothing = Nothing(
        _("Nothing to judge yet: no incident is on record."),
        _("Next: report an incident, or bring in a file"),
        "incident-report",
    )

    def count_note(self, found) -> str:
        """How many of them no figure counts."""
        waiting = found.exclude(dataset__in=PUBLISHED).filter(awaits_verification=True).count()
        if not waiting:
            return ""
        return ngettext(
            "%(n)s of them unverified (F6)", "%(n)s of them unverified (F6)", waiting
        ) % {"n": number_format(waiting, force_grouping=True)}

    def get_filterset(self, filterset_class):
        filterset = super().get_filterset(filterset_class)
        menu = filterset.form.fields["kind"].widget
        menu.choices = [next(iter(menu.choices)), *grouped_choices()]
        return filterset


class IncidentPage(RecordPage):
    queryset = Incident.objects.select_related(
        "mission", "admin_area", "field_office", "created_by", "verified_by"
    ).prefetch_related("parts__actor", "parts__standard_set_by")
    template_name = "threats/incident.html"
    section = "incidents"

    def get_context_data(self, **kwargs):
        user = self.request.user
        return super().get_context_data(
            parts=with_settings(
                self.object,
                [part for part in self.object.parts.all() if is_visible(user, part.actor)],
            ),
            standards=StandardOfProof.choices,
            sources=self.sources(),
            awaits=told_report_awaits() if self.object.awaits_verification else "",
            may_verify=may_verify(user, self.object),
            own=told_own() if self.object.created_by_id == user.pk else "",
            referral=referral() if self.object.kind in REFERRAL_ONLY else "",
            threats=self.object.threats.visible_to(user),
            **self.communities(),
            may_edit=may_edit(user, self.object),
            pairs=likely_pairs(self.mission, user, incident=self.object)
            if self.object.latitude is not None
            else [],
            may_merge=may_edit(user, self.object),
            withdraw_form=WithdrawForm(),
            **kwargs,
        )

    def communities(self) -> dict:
        """The communities within reach, where the incident's place is known well enough to say."""
        incident = self.object
        if incident.longitude is None or incident.place_precision not in SETTLED:
            return {"communities": []}
        here = self.visible_here(Community.objects.select_related("mission"))
        found = here.nearest(incident.longitude, incident.latitude, REACH)
        return {
            "communities": found[:COMMUNITIES],
            "communities_more": max(0, len(found) - COMMUNITIES),
        }

    def sources(self) -> list[IncidentSource]:
        """Each with what the user is ``told`` of its kind."""
        is_exact = sees_exactly(self.request.user, self.mission)
        found = list(self.object.sources.current())
        for source in found:
            source.told = told_kind(source.kind, is_exact=is_exact)
        return found


def actors_on_record(page, form) -> list[tuple]:
    """The form's actors, new ones added."""
    return [
        (
            create_record(ArmedActor, user=page.request.user, mission=page.mission, **actor)
            if isinstance(actor, dict)
            else actor,
            part,
        )
        for actor, part in form.parts()
    ]


class IncidentReport(FormPage):
    form_class = IncidentReportForm
    model = Incident
    template_name = "threats/report.html"
    section = "report"
    title = _("Report an incident")
    lead = _(
        "The scores of the communities nearby follow within seconds; those of a report graded F6, "
        "which nobody can judge, once somebody else has verified it."
    )
    submit = _("File the report")

    def get_initial(self):
        return super().get_initial() | {"start_date": self.mission.today}

    def save(self, form):
        self.saved = (
            gettext("The report is filed. It counts as harm to civilians.")
            if form.counts_as_harm()
            else gettext("The report is filed. It does not count as harm to civilians.")
        )
        incident = report_incident(
            user=self.request.user,
            mission=self.mission,
            parts=actors_on_record(self, form),
            source=form.source(),
            informant=form.informant(),
            submission=form.cleaned_data.get("submission"),
            **form.values(),
        )
        if incident.awaits_verification:
            self.saved = gettext("The report is filed.") + " " + told_report_awaits()
        return incident


class IncidentEdit(FormPage):
    form_class = IncidentForm
    model = Incident
    template_name = "threats/report.html"
    section = "incidents"
    title = _("Correct the incident")
    saved: str | Promise = _("The incident is corrected.")

    def allowed(self) -> bool:
        self.incident = get_object_or_404(
            self.visible_here(Incident.objects.all()), pk=self.kwargs["pk"]
        )
        return may_edit(self.request.user, self.incident)

    def get_initial(self):
        incident = self.incident
        names = [name for name in IncidentForm.base_fields if hasattr(incident, name)]
        shown = only_visible(self.request.user, [part.actor for part in incident.parts.all()])
        return super().get_initial() | {
            **{name: getattr(incident, name) for name in names},
            "version": version_of(incident, self.request.user),
            "is_published": incident.created_by_id is None,
            "against_civilians": {True: "yes", False: "no"}.get(
                incident.said_against_civilians, ""
            ),
            "perpetrator": shown[0] if shown else "",
            "other_actor": shown[1] if len(shown) > 1 else "",
        }

    def save(self, form):
        shown = [
            (part.actor, part.part)
            for part in self.incident.parts.select_related("actor")
            if is_visible(self.request.user, part.actor)
        ]
        incident = edit_incident(
            self.incident,
            user=self.request.user,
            expected=form.cleaned_data["version"],
            parts=self._parts(form, shown),
            **form.values(),
        )
        if lacks_perpetrator(incident, self.request.user):
            self.saved = gettext(
                "The incident is corrected. The armed actors stay recorded as sides, without blame: "
                "correct it once more with only who did it, if that is known."
            )
        return incident

    def _parts(self, form, shown: list[tuple]) -> list[tuple] | None:
        """None where the actors stay: only another kind changes their parts then.

        The form shows two; further ones stay. A kept one keeps its part, unless the kind is another
        or it was a side and stands alone now.
        """
        given = actors_on_record(self, form)
        if [actor for actor, _part in given] == [actor for actor, _part in shown[:2]]:
            return None
        if form.cleaned_data["kind"] == self.incident.kind:
            known = {
                actor.pk: ActorPart(part)
                for actor, part in shown
                if part != ActorPart.PARTY or len(given) > 1
            }
            given = [(actor, known.get(actor.pk, part)) for actor, part in given]
        return given + shown[2:]


class IncidentVerify(ActionPage):
    queryset = Incident.objects.all()

    def act(self) -> str:
        verify_incident(self.record, user=self.request.user)
        return gettext("The report is verified: it counts from now on.")


class IncidentWithdraw(MissionPage, PostOnly):
    def post(self, request, *args, **kwargs) -> HttpResponse:
        incident = get_object_or_404(self.visible_here(Incident.objects.all()), pk=kwargs["pk"])
        form = WithdrawForm(request.POST)
        if not form.is_valid():
            messages.error(request, gettext("Say why this record is withdrawn."))
            return HttpResponseRedirect(incident.get_absolute_url())
        withdraw_incident(incident, user=request.user, reason=form.cleaned_data["reason"])
        messages.success(
            request, gettext("The incident is withdrawn; it stays stored with your reason.")
        )
        return redirect("incident-list", self.mission.code)

    def belongs_to(self) -> str:
        incidents = self.visible_here(Incident.objects.all())
        return get_object_or_404(incidents, pk=self.kwargs["pk"]).get_absolute_url()


class LikelyPairs(ContentPage):
    """Incidents that may be two reports of one event; a person decides, pair by pair."""

    template_name = "threats/pairs.html"
    section = "incidents"
    title = _("Likely the same event")
    parameters = {"since": None}

    def not_understood(self, context):
        given = self.request.GET.get("since", "")
        said = super().not_understood(context)
        if given and parse_date_or_none(given) is None:
            said.append(about("since", no_date(given)))
        return said

    def get_context_data(self, **kwargs):
        pairs = likely_pairs(self.mission, self.request.user, since=self.since())
        return super().get_context_data(
            title=self.title,
            pairs=pairs,
            compared=bool(pairs) or self._recent().exists(),
            since=self.since(),
            may_merge=may_create(self.request.user, Threat, self.mission),
            is_cut=len(pairs) == LISTED,
            **kwargs,
        )

    def _recent(self):
        """Incidents since the day asked for: what pairs are looked for in."""
        return self.visible_here(Incident.objects.filter(end_date__gte=self.since()))

    def since(self) -> datetime.date:
        """From the URL, else ninety days back."""
        given = parse_date_or_none(self.request.GET.get("since", ""))
        return given or self.mission.today - datetime.timedelta(days=LOOKED_BACK)


class PairDecision(MissionPage, PostOnly):
    """Merge two incidents, or call them separate."""

    def post(self, request, *args, **kwargs) -> HttpResponse:
        keep, other = (self._incident(name) for name in ("keep", "other"))
        if "swap" in request.POST:
            keep, other = other, keep
        back = request.POST.get("back") == "incident"
        try:
            if "separate" in request.POST:
                keep_separate(user=request.user, first=keep, second=other)
                messages.success(request, gettext("Noted: these are two events."))
            else:
                is_limited = lends_words_only(keep, other)
                merge_incidents(user=request.user, keep=keep, other=other)
                messages.success(request, gettext("The two are merged, and count once."))
                if is_limited:
                    messages.warning(request, told_words_only())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        if back:
            return HttpResponseRedirect(keep.get_absolute_url())
        query = request.POST.get("query", "")
        return HttpResponseRedirect(
            reverse("incident-pairs", args=[self.mission.code])
            + (f"?since={query}" if parse_date_or_none(query) else "")
        )

    def belongs_to(self) -> str:
        return reverse("incident-pairs", args=[self.mission.code])

    def _incident(self, name: str) -> Incident:
        number = self.request.POST.get(name, "")
        return get_object_or_404(
            self.visible_here(Incident.objects.all()), pk=number if number.isdigit() else 0
        )


def parse_date_or_none(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


class Suggestions(MissionPage, View):
    """Names like what was typed, as options of a datalist."""

    def get(self, request, *args, **kwargs) -> HttpResponse:
        typed = request.GET.get("typed", "").strip()[:100]
        model = SUGGESTED.get(kwargs["what"])
        if model is None:
            raise Http404
        records = similar(model, self.mission, request.user, typed) if len(typed) > 1 else []
        return render(request, "threats/suggestions.html", {"records": records})

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, ExpressionWrapper
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from exchange.notifications.services import on_duty
from missions.access import is_visible, may_edit, only_visible, require
from records.nothing import Nothing
from records.pages import (
    EditPage,
    FormPage,
    ListPage,
    MissionPage,
    PostOnly,
    RecordPage,
    place_errors,
)
from threats.alerts.choices import AlertStage
from threats.alerts.figures import alert_figures
from threats.filters import AlertFilterSet
from threats.forms.alerts import AlertForm, AlertReportForm, CorrectionForm, StepForm
from threats.models import Alert, AlertStep
from threats.rules.grading import told_alert_awaits
from threats.rules.source_kinds import (
    seen_exactly,
    sees_exactly,
    shown_in_sql,
    shown_kind,
    told_kind,
)
from threats.services.alert_steps import correct_step, may_take
from threats.services.alerts import (
    edit_alert,
    possible_steps,
    report_alert,
    take_step,
)
from threats.tables import AlertTable

STEP_VERBS = {
    AlertStage.ACKNOWLEDGED: _("Acknowledge"),
    AlertStage.VERIFIED: _("Verify"),
    AlertStage.DECIDED: _("Decide"),
    AlertStage.RESPONDED: _("Record the response"),
    AlertStage.REPORTED_BACK: _("Report back to the source"),
    AlertStage.CLOSED: _("Close"),
    AlertStage.REOPENED: _("Reopen"),
}


class AlertList(ListPage):
    queryset = Alert.objects.select_related(
        "mission", "admin_area", "field_office", "responding_component"
    )
    filterset_class = AlertFilterSet
    table_class = AlertTable
    template_name = "threats/alerts.html"
    section = "alerts"
    hidden_filters = (*ListPage.hidden_filters, "received_since", "verification", "decision")
    title = _("Alerts")
    lead = _("Early warnings, the most urgent and longest waiting first.")
    empty = _("No alert fits. Clear the filters, or file one.")
    nothing = Nothing(
        _("Nothing to judge yet: no alert is on record."),
        _("Next: file an alert"),
        "alert-report",
    )

    def annotate(self, queryset):
        user = self.request.user
        return queryset.triage().annotate(
            told_source=shown_in_sql(user, "source_kind"),
            is_source_exact=ExpressionWrapper(seen_exactly(user), BooleanField()),
        )

    def get_context_data(self, **kwargs):
        figures = alert_figures(self.mission, self.request.user)
        return super().get_context_data(figures=figures, **kwargs)


class AlertPage(RecordPage):
    queryset = Alert.objects.select_related(
        "mission", "admin_area", "field_office", "responding_component", "created_by"
    )
    template_name = "threats/alert.html"
    section = "alerts"

    def get_context_data(self, **kwargs):
        alert, user = self.object, self.request.user
        possible = possible_steps(user, alert)
        refused = kwargs.pop("refused", None)
        sent = refused.data.get("step", "") if refused else ""
        order = list(AlertStage)
        later = [s for s in possible if order.index(s) > order.index(AlertStage(alert.stage))]
        forms = [
            (
                step,
                STEP_VERBS[step],
                refused if step == sent else StepForm(mission=self.mission, user=user, step=step),
            )
            for step in possible
        ]
        told = list(
            on_duty(alert, alert.field_office).select_related("member", "component", "preference")
        )
        return super().get_context_data(
            steps=self._steps(kwargs.pop("refused_correction", None)),
            on_duty=told,
            is_anybody_on_duty=any(
                getattr(membership, "preference", None) and membership.preference.is_on_duty
                for membership in told
            ),
            forms=forms,
            opened=sent or next(iter(later or possible), ""),
            component=alert.responding_component
            if alert.responding_component_id and is_visible(user, alert.responding_component)
            else None,
            threats=only_visible(user, alert.threats.select_related("mission")),
            incidents=only_visible(user, alert.incidents.select_related("mission", "admin_area")),
            communities=only_visible(user, alert.communities.select_related("mission")),
            may_edit=may_edit(user, alert),
            source=told_kind(alert.source_kind, is_exact=sees_exactly(user, self.mission)),
            awaits=told_alert_awaits() if alert.awaits_verification else "",
            **kwargs,
        )

    def _steps(self, refused: CorrectionForm | None) -> list[AlertStep]:
        """Each with what was ``wrong`` of it, and with a form to correct what stands."""
        alert, user = self.object, self.request.user
        rows = list(alert.steps.select_related("taken_by", "corrected_by"))
        for row in rows:
            row.is_wrong = hasattr(row, "corrected_by")
            stands = not (row.is_wrong or row.never_happened or row.step == AlertStage.RECEIVED)
            if stands and may_take(user, alert, AlertStage(row.step)):
                is_refused = refused is not None and refused.data.get("corrects") == str(row.pk)
                row.correction = refused if is_refused else CorrectionForm(step=row)
        return rows


class AlertReport(FormPage):
    form_class = AlertReportForm
    model = Alert
    template_name = "threats/report.html"
    section = "alerts"
    title = _("File an alert")
    lead = _("Its clock runs from when it was received; the desk sees it at once.")
    submit = _("File the alert")

    def save(self, form):
        alert = report_alert(
            user=self.request.user,
            mission=self.mission,
            informant=form.informant(),
            submission=form.cleaned_data.get("submission"),
            **form.values(),
        )
        self.saved = gettext("The alert is filed.")
        if alert.awaits_verification:
            self.saved += " " + told_alert_awaits()
        return alert


class AlertEdit(EditPage):
    form_class = AlertForm
    model = Alert
    template_name = "threats/report.html"
    section = "alerts"
    attributes = (
        "imminence", "kind", "received_at", "details", "place_name", "place_precision", "latitude", "longitude",
        "source_kind", "reliability", "credibility", "classification",
    )  # fmt: skip
    title = _("Correct the alert")
    saved = _("The alert is corrected.")
    service = staticmethod(edit_alert)

    def get_initial(self):
        return super().get_initial() | {"source_kind": self._told_of(self.record)[0]}

    def differences(self, form, current):
        current.source_kind, words = self._told_of(current)
        current.get_source_kind_display = lambda: words
        return super().differences(form, current)

    def _told_of(self, alert: Alert) -> tuple[str, str]:
        """Its source's kind as the user is told it: code and words."""
        is_exact = sees_exactly(self.request.user, self.mission)
        kind = alert.source_kind
        return shown_kind(kind, is_exact=is_exact), told_kind(kind, is_exact=is_exact)


class AlertTakeStep(MissionPage, PostOnly):
    def belongs_to(self) -> str:
        alerts = self.visible_here(Alert.objects.all())
        return get_object_or_404(alerts, pk=self.kwargs["pk"]).get_absolute_url()

    def post(self, request, *args, **kwargs) -> HttpResponse:
        alert = get_object_or_404(self.visible_here(Alert.objects.all()), pk=kwargs["pk"])
        step = request.POST.get("step", "")
        if step in AlertStage.values:
            require(may_take(request.user, alert, AlertStage(step)))
        form = StepForm(request.POST, mission=self.mission, user=request.user, step=step)
        if form.is_valid():
            try:
                take_step(alert, user=request.user, **form.cleaned_data)
            except ValidationError as error:
                place_errors(form, error)
            else:
                messages.success(
                    request,
                    gettext("Recorded: %(step)s.") % {"step": AlertStage(step).label},
                )
                return HttpResponseRedirect(alert.get_absolute_url())
        return refused_page(self, alert, refused=form)


class AlertCorrectStep(AlertTakeStep):
    """When a step truly happened, or that it never did."""

    def post(self, request, *args, **kwargs) -> HttpResponse:
        alert = get_object_or_404(self.visible_here(Alert.objects.all()), pk=kwargs["pk"])
        key = request.POST.get("corrects", "")
        step = get_object_or_404(alert.steps, pk=key if key.isdecimal() else 0)
        form = CorrectionForm(request.POST, step=step)
        if form.is_valid():
            values = {name: form.cleaned_data[name] for name in form.fields if name != "corrects"}
            try:
                correct_step(step, user=request.user, **values)
            except ValidationError as error:
                if not hasattr(error, "error_dict"):  # nothing typed would change that
                    messages.error(request, " ".join(error.messages))
                    return HttpResponseRedirect(alert.get_absolute_url())
                place_errors(form, error)
            else:
                messages.success(request, gettext("The step is corrected; the wrong one is kept."))
                return HttpResponseRedirect(alert.get_absolute_url())
        return refused_page(self, alert, refused_correction=form)


def refused_page(view: MissionPage, alert: Alert, **kwargs) -> HttpResponse:
    """The alert's page with what was typed and what is wrong with it."""
    page = AlertPage()
    page.setup(view.request, *view.args, **view.kwargs)  # type: ignore[attr-defined]
    page.mission, page.object = view.mission, alert
    response = page.render_to_response(page.get_context_data(**kwargs))
    response.status_code = 422
    return response

from __future__ import annotations

import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from missions.access import clearance_in, may_create, may_edit
from poc_portal.languages import readers_language
from records.nothing import Nothing
from records.pages import ActionPage, EditPage, FormPage, ListPage, MissionPage, RecordPage
from strategies.filters import BriefFilterSet
from strategies.forms.briefs import BriefEditForm, BriefForm
from strategies.models import Brief
from strategies.models.brief import WEEK
from strategies.services.briefs import edit_brief, issue_brief, pdf_of, prepare_brief
from strategies.tables import BriefTable


class BriefList(ListPage):
    queryset = Brief.objects.select_related("mission", "field_office", "issued_by").defer(
        "documents"
    )
    filterset_class = BriefFilterSet
    table_class = BriefTable
    template_name = "strategies/briefs.html"
    section = "briefs"
    title = _("Weekly briefs")
    lead = _("Two pages a week for the head of mission, frozen when issued.")
    empty = _("No brief fits. Clear the filters, or prepare one.")
    nothing = Nothing(
        _("Nothing to judge yet: no brief is on record."),
        _("Next: prepare a brief"),
        "brief-prepare",
    )

    def get_context_data(self, **kwargs):
        may = may_create(self.request.user, Brief, self.mission)
        return super().get_context_data(may_prepare=may, **kwargs)


class BriefPage(RecordPage):
    queryset = Brief.objects.select_related("mission", "field_office", "issued_by")
    template_name = "strategies/brief.html"
    section = "briefs"

    def get_context_data(self, **kwargs):
        brief = self.object
        document = brief.document
        return super().get_context_data(
            document=document,
            by_key={section["key"]: section for section in document.get("sections", [])},
            pdf_languages=brief.languages,
            may_edit=not brief.is_issued and may_edit(self.request.user, brief),
            **kwargs,
        )


class BriefPrepare(FormPage):
    """Compose the brief of a week; by default the mission's last whole one."""

    form_class = BriefForm
    model = Brief
    section = "briefs"
    title = _("Prepare a brief")
    lead = _("It is composed from what the portal holds now. You look at it before it is issued.")
    submit = _("Prepare it")
    saved = _("The brief is prepared. Look at it, then issue it.")
    service = staticmethod(prepare_brief)

    def get_initial(self):
        clearance = clearance_in(self.request.user, self.mission)
        day = self.mission.today - WEEK + datetime.timedelta(days=1)
        return super().get_initial() | {"week": day, "classification": clearance}


class BriefEdit(EditPage):
    form_class = BriefEditForm
    model = Brief
    section = "briefs"
    attributes = ("asked",)
    title = _("Decisions asked for")
    lead = _("The brief is composed anew with them, from what the portal holds now.")
    saved = _("The brief is composed anew.")
    service = staticmethod(edit_brief)


class BriefIssue(ActionPage):
    queryset = Brief.objects.all()

    def act(self) -> str:
        issue_brief(self.record, user=self.request.user)
        return gettext("The brief is issued. It can no longer change.")


class BriefDownload(MissionPage, View):
    """The PDF, in the language asked for or the reader's own."""

    def get(self, request, *args, **kwargs) -> HttpResponse:
        brief = get_object_or_404(self.visible_here(Brief.objects.all()), pk=kwargs["pk"])
        language = request.GET.get("language") or readers_language(brief.documents)
        if language not in brief.languages:
            raise Http404
        return pdf_response(brief, language)


def pdf_response(brief: Brief, language: str) -> HttpResponse:
    name = f"{brief.mission.code}-{brief.week.isoformat()}-{language}.pdf".lower()
    return HttpResponse(
        pdf_of(brief, language),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

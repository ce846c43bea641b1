"""Pages of datasets fetched on a schedule: how the last run went, and what it could not take."""

from __future__ import annotations

from django.http import Http404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import can, require
from missions.roles import Capability
from records.pages import ActionPage, ContentPage, FormPage, OfRecord, RecordPage
from threats.forms.pulls import PullForm
from threats.models import Pull
from threats.sources.pulls import SOURCES
from threats.sources.pulls.runs import run_soon, save_pull, switch_off

SECTION = "pulls"


class Pulls(ContentPage):
    template_name = "threats/pulls.html"
    section = SECTION

    def get_context_data(self, **kwargs):
        pulls = list(self.visible_here(Pull.objects.select_related("mission")))
        rows = []
        for source in SOURCES.values():
            # More than one where somebody set it up anew who does not see the first.
            for pull in [pull for pull in pulls if pull.source == source.code] or [None]:
                rows.append((source, pull, pull and pull.runs.first()))
        return super().get_context_data(
            rows=rows,
            may_manage=can(self.request.user, self.mission, Capability.SCHEDULE_PULLS),
            **kwargs,
        )


class PullPage(RecordPage):
    queryset = Pull.objects.select_related("mission")
    context_object_name = "pull"
    template_name = "threats/pull.html"
    section = SECTION

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            runs=self.object.runs.all()[:50],
            may_manage=can(self.request.user, self.mission, Capability.SCHEDULE_PULLS),
            **kwargs,
        )


class SetUpPull(FormPage):
    form_class = PullForm
    service = staticmethod(save_pull)
    section = SECTION
    submit = _("Save and run it")
    saved = _("Saved. Its first run begins now.")

    def allowed(self) -> bool:
        if self.kwargs["source"] not in SOURCES:
            raise Http404
        self.title = SOURCES[self.kwargs["source"]].label
        return can(self.request.user, self.mission, Capability.SCHEDULE_PULLS)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"source": self.kwargs["source"]}

    def given(self):
        return super().given() | {"source": self.kwargs["source"]}


class EditPull(OfRecord):
    model = Pull
    owner = "pull"
    form_class = PullForm
    service = staticmethod(save_pull)
    section = SECTION
    title = _("Change the pull")
    submit = _("Save and run it")
    saved = _("Saved. It runs now.")

    def permitted(self) -> bool:
        return can(self.request.user, self.mission, Capability.SCHEDULE_PULLS)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"source": self.record.source}

    def get_initial(self):
        names = ("since", "every", "classification", "account")
        return {name: getattr(self.record, name) for name in names}

    def given(self):
        return super().given() | {"mission": self.mission}


class PullAction(ActionPage):
    queryset = Pull.objects.select_related("mission")

    def act(self) -> str:
        require(can(self.request.user, self.mission, Capability.SCHEDULE_PULLS))
        return self.done()

    def done(self) -> str:
        raise NotImplementedError


class RunPull(PullAction):
    def done(self) -> str:
        run_soon(self.record)
        return gettext("It runs now; what came of it shows below.")


class SwitchOffPull(PullAction):
    def done(self) -> str:
        switch_off(self.record)
        return gettext("Switched off. What was fetched stays.")

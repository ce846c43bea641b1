"""Choosing to read as somebody of a lower clearance, and going back."""

from __future__ import annotations

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from missions.access import can, grant_in, require
from missions.choices import Classification
from missions.roles import Capability
from records.pages import ContentPage, PostOnly
from records.reading_as import KEY


class ReadAs(ContentPage):
    """Which levels there are below one's own, a button each."""

    template_name = "records/read_as.html"
    section = "read-as"

    def check_access(self) -> None:
        require(can(self.request.user, self.mission, Capability.READ_AS))

    def levels(self) -> list[Classification]:
        grant = grant_in(self.request.user, self.mission)
        own = -1 if grant is None else grant.clearance
        return [level for level in Classification if level <= own]

    def get_context_data(self, **kwargs):
        return super().get_context_data(levels=self.levels(), **kwargs)

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponseRedirect:
        level = request.POST.get("level", "")
        require(level.isdecimal() and int(level) in self.levels())
        request.session[KEY] = int(level)
        return HttpResponseRedirect(self.mission.get_absolute_url())


class EndReadAs(LoginRequiredMixin, PostOnly):
    """Back to one's own clearance, on the page one was at."""

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponseRedirect:
        request.session.pop(KEY, None)
        at = request.POST.get("at", "")
        inside = at.startswith("/") and not at.startswith(("//", "/\\"))
        return HttpResponseRedirect(at if inside else self.belongs_to())

    def belongs_to(self) -> str:
        return reverse("home")

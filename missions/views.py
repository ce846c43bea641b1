from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from missions.filters import ComponentFilterSet
from missions.models import Component, Mission
from missions.pages import ListPage
from missions.tables import ComponentTable


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Straight into the mission of those who have one; a choice for the others."""
    missions = list(Mission.objects.visible_to(request.user))
    if len(missions) == 1:
        return redirect("overview", code=missions[0].code)
    return render(request, "missions/choose.html", {"missions": missions})


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the web server and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


class AboutPage(TemplateView):
    template_name = "missions/about.html"


class ComponentList(ListPage):
    queryset = Component.objects.select_related("mission")
    filterset_class = ComponentFilterSet
    table_class = ComponentTable
    section = "components"
    title = _("Components")
    lead = _("Who does protection work in the mission, by pillar.")

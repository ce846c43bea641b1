from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from missions.choices import Role
from missions.models import Component, Mission
from missions.roles import matrix
from poc_portal.web.guessing import remember_device, wait_told
from records.nothing import Nothing
from records.organisation.filters import ComponentFilterSet
from records.organisation.namesakes import namesakes
from records.organisation.tables import ComponentTable
from records.pages import ContentPage, ListPage, PostOnly
from records.search import search


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Straight into the mission of those who have one; a choice for the others."""
    missions = list(Mission.objects.visible_to(request.user))
    if len(missions) == 1:
        return redirect(missions[0])
    return render(request, "records/choose.html", {"missions": missions})


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the web server and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


class SignInPage(LoginView):
    template_name = "records/sign_in.html"

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        remember_device(self.request, response, form.get_user().get_username())
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        wait = getattr(self.request, "sign_in_wait", None)
        if wait is None:
            return super().form_invalid(form)
        form.errors.clear()
        form.add_error(None, wait_told(wait))
        response = self.render_to_response(self.get_context_data(form=form), status=429)
        response["Retry-After"] = str(wait)
        return response


class SignOutPage(PostOnly, LogoutView):
    """Ends the session; opened as an address it does nothing, and leads home."""

    def post(self, request, *args, **kwargs):
        response = super().post(request, *args, **kwargs)
        # What this browser kept of pages and half-written reports.
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def belongs_to(self) -> str:
        return reverse("home")


class AboutPage(TemplateView):
    template_name = "records/about.html"


class RolesPage(TemplateView):
    """Which role may do what, from the table the portal itself asks."""

    template_name = "records/roles.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            roles=[role.label for role in Role], capabilities=matrix(), **kwargs
        )


class SearchPage(ContentPage):
    is_costly = True
    template_name = "records/search.html"
    section = "search"
    parameters = {"q": None}

    def get_template_names(self):
        htmx = getattr(self.request, "htmx", False)
        return ["records/search_results.html" if htmx else self.template_name]

    def get_context_data(self, **kwargs):
        text = self.request.GET.get("q", "").strip()
        results = search(self.mission, self.request.user, text)
        return super().get_context_data(asked=text, results=results, **kwargs)


class NamesakesPage(ContentPage):
    """Who sees two records of one identifier learns of it here, and what to do."""

    template_name = "records/namesakes.html"
    section = "namesakes"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            title=gettext("Records of one identifier"),
            lead=gettext(
                "Whoever filed the second did not see the first. Where both are one, merge them or withdraw "
                "one; what fewer may read stays with those."
            ),
            namesakes=namesakes(self.mission, self.request.user),
            **kwargs,
        )


class ComponentList(ListPage):
    queryset = Component.objects.select_related("mission")
    filterset_class = ComponentFilterSet
    table_class = ComponentTable
    section = "components"
    title = _("Components")
    lead = _("Who does protection work in the mission, by pillar.")
    nothing = Nothing(
        _("Nothing to judge yet: no component is on record."),
        _("Next: an administrator adds the components"),
    )

"""Setting the standard of proof of a link between an actor and an incident or threat."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.generic import View

from missions.access import is_visible
from records.pages import MissionPage
from threats.models import Incident, IncidentActor, Threat, ThreatParty, ThreatPerpetrator
from threats.services.attribution import set_standard

LINKS: dict[str, tuple[Any, Any, str]] = {
    "part": (IncidentActor, Incident, "incident"),
    "perpetrator": (ThreatPerpetrator, Threat, "threat"),
    "party": (ThreatParty, Threat, "threat"),
}


class SetStandard(MissionPage, View):
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs) -> HttpResponse:
        if kwargs["what"] not in LINKS:
            raise Http404
        model, owner, name = LINKS[kwargs["what"]]
        records = self.visible_here(owner.objects.all())
        link = get_object_or_404(
            model.objects.select_related("actor", name), **{f"{name}__in": records}, pk=kwargs["pk"]
        )
        if not is_visible(request.user, link.actor):
            raise Http404
        try:
            set_standard(user=request.user, link=link, standard=request.POST.get("standard", ""))
            messages.success(request, gettext("The standard of proof is set."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(getattr(link, name).get_absolute_url())

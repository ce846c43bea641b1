"""Setting the standard of proof of a link between an actor and an incident or threat."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext

from missions.access import is_visible
from records.pages import MissionPage, PostOnly
from threats.models import Incident, IncidentActor, Threat, ThreatParty, ThreatPerpetrator
from threats.services.attribution import set_standard

LINKS: dict[str, tuple[Any, Any, str]] = {
    "part": (IncidentActor, Incident, "incident"),
    "perpetrator": (ThreatPerpetrator, Threat, "threat"),
    "party": (ThreatParty, Threat, "threat"),
}


class SetStandard(MissionPage, PostOnly):
    def post(self, request, *args, **kwargs) -> HttpResponse:
        link, record = self._link()
        try:
            set_standard(user=request.user, link=link, standard=request.POST.get("standard", ""))
            messages.success(request, gettext("The standard of proof is set."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(record.get_absolute_url())

    def belongs_to(self) -> str:
        return self._link()[1].get_absolute_url()

    def _link(self) -> tuple[Any, Any]:
        """The link, and the record it is of. Raises Http404."""
        if self.kwargs["what"] not in LINKS:
            raise Http404
        model, owner, name = LINKS[self.kwargs["what"]]
        records = self.visible_here(owner.objects.all())
        link = get_object_or_404(
            model.objects.select_related("actor", name),
            **{f"{name}__in": records},
            pk=self.kwargs["pk"],
        )
        if not is_visible(self.request.user, link.actor):
            raise Http404
        return link, getattr(link, name)

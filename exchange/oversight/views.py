"""Programs of the mission's members: what signs in for them, and where they have others told."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from exchange.oversight.services import (
    release_webhook_of_member,
    revoke_token_of_member,
    stop_webhook_of_member,
    tokens_of_members,
    webhooks_of_members,
)
from missions.access import can, require
from missions.roles import Capability
from records.pages import ContentPage, MissionPage, PostOnly


class OfAdministrators(MissionPage):
    """For those who keep the mission's members."""

    def check_access(self) -> None:
        require(can(self.request.user, self.mission, Capability.ADMINISTER))


class Programs(OfAdministrators, ContentPage):
    template_name = "exchange/oversight/programs.html"
    section = "programs"

    def get_context_data(self, **kwargs):
        # Of an address its host alone: what follows may be a secret between two programs.
        webhooks = [
            (webhook, urlsplit(webhook.url).hostname)
            for webhook in webhooks_of_members(self.mission)
        ]
        return super().get_context_data(
            tokens=tokens_of_members(self.mission), webhooks=webhooks, now=timezone.now(), **kwargs
        )


class ProgramAction(OfAdministrators, PostOnly):
    """A button of that page."""

    def belongs_to(self) -> str:
        return reverse("programs", args=[self.mission.code])

    def post(self, request, *args, **kwargs) -> HttpResponseRedirect:
        messages.success(request, self.act())
        return HttpResponseRedirect(self.belongs_to())

    def act(self) -> str:
        """Call the service; returns what to say."""
        raise NotImplementedError

    def webhook(self):
        return get_object_or_404(webhooks_of_members(self.mission), pk=self.kwargs["pk"])


class RevokeProgram(ProgramAction):
    def act(self) -> str:
        token = get_object_or_404(tokens_of_members(self.mission), pk=self.kwargs["digest"])
        revoke_token_of_member(token, by=self.request.user, mission=self.mission)
        return gettext("The token no longer opens anything; its owner is told.")


class StopProgram(ProgramAction):
    def act(self) -> str:
        stop_webhook_of_member(self.webhook(), by=self.request.user)
        return gettext("The webhook is switched off; its owner is told.")


class ReleaseProgram(ProgramAction):
    def act(self) -> str:
        release_webhook_of_member(self.webhook(), by=self.request.user)
        return gettext("Its owner may switch the webhook on again.")

from __future__ import annotations

import base64
import secrets
import uuid
from dataclasses import replace

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.declared import event_choices
from missions.access import Reader, grant_in, own_missions
from missions.choices import Classification
from poc_portal.fields import EncryptedTextField
from records.queue import Leased, Tried


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


class WebhookQuerySet(models.QuerySet):
    def visible_to(self, user) -> WebhookQuerySet:
        """One's own, in the missions one belongs to."""
        return self.filter(owner=user.pk, mission__in=own_missions(user))

    def listening(self, kind: str) -> WebhookQuerySet:
        return self.filter(stopped_at__isnull=True, events__contains=[kind])


class Webhook(Leased):
    """Where another system is told of what happens, as far as its owner may see it.

    The lane of its deliveries: whoever has its lease delivers for it.
    """

    mission = models.ForeignKey("missions.Mission", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks"
    )
    name = models.CharField(_("what it is for"), max_length=100)
    url = models.URLField(_("address"), max_length=500)
    secret = EncryptedTextField(default=new_secret, editable=False)
    events = ArrayField(
        models.CharField(max_length=30, choices=event_choices), verbose_name=_("events")
    )
    filters = models.CharField(
        _("only those that match"), max_length=500, blank=True,
        help_text=_("Filters of the API, such as kind=killing&field_office=3."),
    )  # fmt: skip
    classification = models.PositiveSmallIntegerField(
        _("up to"), choices=Classification.choices, default=Classification.UNCLASSIFIED,
        help_text=_("What is more secret is never sent."),
    )  # fmt: skip
    created_at = models.DateTimeField(auto_now_add=True)
    stopped_at = models.DateTimeField(null=True, blank=True, editable=False)
    stopped_because = models.CharField(max_length=200, blank=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("webhook", args=[self.mission.code, self.pk])

    def reader(self) -> Reader:
        """The owner in this mission alone, cleared for no more than the webhook may carry."""
        held = grant_in(self.owner, self.mission_id)
        if held is None:
            return Reader({}, self.owner_id)
        level = min(held.clearance, self.classification)
        return Reader({self.mission_id: replace(held, clearance=level)}, self.owner_id)


class Delivery(Tried):
    """One event for one webhook, stored with what caused it and kept until it arrived.

    It names the record; what is sent of it is read when it is sent, as its reader may then see it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        WITHHELD = "withheld", _("Not sent: no longer to be seen")
        GIVEN_UP = "given_up", _("Given up")

    message = models.UUIDField(default=uuid.uuid4, unique=True)  # its id for the receiver
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=30, choices=event_choices)
    record = models.BigIntegerField(null=True)
    happened_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tried_at = models.DateTimeField(null=True, blank=True, editable=False)
    status = models.PositiveSmallIntegerField(null=True)  # of the last answer
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["webhook", "record"], name="exchange_delivery_waiting",
                condition=Q(state="waiting"),
            ),
            models.Index(fields=["webhook", "-id"], name="exchange_delivery_newest"),
        ]  # fmt: skip

"""A member's own webhooks: where other systems are told, and what came of each telling."""

from __future__ import annotations

from django import forms
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from exchange.choices import EventKind
from exchange.declared import event_choices
from exchange.models import Webhook
from exchange.webhooks.services import replay, save_webhook, send_test, start, stop
from missions.choices import Classification
from records.asked import no_such_page
from records.forms import limit_to_clearance
from records.pages import PAGE_SIZE, ActionPage, ContentPage, FormPage, OfRecord, RecordPage


def askable() -> list[tuple[str, str]]:
    """Kinds of event a webhook may ask for."""
    return [(value, label) for value, label in event_choices() if value != EventKind.TEST]


class WebhookForm(forms.Form):
    name = forms.CharField(label=_("What it is for"), max_length=100)
    url = forms.URLField(
        label=_("Address"), max_length=500, assume_scheme="https",
        help_text=_("Each event is sent there as JSON, signed as Standard Webhooks say."),
    )  # fmt: skip
    events = forms.MultipleChoiceField(
        label=_("Events"), choices=askable, widget=forms.CheckboxSelectMultiple
    )
    filters = forms.CharField(
        label=_("Only those that match"), required=False, max_length=500,
        help_text=_("Filters of the API, such as kind=killing&field_office=3."),
    )  # fmt: skip
    classification = forms.TypedChoiceField(
        label=_("Up to"), coerce=int, choices=Classification.choices, initial=0,
        help_text=_("What is more secret is never sent, though you may see it."),
    )  # fmt: skip
    sections = (
        (_("Where to"), ("name", "url")),
        (_("What"), ("events", "filters", "classification")),
    )
    wide = ("events", "filters")

    def __init__(self, *args, mission, user, clearance, **kwargs):
        super().__init__(*args, **kwargs)
        limit_to_clearance(self, clearance)

    def values(self) -> dict:
        return self.cleaned_data


class Webhooks(ContentPage):
    template_name = "exchange/webhooks/webhooks.html"
    section = "webhooks"

    def get_context_data(self, **kwargs):
        own = self.visible_here(Webhook.objects.select_related("mission"))
        return super().get_context_data(webhooks=own, **kwargs)


class WebhookPage(RecordPage):
    queryset = Webhook.objects.select_related("mission")
    context_object_name = "webhook"
    template_name = "exchange/webhooks/webhook.html"
    section = "webhooks"
    parameters = {"page": None}

    def not_understood(self, context):
        return [
            *super().not_understood(context),
            *no_such_page(self.request.GET, context["page"].paginator),
        ]

    def get_context_data(self, **kwargs):
        deliveries = self.object.deliveries.all()
        page = Paginator(deliveries, PAGE_SIZE).get_page(self.request.GET.get("page"))
        labels = dict(event_choices())
        return super().get_context_data(
            page=page, events=[labels.get(kind, kind) for kind in self.object.events], **kwargs
        )


class AddWebhook(FormPage):
    form_class = WebhookForm
    service = staticmethod(save_webhook)
    section = "webhooks"
    title = _("A new webhook")

    def allowed(self) -> bool:
        return True  # what it tells is what its owner may see


class EditWebhook(OfRecord):
    model = Webhook
    owner = "webhook"
    form_class = WebhookForm
    service = staticmethod(save_webhook)
    section = "webhooks"
    title = _("Change the webhook")

    def permitted(self) -> bool:
        return True  # only its owner sees it

    def get_initial(self):
        names = ("name", "url", "events", "filters", "classification")
        return {name: getattr(self.record, name) for name in names}

    def given(self):
        return super().given() | {"mission": self.mission}


class WebhookAction(ActionPage):
    queryset = Webhook.objects.select_related("mission")


class Test(WebhookAction):
    def act(self) -> str:
        send_test(self.record)
        return gettext("A test is on its way; its outcome shows below.")


class Stop(WebhookAction):
    def act(self) -> str:
        stop(self.record)
        return gettext("Switched off. What happens meanwhile is not told.")


class Start(WebhookAction):
    def act(self) -> str:
        start(self.record)
        return gettext("Switched on. What waited is sent now.")


class Replay(WebhookAction):
    def act(self) -> str:
        replay(get_object_or_404(self.record.deliveries.all(), pk=self.kwargs["delivery"]))
        return gettext("It is sent again, as its record stands now.")

"""A member's own notifications, and what they want to be told by e-mail."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from exchange.declared import notification_choices
from exchange.models import Notification
from exchange.notifications.services import preference_of, set_preference
from records.asked import no_such_page
from records.pages import PAGE_SIZE, ContentPage, FormPage, MissionPage, PostOnly


class Notifications(ContentPage):
    template_name = "exchange/notifications/notifications.html"
    section = "notifications"
    parameters = {"page": None}

    def not_understood(self, context):
        return [
            *super().not_understood(context),
            *no_such_page(self.request.GET, context["page"].paginator),
        ]

    def get_context_data(self, **kwargs):
        rows = Notification.objects.of(self.request.user, self.mission).select_related("mission")
        page = Paginator(rows, PAGE_SIZE).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, **kwargs)


class OpenNotification(MissionPage, View):
    """Go to what happened; from then on it counts as read."""

    def get(self, request, *args, **kwargs) -> HttpResponseRedirect:
        own = Notification.objects.of(request.user, self.mission)
        row = get_object_or_404(own, pk=kwargs["pk"])
        own.unread().filter(pk=row.pk).update(read_at=timezone.now())
        return HttpResponseRedirect(row.path)


class ReadAll(MissionPage, PostOnly):
    def post(self, request, *args, **kwargs) -> HttpResponseRedirect:
        own = Notification.objects.of(request.user, self.mission).unread()
        own.update(read_at=timezone.now())
        return HttpResponseRedirect(self.belongs_to())

    def belongs_to(self) -> str:
        return reverse("notifications", args=[self.mission.code])


def _time(label, **more) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, required=False, widget=widget, **more)


class PreferenceForm(forms.Form):
    is_on_duty = forms.BooleanField(
        label=_("I am on duty"), required=False,
        help_text=_(
            "What cannot wait comes to those on duty, and the most urgent by e-mail too. With nobody"
            " on duty, all who may act on it are told in the portal."
        ),
    )  # fmt: skip
    by_email = forms.MultipleChoiceField(
        label=_("Also by e-mail"), required=False, choices=notification_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("E-mails say that something happened and where to look, nothing more."),
    )  # fmt: skip
    quiet_from = _time(
        _("Quiet from"), help_text=_("By the mission's clocks. Urgent matters come all the same.")
    )
    quiet_until = _time(_("Quiet until"))
    sections = (
        (_("Duty"), ("is_on_duty",)),
        (_("E-mail"), ("by_email",)),
        (_("Quiet hours"), ("quiet_from", "quiet_until")),
    )
    wide = ("by_email",)

    def __init__(self, *args, mission, user, clearance, **kwargs):
        super().__init__(*args, **kwargs)

    def clean(self):
        super().clean()
        if (self.cleaned_data.get("quiet_from") is None) != (
            self.cleaned_data.get("quiet_until") is None
        ) and not self.errors:
            self.add_error("quiet_until", _("Give both ends of the quiet hours, or neither."))
        return self.cleaned_data


class Preferences(FormPage):
    form_class = PreferenceForm
    section = "notifications"
    title = _("What I am told")

    def allowed(self) -> bool:
        held = self.request.user.memberships.current().filter(mission=self.mission).first()
        if held is not None:
            self.membership = held
        return held is not None

    def get_initial(self):
        preference = preference_of(self.membership)
        names = ("is_on_duty", "by_email", "quiet_from", "quiet_until")
        return {name: getattr(preference, name) for name in names}

    def form_valid(self, form):
        set_preference(self.membership, **form.cleaned_data)
        messages.success(self.request, _("Saved."))
        return HttpResponseRedirect(reverse("notifications", args=[self.mission.code]))

"""A person's own access tokens, for the programs that read and write in their name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from exchange.tokens.services import LONGEST, issue_token
from missions.models import Mission
from poc_portal.api.router import resource_names
from records.pages import PostOnly, place_errors


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What it is for"), max_length=100,
        help_text=_("The program or file that will use it, to know it again when it is revoked."),
    )  # fmt: skip
    may_write = forms.TypedChoiceField(
        label=_("Access"), coerce=lambda value: value == "yes", initial="no",
        choices=[("no", _("read only")), ("yes", _("read and write"))],
        help_text=_("Never more than you may yourself."),
    )  # fmt: skip
    days = forms.IntegerField(
        label=_("Good for, in days"), min_value=1, max_value=LONGEST, initial=90
    )
    resources = forms.MultipleChoiceField(
        label=_("Only these resources"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of them."),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        resources: Any = self.fields["resources"]
        resources.choices = [(name, name) for name in resource_names()]


class TokensPage(LoginRequiredMixin, FormView):
    """Lists the tokens and makes one, which is shown in the answer and never again."""

    template_name = "exchange/tokens/tokens.html"
    form_class = TokenForm
    request: Any  # of somebody signed in

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        missions = Mission.objects.visible_to(request.user)[:2]
        if len(missions) == 1:
            request.mission = missions[0]  # type: ignore[attr-defined]
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            tokens=self.request.user.auth_token_set.all(),
            missions=Mission.objects.visible_to(self.request.user),
            now=timezone.now(),
            **kwargs,
        )

    def form_valid(self, form) -> HttpResponse:
        try:
            record, token = issue_token(user=self.request.user, **form.cleaned_data)
        except ValidationError as error:
            place_errors(form, error)
            return self.form_invalid(form)
        context = self.get_context_data(form=TokenForm(), made=record, token=token)
        return self.render_to_response(context)

    def form_invalid(self, form) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response


class RevokeToken(LoginRequiredMixin, PostOnly):
    def post(self, request: Any, digest: str) -> HttpResponseRedirect:
        token = get_object_or_404(request.user.auth_token_set.all(), pk=digest)
        token.delete()
        messages.success(request, gettext("“%(name)s” no longer opens anything.") % {"name": token})
        return HttpResponseRedirect(self.belongs_to())

    def belongs_to(self) -> str:
        return reverse("tokens")

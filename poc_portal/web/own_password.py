"""One's own password, changed in the administration; the old one is a try like any other."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth import authenticate
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse_lazy

from poc_portal.web.guessing import wait_told


class OwnPasswordForm(AdminPasswordChangeForm):
    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        """Asked where every password is, so that it is counted."""
        given = self.cleaned_data["old_password"]
        found = authenticate(self.request, username=self.user.get_username(), password=given)
        if found is not None and found.pk == self.user.pk:
            return given
        wait = getattr(self.request, "sign_in_wait", None)
        said = self.error_messages["password_incorrect"] if wait is None else wait_told(wait)
        raise ValidationError(said, code="password_incorrect")


class OwnPasswordPage(PasswordChangeView):
    form_class = OwnPasswordForm
    template_name = "registration/password_change_form.html"
    success_url = reverse_lazy("admin:password_change_done")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**admin.site.each_context(self.request), **kwargs)

    def form_invalid(self, form: Any) -> Any:
        response = super().form_invalid(form)
        wait = getattr(self.request, "sign_in_wait", None)
        if wait is not None:
            response.status_code = 429
            response["Retry-After"] = str(wait)
        return response

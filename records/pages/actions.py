"""Buttons of pages: one POST, then back with what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.generic import View

from records.pages.mission import MissionPage


class PostOnly(View):
    """An address that takes only what a button or form sends.

    Who opens it themselves, from their history or a link, is led to the page it belongs to.
    """

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        address = self.belongs_to()
        messages.info(
            request, gettext("Nothing was changed: that address only takes what a button sends.")
        )
        return HttpResponseRedirect(address)

    def belongs_to(self) -> str:
        """The page that holds the button. Raises Http404 where the reader may not see it."""
        raise NotImplementedError


class ActionPage(MissionPage, PostOnly):
    """A button of a record's page: one POST, then back to the page with what came of it."""

    queryset: Any

    def belongs_to(self) -> str:
        record = get_object_or_404(self.visible_here(self.queryset.all()), pk=self.kwargs["pk"])
        return record.get_absolute_url()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        self.record = get_object_or_404(self.visible_here(self.queryset.all()), pk=kwargs["pk"])
        try:
            messages.success(request, self.act())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(self.back())

    def act(self) -> str:
        """Call the service; returns what to say. Its ValidationError is said instead."""
        raise NotImplementedError

    def back(self) -> str:
        return self.record.get_absolute_url()

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken


class AccessToken(AbstractAuthToken):
    """What a program signs in with instead of a person: kept as a digest, narrower than the person.

    It never allows more than its user may do.
    """

    name = models.CharField(_("name"), max_length=100)
    may_write = models.BooleanField(_("may write"), default=False)
    resources = ArrayField(
        models.CharField(max_length=50), verbose_name=_("resources"), default=list, blank=True,
        help_text=_("Names of resources of the API; none: all."),
    )  # fmt: skip
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta(AbstractAuthToken.Meta):
        verbose_name = _("access token")
        abstract = False
        ordering = ("-created",)

    def __str__(self) -> str:
        return self.name

    def allows(self, method: str, resource: str | None) -> bool:
        """Whether a request may be made with it; a view that is no resource asks for all."""
        if method not in ("GET", "HEAD", "OPTIONS") and not self.may_write:
            return False
        return not self.resources or resource in self.resources

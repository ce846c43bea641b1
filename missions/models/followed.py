"""In which transaction a record was written, so that its changes can be followed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Func
from django.utils.translation import gettext_lazy as _


class CurrentTransaction(Func):
    """Identifier of the transaction that writes the row; they rise in the order of beginning."""

    template = "(pg_current_xact_id()::text::bigint)"
    arity = 0
    output_field = models.BigIntegerField()


class Followed(models.Model):
    """A record whose changes other systems follow in the order they are committed.

    ``changed_in`` is kept by triggers (see ``records.feed.triggers``), whoever writes the row.
    ``unseen_fields``: shown to nobody; a change of them alone is none.
    """

    unseen_fields: ClassVar[tuple[str, ...]] = ()

    changed_in = models.BigIntegerField(
        _("changed in transaction"), db_default=CurrentTransaction(), editable=False
    )

    class Meta:
        abstract = True

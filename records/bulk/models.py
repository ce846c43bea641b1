from django.db import models
from django.utils.translation import gettext_lazy as _

BESIDE = "\x1f"  # before the number of an identifier that is kept beside a hidden record's


class ExternalId(models.Model):
    """What another system calls a record, so that the same row sent twice is one record.

    Kinds whose model has columns of its own for it are not in here (``external_fields``).
    """

    mission = models.ForeignKey("missions.Mission", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=50)  # label of the model
    source = models.CharField(_("source"), max_length=50)
    value = models.CharField(_("identifier at the source"), max_length=250)
    record = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="records_external_id", fields=("mission", "kind", "source", "value")
            )
        ]

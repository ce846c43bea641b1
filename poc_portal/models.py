"""What the installation keeps of itself: its layout, and what the API remembers of its callers."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Layout(models.Model):
    """One row: which layout of tables the database was made with; see ``postgres.layout``."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    version = models.CharField(max_length=20)  # of the portal that made it

    def __str__(self) -> str:
        return f"{self.number} ({self.version})"


class RateWindow(models.Model):
    """How many requests a caller made in the present minute. Unlogged: a crash may forget it."""

    caller = models.CharField(max_length=140, primary_key=True)
    minute = models.BigIntegerField()
    count = models.IntegerField()


class SignInTries(models.Model):
    """Failed sign-ins of the last hour, of an account, an address or a device; see ``web.guessing``."""

    key = models.CharField(max_length=140, primary_key=True)
    failed_at = ArrayField(models.DateTimeField(), default=list)
    last_at = models.DateTimeField(null=True, db_index=True)
    told_at = models.DateTimeField(null=True)  # when the account's owner was told

    def __str__(self) -> str:
        return self.key


class SentOnce(models.Model):
    """The answer to a request that carried an Idempotency-Key, for when it is sent again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request = models.CharField(max_length=64)  # digest of method, address, type and body
    status = models.PositiveSmallIntegerField(default=0)
    content_type = models.CharField(max_length=100, default="")
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="sent_once", fields=("user", "key")),
        ]

from celery import shared_task
from django.core.management import call_command

from exchange.intake import files
from exchange.notifications import services as notifications
from exchange.notifications import tries
from exchange.webhooks import services as webhooks
from poc_portal.api import by_password
from poc_portal.web import guessing, pace


@shared_task
def send_emails() -> int:
    """Send the e-mails that are due. Safe to run twice at once."""
    return notifications.send_emails()


@shared_task
def deliver_webhooks() -> int:
    """Send what is due. Safe to run twice at once, and to be killed."""
    return webhooks.deliver_due()


@shared_task
def take_files() -> int:
    """Bring in the files that were asked for. Safe to run twice at once, and to be killed."""
    return files.take_files()


@shared_task
def forget_files() -> None:
    """Drop what files held that nobody touched for some days."""
    files.forget_files()


@shared_task
def tell_of_tries() -> int:
    """Tell owners of accounts somebody tried to sign in as. Safe to run twice at once."""
    return tries.tell_of_tries()


@shared_task
def forget_tries() -> None:
    """Drop counts of failed sign-ins of yesterday."""
    guessing.forget_tries()


@shared_task
def forget_ended() -> None:
    """Drop sessions and tokens of sign-ins that have ended, and counts of earlier minutes."""
    call_command("clearsessions")
    by_password.forget_expired()
    pace.forget_counts()

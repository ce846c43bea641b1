from celery import shared_task

from missions import notifications


@shared_task
def send_emails() -> int:
    """Send the e-mails that are due. Safe to run twice at once."""
    return notifications.send_emails()

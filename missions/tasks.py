from celery import shared_task

from missions import feed, notifications, webhooks


@shared_task
def send_emails() -> int:
    """Send the e-mails that are due. Safe to run twice at once."""
    return notifications.send_emails()


@shared_task
def keep_marks() -> None:
    """Mark this moment among the changes; see ``missions.feed``."""
    feed.keep_marks()


@shared_task
def deliver_webhooks() -> int:
    """Send what is due. Safe to run twice at once, and to be killed."""
    return webhooks.deliver_due()

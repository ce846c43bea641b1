from celery import shared_task

from poc_portal.api import once


@shared_task
def forget_sent() -> None:
    """Drop answers kept for repeated requests; see ``poc_portal.api.once``."""
    once.forget_sent()

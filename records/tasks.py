from celery import shared_task

from records.feed import reading as feed


@shared_task
def keep_marks() -> None:
    """Mark this moment among the changes; see ``records.feed.reading``."""
    feed.keep_marks()

from celery import shared_task
from celery.signals import worker_ready
from django.db.utils import InterfaceError, OperationalError

from threats.services import scores


@shared_task(
    autoretry_for=(OperationalError, InterfaceError),
    retry_backoff=1,
    retry_backoff_max=30,
    max_retries=10,
)
def recompute_pending() -> int:
    """Recompute the scores that were asked for. Safe to run twice at once."""
    return scores.recompute_pending()


@shared_task
def request_daily_scores() -> int:
    """Ask for scores wherever a new day has none."""
    return scores.request_daily_scores()


@worker_ready.connect
def take_up_unfinished_work(**kwargs) -> None:
    """What a killed worker left undone is taken up as soon as one is back."""
    recompute_pending.delay()

from celery import shared_task
from celery.signals import worker_ready
from django.db.utils import InterfaceError, OperationalError

from poc_portal.celery import wake
from threats.scoring import recompute as scores
from threats.scoring import training
from threats.sources.pulls import runs as pulls


@shared_task(
    autoretry_for=(OperationalError, InterfaceError),
    retry_backoff=1,
    retry_backoff_max=30,
    max_retries=10,
)
def recompute_pending() -> int:
    """Recompute the scores that take but a moment. Safe to run twice at once."""
    return scores.recompute_pending()


@shared_task
def recompute_whole() -> int:
    """Recompute all scores of the missions this was asked for. Safe to run twice at once."""
    return scores.recompute_whole()


@shared_task
def request_daily_scores() -> int:
    """Ask for scores wherever a new day has none."""
    return scores.request_daily_scores()


@shared_task
def keep_models_current() -> int:
    """Train and judge wherever a month has passed. Returns how many models are new."""
    return training.keep_models_current()


@shared_task
def run_pulls() -> int:
    """Run the pulls that are due. Safe to run twice at once, and to be killed."""
    return pulls.run_due()


@worker_ready.connect
def take_up_unfinished_work(**kwargs) -> None:
    """What a killed worker left undone is taken up as soon as one is back."""
    for task in (recompute_pending, recompute_whole, request_daily_scores):
        wake(task.name)

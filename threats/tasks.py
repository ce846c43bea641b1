import datetime

from celery import shared_task
from celery.signals import worker_ready
from django.db.utils import InterfaceError, OperationalError

from missions.models import Mission
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
    """Recompute the scores that were asked for. Safe to run twice at once."""
    return scores.recompute_pending()


@shared_task
def request_daily_scores() -> int:
    """Ask for scores wherever a new day has none."""
    return scores.request_daily_scores()


@shared_task
def keep_models_current() -> int:
    """Train and judge wherever a month has passed. Returns how many models are new."""
    trained = 0
    for mission in Mission.objects.all():
        trained += training.train_if_due(mission) is not None
        training.judge_if_due(mission)
    return trained


@shared_task
def train_model(mission_id: int) -> str:
    """Train a mission's model now. Returns its version; raises TooLittleHistory."""
    return training.train(Mission.objects.get(pk=mission_id)).version


@shared_task
def judge_forecasts(mission_id: int, first: str, last: str) -> int:
    """Backtest a mission over a period of ISO dates. Returns the id of the stored figures."""
    mission = Mission.objects.get(pk=mission_id)
    judged = training.judge(
        mission,
        first=datetime.date.fromisoformat(first),
        last=datetime.date.fromisoformat(last),
    )
    return judged.pk


@shared_task
def run_pulls() -> int:
    """Run the pulls that are due. Safe to run twice at once, and to be killed."""
    return pulls.run_due()


@worker_ready.connect
def take_up_unfinished_work(**kwargs) -> None:
    """What a killed worker left undone is taken up as soon as one is back."""
    recompute_pending.delay()
    request_daily_scores.delay()

import logging
import os
from pathlib import Path

from celery import Celery
from celery.signals import beat_init, worker_init
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "poc_portal.settings")
app = Celery("poc_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def make_message_folders(**kwargs) -> None:
    """The filesystem transport expects its folders to exist."""
    options = app.conf.broker_transport_options
    for key in ("data_folder_in", "control_folder"):
        if key in options:
            Path(options[key]).mkdir(parents=True, exist_ok=True)


worker_init.connect(make_message_folders)
beat_init.connect(make_message_folders)


def wake(task: str) -> None:
    """Send a task without waiting for a broker that is away: a sweep will do its work."""
    try:
        make_message_folders()
        app.send_task(task, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("%s was not sent (%s); the next sweep will do its work", task, error)

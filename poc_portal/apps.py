from django.apps import AppConfig

from poc_portal.celery import schedule_sweeps
from poc_portal.queues import SHORT, Sweep
from poc_portal.web import days


class PortalConfig(AppConfig):
    name = "poc_portal"
    verbose_name = "POC Portal"
    navigation_module = "poc_portal.navigation"
    # Answers kept for repeated requests.
    sweeps = (Sweep("poc_portal.tasks.forget_sent", SHORT, 3600),)

    def ready(self) -> None:
        from poc_portal import checks  # noqa: F401 - registers them

        schedule_sweeps()
        days.install()

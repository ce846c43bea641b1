from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from poc_portal.queues import SHORT, Sweep


def _follow_changes(using: str, **kwargs) -> None:
    from records.feed.triggers import install

    install(using)


class RecordsConfig(AppConfig):
    name = "records"
    verbose_name = _("Records")
    api_module = "records.organisation.api"
    demo_module = "records.organisation.demo"
    extensions_module = "records.extensions"
    navigation_module = "records.navigation"
    context_processors = ("records.context_processors.current_mission",)
    middleware = ("records.reading_as.ReadingAsMiddleware",)
    urls_module = "records.urls"
    # Marks among the changes.
    sweeps = (Sweep("records.tasks.keep_marks", SHORT, 60),)

    def ready(self) -> None:
        post_migrate.connect(_follow_changes, sender=self)

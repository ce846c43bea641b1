from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def _follow_changes(using: str, **kwargs) -> None:
    from missions.following import install

    install(using)


class MissionsConfig(AppConfig):
    name = "missions"
    verbose_name = _("Missions")
    api_module = "missions.api"

    def ready(self) -> None:
        post_migrate.connect(_follow_changes, sender=self)

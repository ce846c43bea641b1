from django.apps import AppConfig, apps
from django.core.management import call_command
from django.db.models.signals import post_migrate


def make_cache_table(using: str, **kwargs) -> None:
    call_command("createcachetable", database=using, verbosity=0)


class PortalConfig(AppConfig):
    name = "poc_portal"
    verbose_name = "POC Portal"

    def ready(self) -> None:
        # Sent for apps with models only; this one has none, and content types are always there.
        post_migrate.connect(make_cache_table, sender=apps.get_app_config("contenttypes"))

from django.apps import AppConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate


def make_cache_table(using: str, **kwargs) -> None:
    call_command("createcachetable", database=using, verbosity=0)


class PortalConfig(AppConfig):
    name = "poc_portal"
    verbose_name = "POC Portal"

    def ready(self) -> None:
        post_migrate.connect(make_cache_table, sender=self)

from django.apps import AppConfig
from django.db import connection
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from poc_portal.queues import SHORT, Sweep


class StrategiesConfig(AppConfig):
    name = "strategies"
    verbose_name = _("Strategies")
    api_module = "strategies.api"
    demo_module = "strategies.demo"
    exchange_module = "strategies.exchange"
    navigation_module = "strategies.navigation"
    search_module = "strategies.search"
    signs_module = "strategies.reading.signs"
    extensions_module = "strategies.extensions"
    urls_module = "strategies.urls"
    sweeps = (
        # By the mission's own day, which no crontab knows; does nothing where there is one already.
        Sweep("strategies.tasks.prepare_due_briefs", SHORT, 300),
        Sweep("strategies.tasks.make_brief_pdfs", SHORT, 60),
    )
    enumerations = {
        "Tier": "strategies.choices.Tier",
        "ActivityStatus": "strategies.choices.ActivityStatus",
        "StrategyStatus": "strategies.choices.StrategyStatus",
    }

    def ready(self) -> None:
        post_migrate.connect(_load_catalogue, sender=self)


def _load_catalogue(**kwargs) -> None:
    """The shipped catalogue follows the code, in every database, the tests' included."""
    from strategies.models import CatalogueActivity
    from strategies.reading.catalogue import load_catalogue

    # A migration back, or of another app alone, may leave the table out.
    if CatalogueActivity._meta.db_table in connection.introspection.table_names():
        load_catalogue()

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from missions.signals import areas_changed, clocks_changed
from poc_portal.queues import LONG, OUT, SHORT, Sweep


class ThreatsConfig(AppConfig):
    name = "threats"
    verbose_name = _("Threats")
    api_module = "threats.api"
    demo_module = "threats.demo"
    exchange_module = "threats.exchange"
    extensions_module = "threats.extensions"
    navigation_module = "threats.navigation"
    search_module = "threats.search"
    urls_module = "threats.urls"
    sweeps = (
        Sweep("threats.tasks.recompute_pending", SHORT, 5),
        Sweep("threats.tasks.recompute_whole", LONG, 15),
        Sweep("threats.tasks.request_daily_scores", SHORT, 600),
        # Looks whether a month has passed; the first time when what people wait for is done.
        Sweep("threats.tasks.keep_models_current", LONG, 180),
        Sweep("threats.tasks.run_pulls", OUT, 60),
    )
    enumerations = {
        "Phase": "threats.choices.Phase",
        "GraveViolation": "threats.choices.GraveViolation",
        "ThreatKind": "threats.choices.ThreatKind",
        "ThreatStatus": "threats.choices.ThreatStatus",
        "AlertKind": "threats.alerts.choices.AlertKind",
        "AlertStage": "threats.alerts.choices.AlertStage",
        "SourceKind": "threats.choices.SourceKind",
        "BaseKind": "threats.presence.choices.PostKind",
        "Strength": "threats.presence.choices.Strength",
    }

    def ready(self) -> None:
        areas_changed.connect(_place_records, dispatch_uid="threats")
        clocks_changed.connect(_date_alerts, dispatch_uid="threats")


def _place_records(mission, **kwargs) -> None:
    from threats.sources.places import place_records

    place_records(mission)


def _date_alerts(mission, **kwargs) -> None:
    from threats.services.alerts import date_by_clocks

    date_by_clocks(mission)

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from missions.signals import areas_changed


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
    enumerations = {
        "Phase": "threats.choices.Phase",
        "ThreatKind": "threats.choices.ThreatKind",
        "ThreatStatus": "threats.choices.ThreatStatus",
        "AlertKind": "threats.choices.AlertKind",
        "AlertStage": "threats.choices.AlertStage",
        "SourceKind": "threats.choices.SourceKind",
        "BaseKind": "threats.presence.choices.PostKind",
        "Strength": "threats.presence.choices.Strength",
    }

    def ready(self) -> None:
        areas_changed.connect(_place_records, dispatch_uid="threats")


def _place_records(mission, **kwargs) -> None:
    from threats.sources.places import place_records

    place_records(mission)

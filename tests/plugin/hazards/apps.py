from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HazardsConfig(AppConfig):
    name = "tests.plugin.hazards"
    label = "hazards"
    verbose_name = _("Explosive hazards")
    default_auto_field = "django.db.models.BigAutoField"
    urls_module = "tests.plugin.hazards.urls"
    api_module = "tests.plugin.hazards.api"
    extensions_module = "tests.plugin.hazards.extensions"
    navigation_module = "tests.plugin.hazards.urls"
    search_module = "tests.plugin.hazards.api"

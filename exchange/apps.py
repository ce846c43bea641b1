from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    name = "exchange"
    verbose_name = _("Exchange")
    api_module = "exchange.api"
    navigation_module = "exchange.navigation"
    context_processors = ("exchange.context_processors.unread",)
    urls_module = "exchange.urls"

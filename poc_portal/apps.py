from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "poc_portal"
    verbose_name = "POC Portal"
    navigation_module = "poc_portal.navigation"

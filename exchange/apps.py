from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from missions.signals import membership_changed, password_set
from poc_portal.queues import LONG, OUT, SHORT, Sweep
from records.signals import declassified


class ExchangeConfig(AppConfig):
    name = "exchange"
    verbose_name = _("Exchange")
    api_module = "exchange.api"
    navigation_module = "exchange.navigation"
    context_processors = ("exchange.context_processors.unread",)
    urls_module = "exchange.urls"
    sweeps = (
        Sweep("exchange.tasks.send_emails", OUT, 60),
        Sweep("exchange.tasks.deliver_webhooks", OUT, 5),
        Sweep("exchange.tasks.take_files", LONG, 15),
        Sweep("exchange.tasks.forget_files", SHORT, 3600),
        Sweep("exchange.tasks.tell_of_tries", OUT, 60),
        Sweep("exchange.tasks.forget_tries", SHORT, 3600),
        Sweep("exchange.tasks.forget_ended", SHORT, 3600),
    )

    def ready(self) -> None:
        membership_changed.connect(_tell_of_access, dispatch_uid="exchange")
        declassified.connect(_tell_declassified, dispatch_uid="exchange")
        password_set.connect(_end_tokens, dispatch_uid="exchange")


def _tell_of_access(membership, act, by, **kwargs) -> None:
    from exchange.notifications.access import tell_of_access

    tell_of_access(membership, act, by)


def _end_tokens(account, **kwargs) -> None:
    from exchange.notifications.passwords import tell_password_set
    from poc_portal.web.guessing import forget_account

    forget_account(account.get_username())  # who was kept out comes in with the new one at once
    account.auth_token_set.all().delete()
    tell_password_set(account)


def _tell_declassified(record, by, **kwargs) -> None:
    from exchange.notifications.access import tell_declassified

    tell_declassified(record, by)

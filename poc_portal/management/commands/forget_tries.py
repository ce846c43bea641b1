from __future__ import annotations

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from poc_portal.web.guessing import forget_account, forget_address


class Command(BaseCommand):
    help = (
        "Forget the failed sign-ins counted of an account or an address, so that who was kept out "
        "may try at once. What is counted ends by itself within the hour."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--account", help="the name it signs in with")
        parser.add_argument("--address", help="as the log has it; of IPv6 its whole /64")

    def handle(self, *args, **options) -> None:
        account, address = options["account"], options["address"]
        if not account and not address:
            raise CommandError("Give --account or --address.")
        if account:
            if not get_user_model()._default_manager.filter(username=account).exists():
                raise CommandError(f"There is no account {account!r}.")
            self.stdout.write(f"{account}: {forget_account(account)} failed tries forgotten.")
        if address:
            self.stdout.write(f"{address}: {forget_address(address)} failed tries forgotten.")

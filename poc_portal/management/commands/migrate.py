from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate

from poc_portal.postgres.layout import OlderLayout, require_present_layout


class Command(Migrate):
    help = "Bring the database to the portal's layout; one made before 0.1.0 is refused."

    def handle(self, *args, **options) -> None:
        try:
            require_present_layout(options["database"])
        except OlderLayout as error:
            raise CommandError(str(error)) from None
        super().handle(*args, **options)

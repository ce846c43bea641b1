"""The mark of the database's layout, by which one made before 0.1.0 is told apart.

Migrations were written anew for 0.1.0, so an older database would seem to need nothing although it
lacks half of the tables. From then on migrations only go forward.
"""

from __future__ import annotations

from django.db import connections

from poc_portal.models import Layout

OLDER = (
    "This database was made before version 0.1.0, whose tables are laid out anew; it cannot be "
    "upgraded. Take a new database, or a new state directory, and start again."
)


class OlderLayout(RuntimeError):
    """The database was made before its layout bore a mark."""

    def __init__(self) -> None:
        super().__init__(OLDER)


def require_present_layout(using: str = "default") -> None:
    """Raise OlderLayout for a database with migrations of this portal's and without its mark."""
    connection = connections[using]
    tables = connection.introspection.table_names()
    if "django_migrations" not in tables or Layout._meta.db_table in tables:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM django_migrations WHERE app = %s LIMIT 1", [Layout._meta.app_label]
        )
        if cursor.fetchone():
            raise OlderLayout

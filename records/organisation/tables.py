import django_tables2 as tables

from missions.models import Component


def by_name(person: str) -> tuple[str, ...]:
    """What a column of accounts is sorted by: the name it shows."""
    return f"{person}__first_name", f"{person}__last_name", f"{person}__username"


class ComponentTable(tables.Table):
    name = tables.Column(linkify=True)

    class Meta:
        model = Component
        fields = ("name", "pillar", "kind")
        order_by = ("pillar", "name")

    def render_name(self, record):
        return str(record)

    def value_name(self, record):
        return str(record)

import django_tables2 as tables

from missions.models import Component


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

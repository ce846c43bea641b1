import django_tables2 as tables

from missions.models import Base, Component


class ComponentTable(tables.Table):
    name = tables.Column(linkify=True)

    class Meta:
        model = Component
        fields = ("name", "pillar", "kind")
        order_by = ("pillar", "name")


class BaseTable(tables.Table):
    name = tables.Column(linkify=True)
    component = tables.Column(order_by="component__name")
    since = tables.DateColumn(format="j M Y")
    until = tables.DateColumn(format="j M Y")

    class Meta:
        model = Base
        fields = ("name", "kind", "component", "strength", "since", "until")
        order_by = "name"

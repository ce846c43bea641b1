import django_tables2 as tables

from threats.presence.models import Post


class PostTable(tables.Table):
    name = tables.Column(linkify=True)
    component = tables.Column(order_by="component__name")
    since = tables.DateColumn(format="j M Y")
    until = tables.DateColumn(format="j M Y")

    class Meta:
        model = Post
        fields = ("name", "kind", "component", "strength", "since", "until")
        order_by = "name"

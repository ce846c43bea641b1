import django_tables2 as tables

from threats.presence.models import Post


def _form(record: Post) -> str | None:
    """A post has no page but its form, which is for those who may change it."""
    return record.get_absolute_url() if record.is_editable else None  # type: ignore[attr-defined]


class PostTable(tables.Table):
    name = tables.Column(linkify=_form)
    component = tables.Column(order_by="component__name")
    since = tables.DateColumn(format="SHORT_DATE_FORMAT")
    until = tables.DateColumn(format="SHORT_DATE_FORMAT")

    class Meta:
        model = Post
        fields = ("name", "kind", "component", "strength", "since", "until")
        order_by = "name"

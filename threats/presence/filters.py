import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from poc_portal.api.filters import BaseFilterSet
from threats.presence.models import Post


class PostFilterSet(BaseFilterSet):
    present_on = django_filters.DateFilter(
        method="standing", label=_("Standing on"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip

    class Meta:
        model = Post
        fields = ("kind", "component")

    def standing(self, queryset, name, value):
        return queryset.present(value)

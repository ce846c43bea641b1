import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from missions.models import Component
from poc_portal.api.filters import BaseFilterSet
from threats.filters import in_mission
from threats.presence.models import Post


class PostFilterSet(BaseFilterSet):
    present_on = django_filters.DateFilter(
        method="standing", label=_("Standing on"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip

    component = django_filters.ModelChoiceFilter(
        queryset=in_mission(Component), label=_("Component")
    )

    class Meta:
        model = Post
        fields = ("kind", "component")

    def standing(self, queryset, name, value):
        return queryset.present(value)

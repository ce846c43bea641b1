from __future__ import annotations

import datetime

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from missions.access import may_create
from records.nothing import Nothing
from records.pages import EditPage, FormPage, ListPage
from records.services import update_record
from threats.models import RiskScore
from threats.presence.filters import PostFilterSet
from threats.presence.forms import PostForm
from threats.presence.models import Post
from threats.presence.reach import CRITICAL_BAND, Help
from threats.presence.services import add_post
from threats.presence.tables import PostTable

UNREACHED_LISTED = 50
HORIZON = 30  # days


class Presence(ListPage):
    """Where the mission stands, and which communities in danger nobody reaches in time."""

    queryset = Post.objects.select_related("mission", "component")
    filterset_class = PostFilterSet
    table_class = PostTable
    template_name = "threats/presence.html"
    section = "components"
    title = _("Own presence")
    lead = _("Where troops, police and civilian components stand, and whom they reach in time.")
    empty = _("No base fits. Clear the filters, or add one.")
    nothing = Nothing(
        _("Nothing to judge yet: no base is on record."),
        _("Next: add the bases of troops and police"),
        "base-add",
    )

    def annotate(self, queryset):
        own = Post.objects.editable_by(self.request.user).filter(pk=OuterRef("pk"))
        return queryset.annotate(is_editable=Exists(own))

    def get_context_data(self, **kwargs):
        help_ = Help(self.mission, self.request.user)
        unreached = help_.unreached(self.request.user)
        return super().get_context_data(
            bases=len(help_.bases),
            unknown=help_.unknown,
            **self._judged(),
            rules=help_.rules,
            unreached=unreached[:UNREACHED_LISTED],
            unreached_total=len(unreached),
            map_since=self.mission.today - datetime.timedelta(days=365),
            may_add=may_create(self.request.user, Post, self.mission),
            **kwargs,
        )

    def _judged(self) -> dict[str, int]:
        """How many communities have a score, and how many of them are endangered."""
        scores = RiskScore.objects.visible_to(self.request.user).filter(
            mission=self.mission, horizon=HORIZON
        )
        return scores.aggregate(
            judged=Count("pk"), endangered=Count("pk", filter=Q(band__gte=CRITICAL_BAND))
        )


class PostAdd(FormPage):
    form_class = PostForm
    model = Post
    template_name = "threats/report.html"
    section = "components"
    title = _("Add a base")
    saved = _("The base is added.")
    service = staticmethod(add_post)

    def get_initial(self):
        return super().get_initial() | {"since": self.mission.today}


class PostEdit(EditPage):
    form_class = PostForm
    model = Post
    template_name = "threats/report.html"
    section = "components"
    attributes = (
        "name", "kind", "component", "strength", "since", "until", "longitude", "latitude",
        "classification",
    )  # fmt: skip
    title = _("Change the base")
    saved = _("The base is changed.")
    service = staticmethod(update_record)

from __future__ import annotations

import datetime

from django.utils.translation import gettext_lazy as _

from missions.access import may_create
from missions.filters import BasesFilterSet
from missions.models import Base
from missions.pages import EditPage, FormPage, ListPage
from missions.services import create_record, update_record
from missions.tables import BaseTable
from threats.forms.presence import BaseForm
from threats.reach import Help

UNREACHED_LISTED = 50


class Presence(ListPage):
    """Where the mission stands, and which communities in danger nobody reaches in time."""

    queryset = Base.objects.select_related("mission", "component")
    filterset_class = BasesFilterSet
    table_class = BaseTable
    template_name = "threats/presence.html"
    section = "components"
    title = _("Own presence")
    lead = _("Where troops, police and civilian components stand, and whom they reach in time.")
    empty = _("No base fits. Clear the filters, or add one.")

    def get_context_data(self, **kwargs):
        help_ = Help(self.mission, self.request.user)
        unreached = help_.unreached(self.request.user)
        return super().get_context_data(
            bases=len(help_.bases),
            unreached=unreached[:UNREACHED_LISTED],
            unreached_total=len(unreached),
            map_since=self.mission.today - datetime.timedelta(days=365),
            may_add=may_create(self.request.user, Base, self.mission),
            **kwargs,
        )


class BaseAdd(FormPage):
    form_class = BaseForm
    model = Base
    template_name = "threats/report.html"
    section = "components"
    title = _("Add a base")
    saved = _("The base is added.")

    @staticmethod
    def service(**values) -> Base:
        return create_record(Base, **values)

    def get_initial(self):
        return super().get_initial() | {"since": self.mission.today}


class BaseEdit(EditPage):
    form_class = BaseForm
    model = Base
    template_name = "threats/report.html"
    section = "components"
    attributes = (
        "name", "kind", "component", "strength", "since", "until", "longitude", "latitude",
        "classification",
    )  # fmt: skip
    title = _("Change the base")
    saved = _("The base is changed.")
    service = staticmethod(update_record)

"""Keeping armed actors: list, page, adding and changing."""

from __future__ import annotations

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import can, is_visible, may_edit, only_visible
from missions.roles import Capability
from poc_portal.tabular.names import sort_key
from records.nothing import Nothing
from records.pages import EditPage, FormPage, ListPage, RecordPage
from threats.filters import ArmedActorFilterSet
from threats.forms.actors import ActorForm, PeoplesForm
from threats.models import ArmedActor, CoalitionMember, Incident, Threat, ThreatRules
from threats.models.days import newest_first
from threats.services.actors import add_actor, edit_actor
from threats.services.peoples import set_peoples
from threats.tables import ActorTable

LISTED = 20


class ActorList(ListPage):
    queryset = ArmedActor.objects.select_related("mission")
    filterset_class = ArmedActorFilterSet
    table_class = ActorTable
    section = "actors"
    title = _("Armed actors")
    lead = _("Who is named in incidents and threats, as parties or as perpetrators.")
    empty = _("No armed actor fits. Clear the filters, or add one.")
    nothing = Nothing(
        _("Nothing to judge yet: no armed actor is on record."),
        _("Next: report incidents that name them, or add one"),
        "actor-add",
    )


class ActorPage(RecordPage):
    queryset = ArmedActor.objects.select_related("mission", "parent", "created_by")
    template_name = "threats/actor.html"
    section = "actors"

    def get_context_data(self, **kwargs):
        actor, user = self.object, self.request.user
        parent = actor.parent if actor.parent and is_visible(user, actor.parent) else None
        threats = self.visible_here(Threat.objects.filter(perpetrators=actor))
        incidents = self.visible_here(Incident.objects.filter(actors=actor))
        return super().get_context_data(
            parent=parent,
            members=seen(user, actor.belongings.select_related("member__mission"), "member"),
            coalitions=seen(
                user, actor.coalition_links.select_related("coalition__mission"), "coalition"
            ),
            parts=only_visible(user, actor.children.select_related("mission")),
            threats=threats.with_current_assessment(user).select_related("mission")[:LISTED],
            incidents=incidents.distinct()
            .select_related("mission", "admin_area")
            .order_by(*newest_first(self.mission.today))[:LISTED],
            identifiers=actor.identifiers.all(),
            may_edit=may_edit(user, actor),
            **kwargs,
        )


def seen(user, links, name: str) -> list[CoalitionMember]:
    """Links whose other end the user may see too."""
    return [link for link in links if is_visible(user, getattr(link, name))]


class Peoples(FormPage):
    """The list of names that are no armed group, for who sets the mission's rules."""

    form_class = PeoplesForm
    section = "actors"
    title = _("Peoples and faiths: no armed groups")
    lead = _("An actor so called has no kind, and is accused of nothing, until a person decides.")

    def allowed(self) -> bool:
        return can(self.request.user, self.mission, Capability.SET_RULES)

    def get_initial(self):
        return {"peoples": sorted(ThreatRules.of(self.mission).peoples, key=sort_key)}

    def form_valid(self, form):
        set_peoples(self.mission, user=self.request.user, peoples=form.cleaned_data["peoples"])
        messages.success(self.request, gettext("The list of names is changed."))
        return redirect("actor-list", self.mission.code)


class ActorAdd(FormPage):
    form_class = ActorForm
    model = ArmedActor
    section = "actors"
    title = _("Add an armed actor")
    saved = _("The armed actor is added.")
    service = staticmethod(add_actor)


class ActorEdit(EditPage):
    form_class = ActorForm
    model = ArmedActor
    section = "actors"
    attributes = ("name", "aliases", "kind", "classification")
    title = _("Change the armed actor")
    saved = _("The armed actor is changed.")
    service = staticmethod(edit_actor)

    def get_initial(self):
        actor, user = self.record, self.request.user
        parent = actor.parent if actor.parent and is_visible(user, actor.parent) else None
        return super().get_initial() | {
            "parent": str(parent) if parent else "",
            "belongings": seen(user, actor.belongings.select_related("member"), "member"),
        }

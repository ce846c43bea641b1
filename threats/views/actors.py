"""Keeping armed actors: list, page, adding and changing."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from missions.access import is_visible, may_edit, only_visible
from records.pages import EditPage, FormPage, ListPage, RecordPage
from threats.filters import ArmedActorFilterSet
from threats.forms.actors import ActorForm
from threats.models import ArmedActor, CoalitionMember, Incident, Threat
from threats.services.actors import add_actor, edit_actor
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
            .order_by("-start_date", "-pk")[:LISTED],
            identifiers=actor.identifiers.all(),
            may_edit=may_edit(user, actor),
            **kwargs,
        )


def seen(user, links, name: str) -> list[CoalitionMember]:
    """Links whose other end the user may see too."""
    return [link for link in links if is_visible(user, getattr(link, name))]


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

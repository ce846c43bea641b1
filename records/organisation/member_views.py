"""Who belongs to the mission and may see how much, for its administrators."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import can, require
from missions.members import (
    confirm_clearance,
    give_membership,
    may_confirm,
    refuse_clearance,
    withdraw_membership,
)
from missions.models import Membership
from missions.roles import Capability
from records.organisation.member_forms import AddMemberForm, EndMembershipForm, MemberForm
from records.organisation.members import update_membership
from records.pages import ActionPage, ContentPage, EditPage, FormPage, RecordPage

SECTION = "members"
WITH = Membership.objects.select_related("mission", "member", "component", "asked_by")


class Members(ContentPage):
    template_name = "records/members.html"
    section = SECTION

    def check_access(self) -> None:
        require(can(self.request.user, self.mission, Capability.ADMINISTER))

    def get_context_data(self, **kwargs):
        rows = self.visible_here(WITH).prefetch_related("field_offices")
        rows = rows.order_by("member__first_name", "member__last_name", "member__username")
        return super().get_context_data(
            memberships=rows, waiting=[row for row in rows if row.asked_clearance], **kwargs
        )


def told_saved(membership: Membership) -> str:
    """What is said of a form that was stored: what was only asked for does not hold yet."""
    if membership.asked_clearance is None:
        return gettext("Saved.")
    return gettext("Saved. The clearance asked for waits until a second administrator confirms it.")


class MemberPage(RecordPage):
    """A membership, how it came about, and what an administrator can do; one's own can be read."""

    queryset = WITH
    context_object_name = "membership"
    template_name = "records/member.html"
    section = SECTION

    def get_context_data(self, **kwargs):
        user, membership = self.request.user, self.object
        administers = can(user, self.mission, Capability.ADMINISTER)
        return super().get_context_data(
            changes=membership.changes.select_related("by"),
            may_change=administers and user.pk != membership.member_id,
            may_confirm=may_confirm(user, membership),
            form=EndMembershipForm(),
            **kwargs,
        )


class AddMember(FormPage):
    model = Membership
    form_class = AddMemberForm
    section = SECTION
    title = _("Add a member")

    def save(self, form) -> Membership:
        given = give_membership(by=self.request.user, mission=self.mission, **form.values())
        self.saved = told_saved(given)
        return given


class EditMember(EditPage):
    model = Membership
    form_class = MemberForm
    service = staticmethod(update_membership)
    section = SECTION
    title = _("Change the access")
    attributes = ("role", "clearance", "component")

    def permitted(self) -> bool:
        is_own = self.record.member_id == self.request.user.pk
        require(not is_own, gettext("Nobody changes their own access; another administrator does."))
        return can(self.request.user, self.mission, Capability.ADMINISTER)

    def save(self, form) -> Membership:
        changed = super().save(form)
        self.saved = told_saved(changed)
        return changed

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"field_offices": self.record.field_offices.all()}


class MemberAction(ActionPage):
    queryset = WITH


class ConfirmClearance(MemberAction):
    def act(self) -> str:
        confirm_clearance(self.record, by=self.request.user)
        return gettext("The clearance holds from now on.")


class RefuseClearance(MemberAction):
    def act(self) -> str:
        refuse_clearance(self.record, by=self.request.user)
        return gettext("The clearance is no longer asked for.")


class EndMembership(MemberAction):
    def act(self) -> str:
        form = EndMembershipForm(self.request.POST)
        if not form.is_valid():
            raise ValidationError(gettext("Say why this record is withdrawn."))
        withdraw_membership(self.record, by=self.request.user, **form.cleaned_data)
        return gettext("The access has ended.")

    def back(self) -> str:
        self.record.refresh_from_db()
        ended = self.record.withdrawn_at is not None
        return reverse("members", args=[self.mission.code]) if ended else super().back()

"""Telling somebody of their own account, in the portal and by e-mail, whatever they chose: nobody else
can know that it was not them."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.utils import translation
from django.utils.functional import Promise

from exchange.models import Notification
from missions.models import Membership, User


def tell_owner(owner: User, kind: str, subject: str | Promise, words: str | Promise) -> None:
    """A notification in each of their missions, and an e-mail where they have an address.

    ``words``: take the portal's ``address``. Raises OSError or SMTPException.
    """
    memberships = Membership.objects.current().filter(member=owner).select_related("mission")
    for membership in memberships:
        Notification.objects.create(
            mission=membership.mission, member=owner, kind=kind,
            path=membership.mission.get_absolute_url(),
        )  # fmt: skip
    if not owner.email:
        return
    first = next(iter(memberships), None)
    spoken = first.mission.languages if first else []
    known = [code for code in spoken if code in dict(settings.LANGUAGES)]
    with translation.override(known[0] if known else settings.LANGUAGE_CODE):
        body = str(words) % {"address": settings.PORTAL_URL}
        send_mail(str(subject), body, settings.DEFAULT_FROM_EMAIL, [owner.email])

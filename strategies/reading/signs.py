"""Good signs from what the mission did: an activity that was carried out where it was quiet."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from missions.access import only_visible
from missions.models import Mission
from strategies.choices import ActivityStatus
from strategies.models import Activity
from threats.scoring.signs import Place, Sign, fitting


def signs(mission: Mission, user, places: Mapping[int, Place]) -> dict[int, list[Sign]]:
    """Activities done for each place or against its threat, as the user may see them; 3 queries."""
    found: dict[int, list[Sign]] = {key: [] for key in places}
    done = (
        Activity.objects.visible_to(user)
        .filter(mission=mission, status=ActivityStatus.DONE, completed_on__isnull=False)
        .order_by("pk")
        .prefetch_related("threats", "communities")
    )
    for activity in done:
        assert activity.completed_on is not None  # filtered above
        threats = {threat.pk for threat in only_visible(user, activity.threats.all())}
        communities = {place.pk for place in only_visible(user, activity.communities.all())}
        for key in fitting(places, threats, communities, None):
            found[key].append(Sign(activity.completed_on, _("an activity was carried out there")))
    return found

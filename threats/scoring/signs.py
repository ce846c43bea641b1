"""Good signs: what tells that a quiet place is at peace, and not only unheard.

A sign is that somebody of the mission was there or spoke with the people, and found no violence: an
alert that was found false, or whose people were reported back to (not one that nobody could judge and
nobody verified); and what the floors above declare
in their ``signs_module`` (activities done). It counts for 90 days, and only if it is later than the
last violence known. Without one, quiet leads to no suggestion of consolidation or of closing.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import only_visible
from missions.models import Mission
from poc_portal.declarations import modules
from threats.alerts.choices import Verification
from threats.models import Alert, Community, RiskScore, Threat
from threats.rules.grading import ALERT_AWAITS

LASTS = 90  # days for which a sign counts
HORIZON = 30  # days, of the scores that tell what is silent


class Sign(NamedTuple):
    """``what``: in the reader's language, to be followed by the day."""

    day: datetime.date
    what: str | Promise

    def __str__(self) -> str:
        return gettext("%(what)s, %(day)s") % {
            "what": self.what, "day": date_format(self.day, "DATE_FORMAT"),
        }  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where signs are looked for: a threat (None for a draft), communities, an area."""

    threat: int | None
    communities: frozenset[int]
    area: int | None


@dataclass(frozen=True)
class Reassurance:
    """``signs``: rising by day. ``is_silent``: from one of the places nothing is heard."""

    signs: tuple[Sign, ...] = ()
    is_silent: bool = False

    def since(self, last: datetime.date | None, today: datetime.date) -> Sign | None:
        """The newest sign that still counts and is later than ``last``, of violence; else None."""
        oldest = today - datetime.timedelta(days=LASTS)
        for sign in reversed(self.signs):
            if oldest <= sign.day <= today and (last is None or sign.day > last):
                return None if self.is_silent else sign
        return None


def places_of(threats: Iterable[Threat], user) -> dict[int, Place]:
    """Where each threat's signs are looked for, as far as the user sees the places; one query."""
    found = list(threats)
    named: dict[int, set[int]] = defaultdict(set)
    for threat, community in Threat.communities.through.objects.filter(
        threat__in=[threat.pk for threat in found],
        community__in=Community.objects.visible_to(user).order_by(),
    ).values_list("threat_id", "community_id"):
        named[threat].add(community)
    return {
        threat.pk: Place(threat.pk, frozenset(named[threat.pk]), threat.admin_area_id)
        for threat in found
    }


def reassurance(mission: Mission, user, places: Mapping[int, Place]) -> dict[int, Reassurance]:
    """What reassures of each place, as the user may see it; two queries and those of other floors."""
    signs = {key: list(found) for key, found in _of_alerts(mission, user, places).items()}
    for module in modules("signs"):
        for key, found in module.signs(mission, user, places).items():
            signs[key] += found
    silent = set(
        RiskScore.objects.visible_to(user)
        .filter(mission=mission, horizon=HORIZON, is_silent=True)
        .order_by()
        .values_list("community_id", flat=True)
    )
    return {
        key: Reassurance(
            tuple(sorted(signs[key], key=lambda sign: sign.day)), bool(silent & place.communities)
        )
        for key, place in places.items()
    }


def fitting(
    places: Mapping[int, Place], threats: set[int], communities: set[int], area: int | None
) -> list[int]:
    """Keys of the places a record concerns that names these."""
    return [
        key
        for key, place in places.items()
        if place.threat in threats
        or place.communities & communities
        or (area is not None and area == place.area and not communities and not threats)
    ]


def _of_alerts(mission: Mission, user, places: Mapping[int, Place]) -> dict[int, list[Sign]]:
    found: dict[int, list[Sign]] = {key: [] for key in places}
    alerts = (
        Alert.objects.visible_to(user)
        .filter(
            Q(reported_back_at__isnull=False)
            | Q(verification=Verification.FALSE, verified_at__isnull=False),
            mission=mission,
        )
        .exclude(ALERT_AWAITS)
        .order_by("pk")
        .prefetch_related("threats", "communities")
    )
    for alert in alerts:
        if alert.verification == Verification.FALSE:
            moment, what = alert.verified_at, _("an alert there was found false")
        else:
            moment, what = alert.reported_back_at, _("the people there were reported back to")
        assert moment is not None  # filtered above
        named = {threat.pk for threat in only_visible(user, alert.threats.all())}
        nearby = {community.pk for community in only_visible(user, alert.communities.all())}
        for key in fitting(places, named, nearby, alert.admin_area_id):
            found[key].append(Sign(mission.day_of(moment), what))
    return found

"""People of several places together, each counted once; the rule is ``threats.rules.people``."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from django.db.models import Q

from missions.geography import distance_km
from missions.models import Mission
from threats.models import Community
from threats.rules.people import HOST_WITHIN, SITES, People, people_of


class Headcount:
    """The people of a mission's places as one reader may see them; one query.

    A site whose host the reader may not see stands for itself.
    """

    def __init__(self, mission: Mission, user):
        rows = list(
            Community.objects.for_figures(user)
            .filter(
                Q(population__isnull=False) | Q(displaced_population__isnull=False)
                | ~Q(kind__in=SITES),
                mission=mission,
            )
            .order_by("pk")
            .values_list(
                "pk", "kind", "population", "displaced_population", "longitude", "latitude"
            )
        )  # fmt: skip
        self._people = {row[0]: people_of(*row[1:4]) for row in rows}
        self._host = _hosts(rows)
        self._hosting = set(self._host.values())

    def of(self, communities: Iterable[int]) -> People:
        """Those of several places by id, each person once."""
        chosen = [pk for pk in dict.fromkeys(communities) if pk in self._people]
        there = set(chosen)
        residents: list[int] = []
        displaced: list[int] = []
        in_sites: dict[int, int] = {}
        for pk in chosen:
            found, host = self._people[pk], self._host.get(pk)
            if found.residents is not None:
                residents.append(found.residents)
            if found.displaced is None:
                continue
            if host in there:
                assert host is not None
                in_sites[host] = in_sites.get(host, 0) + found.displaced
            elif pk not in self._hosting:
                displaced.append(found.displaced)
        for pk in chosen:
            own = self._people[pk].displaced if pk in self._hosting else None
            known = [number for number in (own, in_sites.get(pk)) if number is not None]
            if known:
                displaced.append(max(known))
        return People(sum(residents) if residents else None, sum(displaced) if displaced else None)


def _hosts(rows: list[tuple]) -> dict[int, int]:
    """The host of each site that has one, by id."""
    sites = [row for row in rows if row[1] in SITES]
    others = [row for row in rows if row[1] not in SITES]
    if not sites or not others:
        return {}
    longitudes = np.array([row[4] for row in others])
    latitudes = np.array([row[5] for row in others])
    found = {}
    for site in sites:
        away = distance_km(site[4], site[5], longitudes, latitudes)
        nearest = int(np.argmin(away))
        if away[nearest] <= HOST_WITHIN:
            found[site[0]] = others[nearest][0]
    return found

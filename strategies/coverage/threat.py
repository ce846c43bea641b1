"""The matrix of one threat, with its activities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from missions.models import Mission
from strategies.coverage.cells import KEYS, Cell, Key
from strategies.coverage.states import required_cells, state_codes, state_of
from strategies.models import Activity
from threats.models import Threat


def matrices(mission: Mission, user, threats: Sequence[Threat]) -> dict[int, list[Cell]]:
    """The 12 cells of each threat by its id, in the order of KEYS, with their activities.

    Three queries, from what the user may see. For the few threats of a page.
    """
    ids = [threat.pk for threat in threats]
    codes = state_codes(mission, user, ids, [threat.phase_since for threat in threats])
    required = required_cells(mission, [threat.phase for threat in threats])
    linked: dict[int, dict[Key, list[Activity]]] = {pk: defaultdict(list) for pk in ids}
    activities = (
        Activity.objects.visible_to(user)
        .filter(mission=mission, threats__in=ids)
        .select_related("lead_component", "mission")
        .order_by("pk")
        .distinct()
    )
    known = {activity.pk: activity for activity in activities}
    links = Activity.threats.through.objects.filter(threat_id__in=ids, activity_id__in=list(known))
    for threat, activity in links.order_by("activity_id").values_list("threat_id", "activity_id"):
        found = known[activity]
        linked[threat][found.tier, found.phase].append(found)
    return {
        threat.pk: [
            Cell(
                *key,
                is_required=bool(required[row, place]),
                state=state_of(codes[row, place], required[row, place]),
                activities=linked[threat.pk][key],
            )
            for place, key in enumerate(KEYS)
        ]
        for row, threat in enumerate(threats)
    }

"""Scores of the bundled mission: a full run, and one new report."""

import statistics
import time

from missions.models import Mission, User
from strategies.demo import load_demo
from threats.services.incidents import report_incident
from threats.services.requests import request_recompute
from threats.services.scores import recompute_mission

ROUNDS = 5


def run() -> None:
    load_demo(password="benchmark")
    mission = Mission.objects.get(code="MINUSCA")
    analyst = User.objects.get(username="analyst")
    whole, single = [], []
    for _round in range(ROUNDS):
        request_recompute(mission)
        started = time.perf_counter()
        written = recompute_mission(mission.pk)
        whole.append(time.perf_counter() - started)
        report_incident(
            user=analyst, mission=mission, kind="killing", longitude=26.49, latitude=5.4,
            start_date=mission.today,
        )  # fmt: skip
        started = time.perf_counter()
        few = recompute_mission(mission.pk)
        single.append(time.perf_counter() - started)
    print(f"scores of 385 communities, median of {ROUNDS}")
    print(f"  full run, {written:,} scores: {statistics.median(whole):6.2f} s")
    print(f"  one report, {few:,} scores:  {statistics.median(single):6.3f} s")

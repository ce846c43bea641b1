"""The bundled demonstration: real events, places and offices; made-up decisions about them.

Each floor declares its part in the module it names in ``AppConfig.demo_module``, which lists
``steps``. What people would decide (accepting threats, planning activities) is marked as
demonstration and stands under accounts named after their role.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from missions.choices import Classification, Role
from missions.models import Mission, User
from missions.services import add_member, create_mission
from poc_portal.declarations import modules

CODE = "MINUSCA"
NAME = "United Nations Multidimensional Integrated Stabilization Mission in the Central African Republic"
TODAY = datetime.date(2022, 12, 31)
DATA = Path(__file__).parent
CLEARANCES = {
    Role.VIEWER: Classification.UNCLASSIFIED,
    Role.REPORTER: Classification.CONFIDENTIAL,
    Role.ANALYST: Classification.STRICTLY_CONFIDENTIAL,
    Role.PLANNER: Classification.CONFIDENTIAL,
    Role.ADVISER: Classification.STRICTLY_CONFIDENTIAL,
    Role.HEAD_OF_OFFICE: Classification.CONFIDENTIAL,
    Role.HEAD_OF_MISSION: Classification.STRICTLY_CONFIDENTIAL,
    Role.ADMIN: Classification.STRICTLY_CONFIDENTIAL,
}


@dataclass(frozen=True)
class Demo:
    """What every step works on: the mission, and the accounts by their role."""

    mission: Mission
    people: dict[Role, User]


@dataclass(frozen=True)
class Step:
    """Part of the demonstration.

    ``is_computed``: works on what all floors wrote, once that is committed.
    """

    label: str
    load: Callable[[Demo], Any]
    is_computed: bool = False


def load_demo(*, password: str, say: Callable[[str], None] = lambda step: None) -> Mission:
    """Load everything, what is written in one transaction; ``say`` is told each step.

    Does nothing twice.
    """
    existing = Mission.objects.filter(code=CODE).first()
    if existing is not None:
        return existing
    with transaction.atomic():
        say("mission and accounts")
        demo = _mission_and_accounts(password)
        _take([step for step in _steps() if not step.is_computed], demo, say)
    _take([step for step in _steps() if step.is_computed], demo, say)
    return demo.mission


def step_count() -> int:
    """How many steps ``load_demo`` announces, for a progress bar."""
    return 1 + len(_steps())


def logins() -> list[tuple[str, str]]:
    """Role label and user name of each demo account."""
    return [(str(role.label), role.value) for role in Role]


def whole(report: Any) -> None:
    """Raise RuntimeError where a bundled file was not taken whole."""
    if report.refused:
        raise RuntimeError(f"{Path(report.file).name}: {report.errors[0]}")


def _steps() -> list[Step]:
    return [step for module in modules("demo") for step in getattr(module, "steps", ())]


def _take(steps: list[Step], demo: Demo, say: Callable[[str], None]) -> None:
    for step in steps:
        say(step.label)
        step.load(demo)


def _mission_and_accounts(password: str) -> Demo:
    mission = create_mission(
        code=CODE,
        name=NAME,
        countries=["CAF"],
        languages=["fr", "sg", "en"],
        reference_date=TODAY,
    )
    people: dict[Role, User] = {}
    for role in Role:
        user = User.objects.create_user(
            username=role.value,
            password=password,
            is_staff=role == Role.ADMIN,
            is_superuser=role == Role.ADMIN,
        )
        add_member(member=user, mission=mission, role=role, clearance=CLEARANCES[role])
        people[role] = user
    return Demo(mission, people)

"""The page a mission and its components have, until a floor above has a better one."""

from django.urls import reverse

from poc_portal.declarations.extensions import Extension

extensions = [
    Extension(
        "missions.Mission", page=lambda mission: reverse("component-list", args=[mission.code])
    ),
    Extension(
        "missions.Component",
        page=lambda component: reverse("component-list", args=[component.mission.code]),
    ),
]

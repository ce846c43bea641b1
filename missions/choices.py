"""Enumerations used on several floors. Codes are those other systems see."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Classification(models.IntegerChoices):
    """How secret a record is; as a clearance, the most secret record a person may read."""

    UNCLASSIFIED = 0, _("Unclassified")
    CONFIDENTIAL = 1, _("Confidential")
    STRICTLY_CONFIDENTIAL = 2, _("Strictly confidential")


class Compartment(models.TextChoices):
    """Whose need to know a record is kept to; on a membership, what its holder needs to know."""

    HUMAN_RIGHTS = "human_rights", _("Human rights")
    CHILDREN = "children", _("Children")
    CRSV = "crsv", _("Conflict-related sexual violence")
    INTELLIGENCE = "intelligence", _("Intelligence")


class Role(models.TextChoices):
    VIEWER = "viewer", _("Viewer")
    REPORTER = "reporter", _("Reporter")
    ANALYST = "analyst", _("Analyst")
    PLANNER = "planner", _("Planner")
    ADVISER = "adviser", _("POC adviser")
    HEAD_OF_OFFICE = "head_of_office", _("Head of field office")
    HEAD_OF_MISSION = "head_of_mission", _("Head of mission")
    ADMIN = "admin", _("Administrator")


class Pillar(models.TextChoices):
    MILITARY = "military", _("Military")
    POLICE = "police", _("Police")
    CIVILIAN = "civilian", _("Civilian")
    JOINT = "joint", _("Joint")


class ComponentKind(models.TextChoices):
    MILITARY = "military", _("Military")
    UN_POLICE = "un_police", _("UN police")
    HUMAN_RIGHTS = "human_rights", _("Human rights")
    CIVIL_AFFAIRS = "civil_affairs", _("Civil affairs")
    POLITICAL_AFFAIRS = "political_affairs", _("Political affairs")
    DDR = "ddr", _("Disarmament, demobilisation and reintegration")
    CHILD_PROTECTION = "child_protection", _("Child protection")
    WOMENS_PROTECTION = "womens_protection", _("Women's protection")
    JUSTICE = "justice", _("Justice and corrections")
    MINE_ACTION = "mine_action", _("Mine action")
    JMAC = "jmac", _("Joint mission analysis centre")
    JOC = "joc", _("Joint operations centre")
    # The code is that of its earlier name, public information.
    PUBLIC_INFORMATION = "public_information", _("Strategic communications")
    POC_ADVISER = "poc_adviser", _("POC adviser")
    MISSION_SUPPORT = "mission_support", _("Mission support")
    OTHER = "other", _("Other")
    GENDER = "gender", _("Gender")
    SECURITY_SECTOR_REFORM = "security_sector_reform", _("Security sector reform")
    ELECTORAL = "electoral", _("Electoral affairs")
    HUMANITARIAN_LIAISON = "humanitarian_liaison", _("Liaison of the RC/HC and with humanitarians")
    CONDUCT_DISCIPLINE = "conduct_discipline", _("Conduct and discipline")
    HEAD_OF_OFFICE = "head_of_office", _("Head of field office")

    @property
    def pillar(self) -> Pillar:
        if self == ComponentKind.MILITARY:
            return Pillar.MILITARY
        if self == ComponentKind.UN_POLICE:
            return Pillar.POLICE
        if self in (ComponentKind.JMAC, ComponentKind.JOC):  # staffed by all three
            return Pillar.JOINT
        return Pillar.CIVILIAN

"""Enumerations of the threats floor."""

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Phase(models.TextChoices):
    PREVENTION = "prevention", _("Prevention")
    PREEMPTION = "preemption", _("Pre-emption")
    RESPONSE = "response", _("Response")
    CONSOLIDATION = "consolidation", _("Consolidation")


# Probability at which likelihood 2, 3, 4 and 5 begin, by horizon in days. A steady rate that
# crosses p in 30 days crosses 1-(1-p)^3 in 90.
DEFAULT_CUT_POINTS: dict[str, list[float]] = {
    "30": [0.02, 0.05, 0.15, 0.40],
    "90": [0.06, 0.14, 0.39, 0.78],
}


HORIZONS = (30, 90)  # days


def default_cut_points() -> dict[str, list[float]]:
    return {horizon: list(points) for horizon, points in DEFAULT_CUT_POINTS.items()}


class CommunityKind(models.TextChoices):
    TOWN = "town", _("Town")
    VILLAGE = "village", _("Village")
    DISPLACEMENT_SITE = "displacement_site", _("Displacement site")
    POC_SITE = "poc_site", _("POC site")
    UNKNOWN = "unknown", _("Unknown")


class CommunityAccess(models.TextChoices):
    OPEN = "open", _("Open")
    LIMITED = "limited", _("Limited")
    NONE = "none", _("No access")
    UNKNOWN = "unknown", _("Unknown")


class ActorKind(models.TextChoices):
    STATE_FORCES = "state_forces", _("State forces")
    NON_STATE_ARMED_GROUP = "non_state_armed_group", _("Non-state armed group")
    MILITIA = "militia", _("Militia")
    SELF_DEFENCE_GROUP = "self_defence_group", _("Self-defence group")
    BANDITS = "bandits", _("Bandits")
    IDENTITY_GROUP = "identity_group", _("Identity group (not an organisation)")
    POLICE = "police", _("Police and gendarmerie")
    FOREIGN_FORCES = "foreign_forces", _("Foreign forces")
    PRIVATE_MILITARY = "private_military", _("Private military company")
    COMMUNITY_MILITIA = "community_militia", _("Community-based militia")
    UN_FORCES = "un_forces", _("UN forces")
    UNKNOWN = "unknown", _("Unknown")


class ActorFamily(models.TextChoices):
    """Kinds of armed actor by what protection work can do about them."""

    STATE = "state", _("State forces")
    ARMED_GROUP = "armed_group", _("Armed groups")
    COMMUNITY = "community", _("Community-based militias")
    CRIMINAL = "criminal", _("Bandits")
    UN = "un", _("UN forces")


# Who is none of them (identity not established) may be any.
# Foreign forces and private companies come at a state's wish: what warns that state warns them.
FAMILY_OF: dict[str, ActorFamily] = {
    ActorKind.STATE_FORCES: ActorFamily.STATE,
    ActorKind.POLICE: ActorFamily.STATE,
    ActorKind.FOREIGN_FORCES: ActorFamily.STATE,
    ActorKind.PRIVATE_MILITARY: ActorFamily.STATE,
    ActorKind.NON_STATE_ARMED_GROUP: ActorFamily.ARMED_GROUP,
    ActorKind.MILITIA: ActorFamily.COMMUNITY,
    ActorKind.SELF_DEFENCE_GROUP: ActorFamily.COMMUNITY,
    ActorKind.IDENTITY_GROUP: ActorFamily.COMMUNITY,
    ActorKind.COMMUNITY_MILITIA: ActorFamily.COMMUNITY,
    ActorKind.BANDITS: ActorFamily.CRIMINAL,
    ActorKind.UN_FORCES: ActorFamily.UN,
}


class IncidentKind(models.TextChoices):
    KILLING = "killing", _("Killing")
    ATTACK = "attack", _("Attack")
    ABDUCTION = "abduction", _("Abduction")
    SEXUAL_VIOLENCE = "sexual_violence", _("Conflict-related sexual violence")
    CHILD_RIGHTS_VIOLATION = "child_rights_violation", _("Child-rights violation")
    LOOTING = "looting", _("Looting or destruction")
    FORCED_DISPLACEMENT = "forced_displacement", _("Forced displacement")
    CLASH = "clash", _("Clash")
    BOMBARDMENT = "bombardment", _("Shelling, air strike or explosive")
    TROOP_MOVEMENT = "troop_movement", _("Troop movement")
    TENSION = "tension", _("Tension")
    UNREST = "unrest", _("Protest or riot")
    OTHER = "other", _("Other")
    EXPLOSIVE_ORDNANCE = (
        "explosive_ordnance",
        _("Mine, improvised explosive device or remnant of war"),
    )
    INTERCOMMUNAL = "intercommunal", _("Intercommunal violence")
    CATTLE_RAIDING = "cattle_raiding", _("Cattle raiding")
    ARBITRARY_DETENTION = "arbitrary_detention", _("Arbitrary arrest or detention")
    TORTURE = "torture", _("Torture or ill-treatment")
    ENFORCED_DISAPPEARANCE = "enforced_disappearance", _("Enforced disappearance")
    EXTORTION = "extortion", _("Extortion or illegal checkpoint")
    ATTACK_ON_SCHOOL = "attack_on_school", _("Attack on a school")
    ATTACK_ON_HEALTH_CARE = "attack_on_health_care", _("Attack on a hospital or health care")
    ATTACK_ON_AID = "attack_on_aid", _("Attack on aid workers or relief goods")
    DENIAL_OF_AID = "denial_of_aid", _("Denial of humanitarian access")
    ATTACK_ON_PEACEKEEPERS = "attack_on_peacekeepers", _("Attack on peacekeepers")
    OCCUPATION = "occupation", _("Occupation of civilian buildings")
    SIEGE = "siege", _("Siege or starvation of civilians")
    HATE_SPEECH = "hate_speech", _("Hate speech or incitement to violence")
    CHILD_RECRUITMENT = "child_recruitment", _("Recruitment or use of children")
    OWN_FORCES = "own_forces", _("Harm by peacekeepers or by forces the mission supports")
    EXPLOITATION = (
        "exploitation",
        _("Sexual exploitation or abuse by UN or partner staff (referral only)"),
    )


class GraveViolation(models.TextChoices):
    """The six grave violations against children (Security Council, from resolution 1261 on)."""

    KILLING_MAIMING = "killing_maiming", _("Killing and maiming of children")
    RECRUITMENT = "recruitment", _("Recruitment or use of children")
    SEXUAL_VIOLENCE = "sexual_violence", _("Sexual violence against children")
    ABDUCTION = "abduction", _("Abduction of children")
    SCHOOLS_HOSPITALS = "schools_hospitals", _("Attacks on schools or hospitals")
    ACCESS = "access", _("Denial of humanitarian access for children")


class PlacePrecision(models.TextChoices):
    """How exactly a place is known; the same words for every source."""

    EXACT = "exact", _("Exact place")
    NEAR = "near", _("Near this place (within 25 km)")
    DISTRICT = "district", _("District only")
    PROVINCE = "province", _("Province only")
    LINEAR = "linear", _("Along a road, river or border")
    COUNTRY = "country", _("Country only")


# Precisions of a place that name it: evidence of one community, not of an area.
SETTLED = (PlacePrecision.EXACT, PlacePrecision.NEAR)


class DatePrecision(models.TextChoices):
    """How exactly a date is known; the same words for every source."""

    DAY = "day", _("Exact day")
    DAYS = "days", _("Within two to six days")
    WEEK = "week", _("Known to the week")
    MONTH = "month", _("Known to the month")
    LONGER = "longer", _("Longer than a month")


class TimeOfDay(models.TextChoices):
    UNKNOWN = "unknown", _("Unknown")
    MORNING = "morning", _("Morning")
    AFTERNOON = "afternoon", _("Afternoon")
    EVENING = "evening", _("Evening")
    NIGHT = "night", _("Night")


class ActorPart(models.TextChoices):
    PERPETRATOR = "perpetrator", _("Perpetrator")
    PARTY = "party", _("Party to a clash")
    TARGET = "target", _("Target")
    ASSOCIATE = "associate", _("Associated")


class StandardOfProof(models.TextChoices):
    """How well it is established that an actor did it; people set it, the portal never raises it."""

    ALLEGATION = "allegation", _("Allegation")
    REASONABLE_GROUNDS = "reasonable_grounds", _("Reasonable grounds to believe")
    CORROBORATED = "corroborated", _("Corroborated")
    VERIFIED = "verified", pgettext_lazy("standard of proof", "Verified")
    DISPROVED = "disproved", _("Disproved")


class ActorReview(models.TextChoices):
    """Why a person has yet to say whether a name on record is an armed group."""

    NONE = "", _("Not under review")
    LISTED = "listed", _("On the mission's list of peoples and faiths")
    COMMUNAL = "communal", _("Seen only in violence between non-state sides")


class VictimGroup(models.TextChoices):
    """Groups by which victims are counted, where known."""

    WOMEN = "women", _("Women")
    MEN = "men", _("Men")
    GIRLS = "girls", _("Girls")
    BOYS = "boys", _("Boys")


class SourceKind(models.TextChoices):
    OWN_STAFF = "own_staff", _("Mission staff")
    PATROL = "patrol", _("Patrol")
    COMMUNITY_LIAISON = "community_liaison", _("Community liaison assistant")
    COMMUNITY = "community", _("Member of the community")
    AUTHORITY = "authority", _("Local authority")
    PARTNER = "partner", _("Partner organisation")
    MEDIA = "media", _("Media")
    SOCIAL_MEDIA = "social_media", _("Social media")
    HOTLINE = "hotline", _("Hotline")
    OTHER = "other", _("Other")


# What is told of a source's kind below the clearance a mission chooses: by the code of the plainest
# kind of each group, how it is called and which kinds it holds.
SOURCE_GROUPS: dict[SourceKind, tuple[Promise, tuple[SourceKind, ...]]] = {
    SourceKind.OWN_STAFF: (
        _("The mission's own"),
        (SourceKind.OWN_STAFF, SourceKind.PATROL, SourceKind.COMMUNITY_LIAISON),
    ),
    SourceKind.COMMUNITY: (_("The community"), (SourceKind.COMMUNITY, SourceKind.HOTLINE)),
    SourceKind.AUTHORITY: (_("An authority"), (SourceKind.AUTHORITY,)),
    SourceKind.PARTNER: (
        _("A partner or the media"),
        (SourceKind.PARTNER, SourceKind.MEDIA, SourceKind.SOCIAL_MEDIA),
    ),
    SourceKind.OTHER: (_("Another source"), (SourceKind.OTHER,)),
}
SOURCE_GROUP_OF = {
    kind: group for group, (_label, kinds) in SOURCE_GROUPS.items() for kind in kinds
}


class Reliability(models.TextChoices):
    """Grading of a source, A to F (the Admiralty scale)."""

    A = "A", _("A · completely reliable")
    B = "B", _("B · usually reliable")
    C = "C", _("C · fairly reliable")
    D = "D", _("D · not usually reliable")
    E = "E", _("E · unreliable")
    F = "F", _("F · cannot be judged")


class Credibility(models.IntegerChoices):
    """Grading of a piece of information, 1 to 6 (the Admiralty scale)."""

    CONFIRMED = 1, _("1 · confirmed")
    PROBABLE = 2, _("2 · probably true")
    POSSIBLE = 3, _("3 · possibly true")
    DOUBTFUL = 4, _("4 · doubtful")
    IMPROBABLE = 5, _("5 · improbable")
    UNKNOWN = 6, _("6 · cannot be judged")


class ThreatKind(models.TextChoices):
    ATTACKS = "attacks", _("Attacks and killings")
    ABDUCTION = "abduction", _("Abduction")
    SEXUAL_VIOLENCE = "sexual_violence", _("Conflict-related sexual violence")
    CHILD_RIGHTS = "child_rights", _("Child-rights violations")
    LOOTING = "looting", _("Looting and extortion")
    DISPLACEMENT = "displacement", _("Forced displacement")
    CROSSFIRE = "crossfire", _("Fighting among civilians")
    INTERCOMMUNAL = "intercommunal", _("Intercommunal violence")
    OTHER = "other", _("Other")
    ORDNANCE = "ordnance", _("Explosive ordnance")
    DETENTION = "detention", _("Detention, torture and disappearance")
    STATE_FORCES = "state_forces", _("Violations by state forces")


class ThreatStatus(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    ACTIVE = "active", _("Active")
    CLOSED = "closed", _("Closed")
    REJECTED = "rejected", _("Rejected")


class Trend(models.TextChoices):
    RISING = "rising", _("Rising")
    STABLE = "stable", _("Stable")
    FALLING = "falling", _("Falling")
    UNKNOWN = "unknown", _("Unknown")


class Likelihood(models.IntegerChoices):
    UNLIKELY = 1, _("Unlikely")
    MODERATELY_LIKELY = 2, _("Moderately likely")
    LIKELY = 3, _("Likely")
    VERY_LIKELY = 4, _("Very likely")
    IMMINENT = 5, _("Imminent")


class Watch(models.IntegerChoices):
    """The model's bands: how closely to watch a place. Neither a probability nor a severity."""

    BACKGROUND = 1, _("Background")
    WATCH = 2, _("Watch")
    RAISED = 3, _("Raised")
    SERIOUS = 4, _("Serious")
    ACUTE = 5, _("Acute")


BANDS = ", ".join(f"{band.value} {band.name.lower()}" for band in Watch)  # of the API
# What the model learns and tells of, everywhere it is named.
EVENT = _("recorded deadly violence against civilians within 25 km")


class Impact(models.IntegerChoices):
    NEGLIGIBLE = 1, _("Negligible")
    MINOR = 2, _("Minor")
    MODERATE = 3, _("Moderate")
    SEVERE = 4, _("Severe")
    CRITICAL = 5, _("Critical")


class RiskLevel(models.TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")
    VERY_HIGH = "very_high", _("Very high")
    CRITICAL = "critical", _("Critical")

    @classmethod
    def of(cls, likelihood: int, impact: int) -> "RiskLevel":
        """Level of likelihood × impact, each 1–5."""
        product = likelihood * impact
        for floor, level in (
            (20, cls.CRITICAL),
            (15, cls.VERY_HIGH),
            (10, cls.HIGH),
            (5, cls.MEDIUM),
        ):
            if product >= floor:
                return level
        return cls.LOW


class Confidence(models.TextChoices):
    LOW = "low", _("Low")
    MODERATE = "moderate", pgettext_lazy("confidence", "Moderate")
    HIGH = "high", pgettext_lazy("confidence", "High")


class EventKind(models.TextChoices):
    """What other systems can be told of as it happens."""

    INCIDENT_CREATED = "incident.created", _("An incident was filed")
    INCIDENT_CHANGED = "incident.changed", _("An incident was changed")
    ALERT_RECEIVED = "alert.received", _("An alert was received")
    ALERT_ESCALATED = "alert.escalated", _("An alert became more imminent")
    BAND_CHANGED = "risk.band_changed", _("The risk band of a community changed")
    PHASE_CHANGED = "threat.phase_changed", _("The phase of a threat changed")


class NotificationKind(models.TextChoices):
    ALERT_IMMINENT = "alert_imminent", _("An imminent alert was filed")
    ALERT = "alert", _("An alert was filed")
    RESPONSE_ASKED = "response_asked", _("Your component is to respond to an alert")
    PULL_FAILED = "pull_failed", _("A scheduled pull failed")

"""What this floor tells other systems and members, and what sheets call its fields."""

from threats.choices import EventKind, NotificationKind

events = {
    EventKind.INCIDENT_CREATED: "incidents",
    EventKind.INCIDENT_CHANGED: "incidents",
    EventKind.ALERT_RECEIVED: "alerts",
    EventKind.ALERT_ESCALATED: "alerts",
    EventKind.BAND_CHANGED: "communities",
    EventKind.PHASE_CHANGED: "threats",
}
notifications = NotificationKind
urgent = frozenset({NotificationKind.ALERT_IMMINENT})
usual_sheet = "incidents"
column_names = {
    "start_date": ("date", "event date", "date of incident", "incident date", "date of event"),
    "received_at": ("date", "date received", "reported on"),
    "since": ("from", "start date"),
    "until": ("to", "end date"),
    "kind": ("type", "category", "event type", "incident type", "type of incident"),
    "name": ("community", "village", "base", "site", "nom"),
    "place_name": ("place", "location", "locality", "village", "localite", "town"),
    "notes": ("description", "summary", "details", "narrative", "what happened", "recit"),
    "details": ("description", "summary", "message", "what was said"),
    "source_kind": ("source", "source type", "type of source", "type de source"),
    "reliability": ("reliability a-f", "source reliability", "fiabilite", "fiabilite a-f"),
    "credibility": ("credibility 1-6", "information credibility", "credibilite", "credibilite 1-6"),
    "grade": ("admiralty", "admiralty code", "grading", "source grading", "cotation", "cote"),
    "population": ("inhabitants", "pop"),
    "displaced_population": ("idps", "idp", "displaced"),
    "deaths_best": ("deaths", "killed", "fatalities", "morts", "dead", "tues"),
    "civilian_deaths": (
        "civilians killed",
        "civilian fatalities",
        "dead civilians",
        "killed civilians",
        "morts civils",
        "civils tues",
        "deces civils",
    ),
    "injured": ("wounded", "blesses"),
    "parts.perpetrator": ("perpetrator", "perpetrators", "armed group", "auteur", "auteurs"),
    "victims.women": ("women", "femmes"),
    "victims.men": ("men", "hommes"),
    "victims.girls": ("girls", "filles"),
    "victims.boys": ("boys", "garcons"),
}

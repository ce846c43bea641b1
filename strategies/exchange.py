"""What this floor tells other systems and members, and what sheets call its fields."""

from strategies.choices import EventKind, NotificationKind

events = {EventKind.BRIEF_ISSUED: "briefs"}
notifications = NotificationKind
column_names = {
    "start": ("start date", "from", "date debut"),
    "due": ("due date", "deadline", "end date", "echeance"),
    "title": ("activity", "action", "name"),
    "description": ("summary", "details"),
    "lead_component": ("component", "lead", "responsible", "section"),
}

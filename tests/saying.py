"""What an own report must say for itself, for tests that are about something else."""

INCIDENT = {"date_precision": "day", "place_precision": "exact"}
ALERT = {
    "kind": "attack", "imminence": "days", "place_precision": "exact", "source_kind": "community",
}  # fmt: skip
SAID = {"incidents": INCIDENT, "alerts": ALERT}


def for_every_row(resource: str) -> dict[str, dict]:
    """Rules of a mapping that say it for every row."""
    return {name: {"always": value} for name, value in SAID.get(resource, {}).items()}

"""Resources of the API."""

from exchange.intake.api import IntakeViewSet
from exchange.notifications.api import NotificationViewSet

resources = {
    "intakes": IntakeViewSet,
    "notifications": NotificationViewSet,
}
# Of parameters, for the schema.
examples = {"resource": "incidents"}

from exchange.intake.models import Intake, IntakeFile
from exchange.notifications.models import Email, Notification, NotificationPreference
from exchange.tokens.models import AccessToken
from exchange.webhooks.models import Delivery, Webhook

__all__ = [
    "AccessToken",
    "Delivery",
    "Email",
    "Intake",
    "IntakeFile",
    "Notification",
    "NotificationPreference",
    "Webhook",
]

from missions.models.area import AdminArea, FieldOffice
from missions.models.change import Change, ChangeLog, ChangeMark, Followed
from missions.models.component import Component
from missions.models.external import ExternalId
from missions.models.intake import Intake, IntakeFile
from missions.models.membership import Membership
from missions.models.mission import Mission
from missions.models.notification import Notification, NotificationPreference
from missions.models.presence import Base
from missions.models.token import AccessToken
from missions.models.user import User
from missions.models.webhook import Delivery, Webhook

__all__ = [
    "AccessToken", "AdminArea", "Base", "Change", "ChangeLog", "ChangeMark", "Component", "Delivery", "ExternalId", "FieldOffice",
    "Followed", "Intake", "IntakeFile", "Membership", "Mission", "Notification",
    "NotificationPreference", "User", "Webhook",
]  # fmt: skip

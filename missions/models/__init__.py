from missions.models.area import AdminArea, FieldOffice
from missions.models.component import Component
from missions.models.membership import Membership
from missions.models.mission import Mission
from missions.models.notification import Notification, NotificationPreference
from missions.models.presence import Base
from missions.models.user import User

__all__ = [
    "AdminArea", "Base", "Component", "FieldOffice", "Membership", "Mission", "Notification",
    "NotificationPreference", "User",
]  # fmt: skip

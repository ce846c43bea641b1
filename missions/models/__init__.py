from missions.models.area import AdminArea, FieldOffice
from missions.models.component import Component
from missions.models.followed import Followed
from missions.models.membership import Membership
from missions.models.membership_change import MembershipChange
from missions.models.mission import Mission
from missions.models.user import User

__all__ = [
    "AdminArea",
    "Component",
    "FieldOffice",
    "Followed",
    "Membership",
    "MembershipChange",
    "Mission",
    "User",
]

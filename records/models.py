from records.bulk.models import ExternalId
from records.declassification import Declassification
from records.feed.models import Change, ChangeLog, ChangeMark

__all__ = ["Change", "ChangeLog", "ChangeMark", "Declassification", "ExternalId"]

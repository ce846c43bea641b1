from strategies.models.activity import Activity, StatusChange
from strategies.models.catalogue import CatalogueActivity

__all__ = ["Activity", "CatalogueActivity", "StatusChange"]

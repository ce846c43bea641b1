from strategies.models.activity import Activity
from strategies.models.catalogue import CatalogueActivity

__all__ = ["Activity", "CatalogueActivity"]

from strategies.models.activity import Activity, StatusChange
from strategies.models.brief import Brief, BriefPdf
from strategies.models.catalogue import CatalogueActivity

__all__ = ["Activity", "Brief", "BriefPdf", "CatalogueActivity", "StatusChange"]

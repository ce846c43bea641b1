"""Incidents by the thousand."""

from threats.services.bulk.writer import IncidentWriter

__all__ = ["IncidentWriter"]

"""Incidents by the thousand."""

from threats.sources.bulk.writer import IncidentWriter

__all__ = ["IncidentWriter"]

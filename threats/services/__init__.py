"""Writes of the threats floor, one concept a module."""

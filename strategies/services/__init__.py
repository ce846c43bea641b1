"""Writes of the strategies floor."""

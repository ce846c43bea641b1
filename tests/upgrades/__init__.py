"""Databases as landed versions made them, each to be brought to the present layout."""

"""Differences that are known, by route or list, each with its cause. Short, and to become shorter."""

KNOWN: dict[str, str] = {}
KNOWN_FEEDS: dict[str, str] = {}

# What one open report of a looting far from anything else reaches, each with its reason.
REACHED: dict[str, str] = {}

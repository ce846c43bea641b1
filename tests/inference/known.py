"""Differences that are known, by route or list, each with its cause. Short, and to become shorter."""

KNOWN: dict[str, str] = {
    "<str:code>/programs/": "an administrator sees the programs of all members, whatever they carry",
}
KNOWN_FEEDS: dict[str, str] = {}
# Routes that nobody is answered here, each with its reason.
_FILE = "a brought file is its owner's alone"
UNREAD: dict[str, str] = {
    "<str:code>/intakes/files/<int:pk>/": _FILE,
    "<str:code>/intakes/files/<int:pk>/forget/": _FILE,
    "<str:code>/intakes/files/<int:pk>/refused.csv": _FILE,
    "<str:code>/intakes/files/<int:pk>/reopen/": _FILE,
    "<str:code>/attribution/<str:what>/<int:pk>/": "its numbers are of attributions, not of records",
}

# What one open report of a looting far from anything else reaches, each with its reason.
_IT = "the report itself"
_NEAR = "scores of the communities near it"
_RANK = "its community's rank among all"
_DRAFT = "the draft threat that its area's evidence belongs to"
REACHED: dict[str, str] = {
    "api/v1/incidents/": _IT,
    "api/v1/ogc/collections/<str:name>/items": _IT,
    "<str:code>/incidents/": _IT,
    "api/v1/overview/": "counts it",
    "<str:code>/": "counts it",
    "api/v1/communities/": _NEAR,
    "<str:code>/communities/": _NEAR,
    "<str:code>/communities/<int:pk>/": _RANK,
    "api/v1/risk-scores/": _NEAR,
    "api/v1/risk-scores/<int:pk>/": _RANK,
    "api/v1/threats/": _DRAFT,
}

"""Names the standard gives to things, and its links."""

CORE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
CONFORMS_TO = [f"{CORE}{name}" for name in ("core", "geojson", "html")]
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
PAGE, LARGEST = 100, 10_000
JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
SCHEMA = "application/vnd.oai.openapi+json;version=3.1"
KNOWN = frozenset({"bbox", "datetime", "limit", "cursor", "f", "search"})
LARGEST_KEY = 2**63 - 1


def link(rel: str, href: str, kind: str, title: str) -> dict[str, str]:
    return {"rel": rel, "href": href, "type": kind, "title": str(title)}

"""CSV, XLSX and GeoJSON of single records; whole lists are streamed by the base viewset."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

from poc_portal.tabular.exports import XLSX, csv_lines, write_workbook


def feature(row: Mapping[str, Any]) -> dict[str, Any]:
    """A record with longitude and latitude, or a polygon, as a GeoJSON Feature."""
    properties = dict(row)
    longitude, latitude = properties.pop("longitude", None), properties.pop("latitude", None)
    geometry = properties.pop("polygon", None)
    if geometry is None and longitude is not None and latitude is not None:
        geometry = {"type": "Point", "coordinates": [longitude, latitude]}
    return {"type": "Feature", "id": row.get("id"), "geometry": geometry, "properties": properties}


def encode_json(value: Any) -> str:
    return json.dumps(value, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":"))


class GeoJSONRenderer(JSONRenderer):
    media_type = "application/geo+json"
    format = "geojson"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        if isinstance(data, Mapping) and "id" in data:
            data = feature(data)
        return super().render(data, "application/json", renderer_context)


class NDJSONRenderer(JSONRenderer):
    media_type = "application/x-ndjson"
    format = "ndjson"


class _TableRenderer(BaseRenderer):
    """Of one record or some, as rows under a header; of an error, as the error."""

    table: Callable[..., Any]

    def render(self, data, accepted_media_type=None, renderer_context=None):
        response = (renderer_context or {}).get("response")
        if response is not None and response.status_code >= 400:
            response.content_type = "application/problem+json"
            return encode_json(data).encode()
        rows = [data] if isinstance(data, Mapping) else data or []
        header = list(rows[0]) if rows else []
        return self.table(header, ([row[name] for name in header] for row in rows))


class CSVRenderer(_TableRenderer):
    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def table(self, header, rows) -> str:
        return "".join(csv_lines(header, rows))


class XLSXRenderer(_TableRenderer):
    media_type = XLSX
    format = "xlsx"
    charset = None
    render_style = "binary"

    def table(self, header, rows) -> bytes:
        stream = io.BytesIO()
        write_workbook(stream, header, rows)
        return stream.getvalue()

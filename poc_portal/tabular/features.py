"""Features of a GeoJSON file: the part that runs in a child process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext

from poc_portal.tabular.report import FileRefused

AT_ONCE = 100  # features sent together


def features_of(stream: IO[bytes], name: str, limits: dict) -> Iterator[list[Any]]:
    """The features of a FeatureCollection, in lists, each as it stands. Raises FileRefused.

    Whatever is larger than the memory the child may take ends it.
    """
    try:
        features = json.loads(stream.read().decode("utf-8-sig"))["features"]
        if not isinstance(features, list) or not features:
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise FileRefused(_not_understood(name)) from None
    for first in range(0, len(features), AT_ONCE):
        yield features[first : first + AT_ONCE]


def _not_understood(name: str) -> str:
    return gettext("%(file)s is not a GeoJSON FeatureCollection with features, in UTF-8.") % {
        "file": name
    }

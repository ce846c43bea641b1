"""Nothing dropped in silence: what a resource does not know is refused, with the nearest names.

A field or a filter that was misspelt and ignored answers “done” to what was not done: deaths that
count for nothing, a list that was never narrowed.
"""

from __future__ import annotations

import copy
import difflib
import inspect
import json
import threading
from collections.abc import Container, Iterable, Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext, ngettext
from drf_spectacular.plumbing import ComponentRegistry
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from poc_portal.api.renderers import encode_json

NEAREST = 3  # names told
CLOSE = 0.6  # of difflib's ratio, 0 to 1
LONGEST = 60  # characters of a name told back, and compared
MOST_NAMES = 20  # of those nobody knows told in one answer
BODIES = ("POST", "PUT", "PATCH", "DELETE")

FREE_TEXT = frozenset({"q", "search"})  # nothing typed yet asks for nothing

_parameters: dict[tuple, dict[str, bool]] = {}
# Of drf-spectacular, which finds its extensions at the first look and by one thread at a time.
inspecting = threading.RLock()


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The names most like one, the likest first; words in another order are alike."""
    name = name[:LONGEST]

    def likeness(other: str) -> float:
        return max(_likeness(name, other), _likeness(_sorted(name), _sorted(other)))

    rated = sorted(((likeness(other), other) for other in known), key=lambda row: (-row[0], row[1]))
    return [other for rating, other in rated[:NEAREST] if rating >= CLOSE]


def _likeness(one: str, other: str) -> float:
    """0 where a cheap upper bound says already that they are not close."""
    matcher = difflib.SequenceMatcher(None, one, other)
    if matcher.real_quick_ratio() < CLOSE or matcher.quick_ratio() < CLOSE:
        return 0.0
    return matcher.ratio()


def _sorted(name: str) -> str:
    return "_".join(sorted(name.lower().replace(" ", "_").replace("-", "_").split("_")))


def no_such(name: str, known: Iterable[str], *, parameter: bool = False) -> str:
    """What is said of a name nobody knows: the nearest, and all there are."""
    there = sorted(known)
    parts = [
        gettext("There is no such parameter.") if parameter else gettext("There is no such field.")
    ]
    if close := nearest(name, there):
        parts.append(gettext("Nearest: %(names)s.") % {"names": ", ".join(close)})
    if there:
        parts.append(gettext("There are: %(names)s.") % {"names": ", ".join(there)})
    else:
        parts.append(gettext("Leave it out; none is taken here."))
    return " ".join(parts)


def no_such_value(
    value: str, values: Mapping[str, str] | Iterable[str], *, are_records: bool = False
) -> str:
    """What is said of a value nobody knows: the nearest by code or by name, and all there are.

    ``values``: codes, or codes with what they are called. Of records only the nearest are told,
    with their names.
    """
    names = dict(values) if isinstance(values, Mapping) else {code: code for code in values}
    parts = [gettext("“%(value)s” is none of its values.") % {"value": value[:LONGEST]}]
    by_name = {label: code for code, label in reversed(names.items())}
    close = [by_name[name] for name in nearest(value, by_name)]
    if not are_records:
        close = list(dict.fromkeys([*nearest(value, names), *close]))[:NEAREST]
    if close:
        told = [f"{code} ({names[code]})" if are_records else code for code in close]
        parts.append(gettext("Nearest: %(names)s.") % {"names": ", ".join(told)})
    if names and not are_records:
        parts.append(gettext("There are: %(names)s.") % {"names": ", ".join(names)})
    return " ".join(parts)


def no_date(value: str) -> str:
    """What is said of a text that is no date."""
    said = gettext("“%(value)s” is not a date; give it as 2022-12-31.")
    return said % {"value": value[:LONGEST]}


def refuse_unknown(given: Iterable[str], known: Iterable[str], *, parameter: bool = False) -> None:
    """Raises ValidationError that names each of ``given`` not among ``known``."""
    known = frozenset(known)
    unknown = sorted(set(given) - known)
    if unknown:
        told = {
            name[:LONGEST]: no_such(name, known, parameter=parameter)
            for name in unknown[:MOST_NAMES]
        }
        raise serializers.ValidationError(told | and_more(len(unknown) - MOST_NAMES))


def and_more(left: int) -> dict[str, str]:
    """What is said of so many names more than an answer tells; nothing of none."""
    if left <= 0:
        return {}
    said = ngettext(
        "And %(count)d name more that is not right.",
        "And %(count)d names more that are not right.",
        left,
    )
    return {"non_field_errors": said % {"count": left}}


def refuse_unclear(given: QueryDict, several: Container[str] = ()) -> None:
    """Raises ValidationError for what is given empty or twice: what is meant cannot be known.

    ``several``: names that may be given more than once. Free text may be empty.
    """
    refused: dict[str, str] = {}
    left = 0
    for name, values in given.lists():
        if "" in values and name not in FREE_TEXT:
            said = gettext("Given empty; leave it out.")
        elif len(values) > 1 and name not in several:
            said = gettext("Given more than once; give one value.")
        else:
            continue
        if len(refused) < MOST_NAMES:
            refused[name[:LONGEST]] = said
        else:
            left += 1
    if refused:
        raise serializers.ValidationError(refused | and_more(left))


def parameters_of(view: Any) -> frozenset[str]:
    """The query parameters the schema tells of the view's present operation."""
    return frozenset(_parameters_of(view))


def _parameters_of(view: Any) -> dict[str, bool]:
    """Names of the parameters, and whether each may be given several times."""
    key = (type(view), getattr(view, "action", ""), view.request.method)
    if key not in _parameters:
        with inspecting:
            _parameters[key] = {
                parameter["name"]: parameter.get("schema", {}).get("type") == "array"
                for parameter in _described(view)
                if parameter["in"] == "query"
            }
    return _parameters[key]


def _described(view: Any) -> list[dict]:
    """The parameters of the view's operation, by a copy of its schema: the view's own is shared."""
    method = "GET" if view.request.method == "HEAD" else view.request.method
    probe = copy.copy(view)
    probe.swagger_fake_view = True
    handler = getattr(view, getattr(view, "action", None) or method.lower())
    declared = getattr(handler, "kwargs", {}).get("schema")
    if declared is None:
        inspector = inspect.getattr_static(type(view), "schema")
        if inspector is None:  # a view the schema leaves out
            return []
        declared = inspector.instance_schemas.get(view) or api_settings.DEFAULT_SCHEMA_CLASS
    schema: Any = declared() if inspect.isclass(declared) else copy.copy(declared)
    schema.view, schema.method = probe, method
    schema.path = schema.path_regex = schema.path_prefix = ""
    schema.registry = ComponentRegistry()
    left_out: frozenset[str] = getattr(view, "left_out_of_schema", frozenset)()
    return [each for each in schema._get_parameters() if each["name"] not in left_out]


class StrictView(APIView):
    """Base of every view of the API: refuses query parameters it does not know."""

    def known_parameters(self) -> frozenset[str] | None:
        """Names the operation takes; None where it looks at them itself."""
        return parameters_of(self) | {api_settings.URL_FORMAT_OVERRIDE}

    def body_fields(self) -> frozenset[str] | None:
        """Names an operation takes that reads its body without a serializer; None: any."""
        return None

    def initial(self, request: Request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        method = "get" if request.method == "HEAD" else str(request.method).lower()
        if method == "options" or not hasattr(self, method):  # answered with 405
            return
        known = self.known_parameters()
        if known is not None:
            refuse_unknown(request.query_params, known, parameter=True)
        several = {name for name, are in _parameters_of(self).items() if are}
        refuse_unclear(request.query_params, several)
        if request.method in BODIES:
            fields = self.body_fields()
            if fields is not None and isinstance(request.data, dict):
                refuse_unknown(request.data, fields)


class Strict(serializers.Serializer):
    """Refuses what it does not know, and what is not the caller's to set.

    A record that was read and is sent back holds what only the portal sets; that is taken as long
    as it says what the record says.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            self._refuse(data)
        return super().to_internal_value(data)

    def _refuse(self, data: dict) -> None:
        writable = {name for name, field in self.fields.items() if not field.read_only}
        refused: dict[str, str] = {}
        left = 0
        now: dict | None = None
        for name in data:
            if name in writable:
                continue
            if len(refused) == MOST_NAMES:
                left += name not in self.fields
                continue
            if name not in self.fields:
                refused[str(name)[:LONGEST]] = no_such(str(name), writable)
                continue
            if self.instance is not None and self.parent is None:
                if now is None:
                    now = self.to_representation(self.instance)
                if _alike(now.get(name), data[name]):
                    continue
            refused[name] = gettext("It is not set so; leave it out.")
        if refused:
            raise serializers.ValidationError(refused | and_more(left))


def _alike(one: Any, other: Any) -> bool:
    return json.loads(encode_json(one)) == json.loads(encode_json(other))

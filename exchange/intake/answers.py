"""Answers and cells as the fields of the API take them.

People write names for records, labels for codes, days in their own order, decimals with a comma.
What is no text is taken as it is; what cannot be read is refused, with what would be right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField, Q, Value
from django.db.models.functions import Replace
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from missions.models import Mission
from poc_portal.tabular import BadValue, day
from poc_portal.tabular.exports import unmarked
from poc_portal.tabular.names import sort_key
from records.bulk.writer import Refused

CALLED = ("name", "title")  # fields by which records are named
SHOWN = 60  # characters of an answer in a message
NAMED = 6  # of what there is to choose from, in a message
BETWEEN = ";"  # separates several answers in one cell
SPACES = str.maketrans("", "", " \u00a0\u202f'’")  # what people put between thousands


class Answers:
    """Reads answers for the fields of one resource, in the sight of one person."""

    def __init__(self, fields: dict[str, serializers.Field], *, user: Any, mission: Mission):
        self._fields, self._user, self._mission = fields, user, mission
        self._readers: dict[str, Callable[[str, str], Any] | None] = {}
        self._records: dict[tuple, list[int]] = {}

    def read(self, name: str, value: Any, first: str = "") -> Any:
        """The value for the field ``name``. Raises Refused.

        ``first``: whether the day or the month comes first in dates of numbers.
        """
        if not isinstance(value, str):
            return value
        value = unmarked(value.strip())  # as exports write what would run as a formula
        if name not in self._readers:
            self._readers[name] = self._reader(self._fields.get(name))
        reader = self._readers[name]
        try:
            return value if reader is None else reader(value, first)
        except BadValue as problem:
            raise Refused(name, problem.message) from None
        except Refused as refused:
            raise Refused(name, refused) from None

    def knows(self, name: str) -> bool:
        """Whether not every text will do for the field."""
        return self._reader(self._fields.get(name)) is not None

    def _reader(self, field: Any) -> Callable[[str, str], Any] | None:
        if isinstance(field, serializers.ManyRelatedField):
            return self._several(self._record_reader(field.child_relation))
        if isinstance(field, serializers.PrimaryKeyRelatedField):
            return self._record_reader(field)
        if isinstance(field, serializers.ListField):
            return self._several(lambda text, first: text)
        if isinstance(field, serializers.ChoiceField):
            return _choice_reader(field.choices)
        if isinstance(field, serializers.BooleanField):
            return _choice_reader(YES_OR_NO, **MARKS)
        if isinstance(field, serializers.DateTimeField):
            return _moment
        if isinstance(field, serializers.DateField):
            return lambda text, first: day("", text, first).isoformat()
        if isinstance(field, serializers.IntegerField):
            return lambda text, first: _whole(text)
        if isinstance(field, serializers.FloatField):
            return lambda text, first: text.replace(",", ".") if text.count(",") == 1 else text
        return None

    @staticmethod
    def _several(one: Callable[[str, str], Any]) -> Callable[[str, str], list]:
        def read(text: str, first: str) -> list:
            parts = [part.strip() for part in text.replace("\n", BETWEEN).split(BETWEEN)]
            return [one(part, first) for part in parts if part]

        return read

    # -- records by name --------------------------------------------------------------------

    def _record_reader(self, field: Any) -> Callable[[str, str], int]:
        model = field.queryset.model

        def read(text: str, first: str) -> int:
            if text.isdecimal() and len(text) < 19:
                return int(text)
            key = (model, sort_key(text))
            if key not in self._records:
                self._records[key] = self._named(model, text)
            found = self._records[key]
            names = {"name": text[:SHOWN], "kind": model._meta.verbose_name}
            if not found:
                raise Refused("", gettext("No %(kind)s is called “%(name)s”.") % names)
            if len(found) > 1:
                ids = ", ".join(map(str, found))
                raise Refused(
                    "",
                    gettext("Several are called “%(name)s”; give the number of one: %(ids)s.")
                    % {**names, "ids": ids},
                )
            return found[0]

        return read

    def _named(self, model, text: str, most: int = 6) -> list[int]:
        """Records by name, other name or title; else the only one of a kind of that name."""
        called = Q(pk__in=[])
        if _has(model, "sort_name"):
            called |= Q(sort_name=sort_key(text))
        for name in CALLED:
            if _has(model, name):
                called |= Q(**{f"{name}__iexact": text})
        if _has(model, "aliases"):
            called |= Q(aliases__contains=[text])
        seen = model.objects.visible_to(self._user).filter(mission=self._mission)
        for number, shown in enumerate(_in_every_language(model)):
            seen = seen.alias(**{f"shown_{number}": shown})
            called |= Q(**{f"shown_{number}__iexact": _spaced(text)})
        found = list(seen.filter(called).order_by("pk").values_list("pk", flat=True)[:most])
        if not found and _has(model, "kind"):
            kind = codes(dict(model._meta.get_field("kind").choices)).get(sort_key(text))
            found = list(seen.filter(kind=kind).values_list("pk", flat=True)[:most])
        return found


def _in_every_language(model) -> list[Any]:
    """Names and titles the portal makes, as readers of each language are shown them."""
    found = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            own = getattr(model, "shown_as", {})
            found += [_spaced_in_sql(own[name]("")) for name in CALLED if name in own]
    return found


def _spaced(text: str) -> str:
    """With plain spaces, whatever kind people and French typography put."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def _spaced_in_sql(text: Any) -> Any:
    for space in ("\u00a0", "\u202f"):
        text = Replace(text, Value(space), Value(" "), output_field=CharField())
    return text


def _has(model, name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def codes(choices: dict[Any, Any]) -> dict[str, Any]:
    """Codes by all they may be called: themselves, and their labels in each language."""
    found: dict[str, Any] = {}
    unclear = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            for code, label in choices.items():
                key = sort_key(str(label))
                if found.setdefault(key, code) != code:
                    unclear.add(key)
    for key in unclear:
        del found[key]
    for code in choices:
        found[sort_key(str(code))] = found[sort_key(str(code).replace("_", " "))] = code
    return found


YES_OR_NO = {True: _("yes"), False: _("no")}
MARKS = {"true": True, "1": True, "x": True, "false": False, "0": False}


def _choice_reader(choices: dict[Any, Any], **marks: Any) -> Callable[[str, str], Any]:
    known = codes(choices) | marks

    def read(text: str, first: str) -> Any:
        key = sort_key(text)
        if key not in known:
            there = [str(label) for label in choices.values()]
            names = ", ".join(there[:NAMED]) + (", …" if len(there) > NAMED else "")
            raise Refused(
                "",
                gettext("“%(value)s” is none of: %(names)s")
                % {"value": text[:SHOWN], "names": names},
            )
        return known[key]

    return read


def _moment(text: str, first: str) -> str:
    date, _space, time = text.partition("T" if "T" in text else " ")
    if not date[:4].isdecimal() and time[:1].isdecimal() and ":" in time:
        return f"{day('', date, first).isoformat()}T{time}"
    return text


def _whole(text: str) -> str:
    plain = text.translate(SPACES)
    return plain.removesuffix(".0").removesuffix(",0")

"""Rows that are plainly sound, told apart at a hundredth of what a serializer's run costs.

The checks are made from the serializer's own fields, so no rule is written twice. They accept only
what the field would take as it is; whatever else a row says is left to the serializer, which alone
decides and says what is wrong.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core import validators
from django.core.exceptions import ValidationError
from rest_framework import serializers
from rest_framework.validators import ProhibitSurrogateCharactersValidator

Check = Callable[[Any], Any]  # the value to store. Raises NotPlain
LENGTH_OF_A_DAY = len("2022-12-31")
LIMITS = (
    validators.MaxLengthValidator,
    validators.MinValueValidator,
    validators.MaxValueValidator,
    validators.ProhibitNullCharactersValidator,
    ProhibitSurrogateCharactersValidator,
)


class NotPlain(Exception):
    """The serializer must look at it."""


def plain_check(field: serializers.Field) -> Check:
    """What accepts a field's plain values. Raises TypeError for a kind of field not known here."""
    for kind, make in _MAKERS.items():
        if isinstance(field, kind):
            check = _and_validated(make(field), field)
            return _or_null(check) if field.allow_null else check
    raise TypeError(f"{type(field).__name__} is no plain field")


class PlainRows:
    """Checks rows of a resource.

    ``fields``: the serializer's, by name. ``own``: checks of the fields that are not plain
    themselves, such as nested records. ``beside``: names a row may hold that are no fields.
    """

    def __init__(
        self,
        fields: Mapping[str, serializers.Field],
        *,
        own: Mapping[str, Check],
        beside: Iterable[str] = (),
    ):
        self._checks = {
            name: own[name] if name in own else plain_check(field) for name, field in fields.items()
        }
        self._required = {name for name, field in fields.items() if field.required}
        self._beside = frozenset(beside)
        self._names = self._checks.keys() | self._beside

    def values(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """What the row's fields say; None where anything at all is out of the ordinary."""
        names = row.keys()
        if not (self._required <= names <= self._names):
            return None
        checks, beside = self._checks, self._beside
        try:
            return {name: checks[name](value) for name, value in row.items() if name not in beside}
        except NotPlain:
            return None


def plain_number(low: float | None, high: float | None) -> Check:
    """Whole numbers within limits; None: no limit."""

    def check(value: Any) -> int:
        if type(value) is not int or (low is not None and value < low):
            raise NotPlain
        if high is not None and value > high:
            raise NotPlain
        return value

    return check


def _or_null(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def _and_validated(check: Check, field: Any) -> Check:
    """The check, and the field's validators but for those of limits, which the check knows."""
    others = [each for each in field.validators if not isinstance(each, LIMITS)]
    if not others:
        return check

    def validated(value: Any) -> Any:
        found = check(value)
        try:
            for validator in others:
                given = (
                    (found, field) if getattr(validator, "requires_context", False) else (found,)
                )
                validator(*given)
        except (serializers.ValidationError, ValidationError):
            raise NotPlain from None
        return found

    return validated


def _choice(field: Any) -> Check:
    codes = frozenset(field.choices)

    def check(value: Any) -> Any:
        # True is 1, and a list cannot be looked up.
        if type(value) not in (str, int) or value not in codes:
            raise NotPlain
        return value

    return check


def _text(field: Any) -> Check:
    longest = field.max_length if field.max_length is not None else math.inf

    def check(value: Any) -> str:
        if type(value) is not str or len(value) > longest or "\0" in value:
            raise NotPlain
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            raise NotPlain
        value = value.strip() if field.trim_whitespace else value
        if not value and not field.allow_blank:
            raise NotPlain
        return value

    return check


def _boolean(field: Any) -> Check:
    def check(value: Any) -> bool:
        if type(value) is not bool:
            raise NotPlain
        return value

    return check


def _whole(field: Any) -> Check:
    return plain_number(field.min_value, field.max_value)


def _float(field: Any) -> Check:
    low = -math.inf if field.min_value is None else field.min_value
    high = math.inf if field.max_value is None else field.max_value

    def check(value: Any) -> float:
        if type(value) not in (int, float) or not low <= value <= high:
            raise NotPlain
        return float(value)

    return check


def _day(field: Any) -> Check:
    known: dict[str, datetime.date] = {}

    def check(value: Any) -> datetime.date:
        if type(value) is not str:
            raise NotPlain
        day = known.get(value)
        if day is None:
            if len(value) != LENGTH_OF_A_DAY:
                raise NotPlain
            try:
                day = known[value] = datetime.date.fromisoformat(value)
            except ValueError:
                raise NotPlain from None
        return day

    return check


# In order: a choice is looked up before it is taken for a text.
_MAKERS: dict[type[serializers.Field], Callable[[Any], Check]] = {
    serializers.ChoiceField: _choice,
    serializers.CharField: _text,
    serializers.BooleanField: _boolean,
    serializers.IntegerField: _whole,
    serializers.FloatField: _float,
    serializers.DateField: _day,
}

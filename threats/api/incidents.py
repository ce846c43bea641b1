import calendar
import datetime
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, Func, TextField, Value, When
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from records.api import (
    AUTHORED,
    COMMON,
    OWNED,
    MissionField,
    MissionViewSet,
    RecordSerializer,
    SeenList,
    VisibleField,
)
from records.bulk.api import BulkViewSet
from records.bulk.extra import Extra
from records.said import must_say, unsaid
from threats.api.attribution import SetsStandard
from threats.api.source_kind import SourceKindField
from threats.choices import (
    ActorPart,
    DatePrecision,
    GraveViolation,
    IncidentKind,
    PlacePrecision,
    VictimGroup,
)
from threats.filters import IncidentFilterSet, IncidentSourceFilterSet
from threats.lookup import locator
from threats.models import ArmedActor, Incident, IncidentActor, IncidentSource
from threats.models.days import days_in_words
from threats.models.incident import is_grave
from threats.rules.classifying import USUAL_LEVEL, usual_level_of
from threats.rules.grading import AWAITS_HELP
from threats.rules.harm import is_against_civilians
from threats.services.grading import add_source, edit_source, verify_incident, withdraw_source
from threats.services.incidents import edit_incident, report_incident, withdraw_incident
from threats.sources.bulk import IncidentWriter

PLACE = ("place_name", "longitude", "latitude")


class PartSerializer(RecordSerializer):
    mission = None  # type: ignore[assignment]  # it is the incident's
    only_with = ("actor",)  # an actor the reader may not see has no part in it

    class Meta:
        model = IncidentActor
        fields = ("actor", "part", "standard", "standard_set_by", "standard_set_at")
        read_only_fields = ("standard", "standard_set_by", "standard_set_at")
        list_serializer_class = SeenList


class WhenField(serializers.CharField):
    """The days it may have happened on, which ``start_date`` alone does not tell."""

    def __init__(self, **kwargs: Any):
        super().__init__(
            read_only=True, source="when_iso",
            help_text="The day, or the first and last day it may have happened on; “≈” where the day "
            "is not known.",
            **kwargs,
        )  # fmt: skip

    def expression(self, model: type, source: str) -> tuple[Any, str]:
        """The same for PostgreSQL, which writes whole lists itself."""
        return days_in_words(), "text"


class GraveField(serializers.ListField):
    """The grave violations against children an incident is, in their order."""

    def __init__(self, **kwargs: Any):
        super().__init__(
            child=serializers.ChoiceField(GraveViolation.choices),
            read_only=True,
            help_text="Grave violations against children: as said, and as the kind and victims say.",
            **kwargs,
        )

    def expression(self, model: type, source: str) -> tuple[Any, str]:
        """The same for PostgreSQL, which writes whole lists itself."""
        found = [Case(When(is_grave(each), then=Value(each.value))) for each in GraveViolation]
        texts = ArrayField(TextField())
        every = Func(*found, template="ARRAY[%(expressions)s]::text[]", output_field=texts)
        return Func(every, Value(None), function="array_remove", output_field=texts), "list"


class DayField(serializers.DateField):
    """A day of an incident, which sheets may know to the month alone; ``ends``: until then."""

    def __init__(self, *, ends: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self._ends = ends

    def day_of(self, first: datetime.date, today: datetime.date) -> datetime.date:
        """The month's first day, or its last but none after today."""
        if not self._ends:
            return first
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        return max(first, min(last, today))

    @staticmethod
    def say_month(row: dict) -> None:
        """What a row says whose cell holds a month and no day."""
        if row.get("date_precision") != DatePrecision.LONGER:
            row["date_precision"] = DatePrecision.MONTH.value


class IncidentSerializer(RecordSerializer):
    usual_level = USUAL_LEVEL
    parts = PartSerializer(many=True, required=False)
    against_civilians = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="Read: whether it counts as harm to civilians. Written: what the reporter says of"
        " it; by default, and with null, civilian deaths, people injured or the kind decide. Known"
        " civilian deaths always count.",
    )
    when = WhenField()
    grave_violations = serializers.ListField(
        child=serializers.ChoiceField(GraveViolation.choices),
        required=False,
        help_text="Grave violations against children, as the reporter says.",
    )
    grave = GraveField()
    start_date = DayField(label=_("Date"))
    end_date = DayField(
        ends=True, label=_("Until"), required=False, help_text="By default the start date."
    )

    hxl: ClassVar[dict] = RecordSerializer.hxl | {
        "kind": "#event+type", "start_date": "#date+start", "end_date": "#date+end",
        "place_name": "#loc+name", "admin_area": "#adm1+id", "deaths_low": "#affected+killed+min",
        "deaths_best": "#affected+killed", "deaths_high": "#affected+killed+max",
        "civilian_deaths": "#affected+killed+civilians", "injured": "#affected+injured",
        "abducted": "#affected+abducted", "displaced": "#affected+displaced",
        "notes": "#description", "attribution": "#meta+source", "external_id": "#event+id",
    }  # fmt: skip

    example: ClassVar[dict] = {
        "mission": "MINUSCA", "kind": "looting", "start_date": "2022-12-28", "end_date": "2022-12-28",
        "place_name": "Bria", "longitude": 21.99, "latitude": 6.54, "injured": 2,
        "date_precision": "day", "place_precision": "exact", "notes": "Two shops at the market.",
        "parts": [{"actor": 1, "part": "perpetrator"}],
    }  # fmt: skip

    class Meta:
        model = Incident
        fields = (
            *COMMON, "kind", "against_civilians", "said_against_civilians", "start_date", "end_date", "time_of_day",
            "date_precision", "when", "place_name", "longitude", "latitude", "place_precision",
            "admin_area", "admin_area_is_nearest", "field_office", "deaths_low", "deaths_best",
            "deaths_high", "civilian_deaths", "injured", "abducted", "displaced", "victims",
            "grave_violations", "grave", "notes", "attribution", "parts", "dataset", "external_id",
            "awaits_verification", "verified_at", "verified_by",
        )  # fmt: skip
        read_only_fields = (
            *AUTHORED, "admin_area", "admin_area_is_nearest", "field_office", "attribution",
            "dataset", "external_id", "said_against_civilians", "grave",
            "awaits_verification", "verified_at", "verified_by",
        )  # fmt: skip
        extra_kwargs: ClassVar[dict] = {
            "kind": must_say("kind", IncidentKind.values),
            "date_precision": must_say("date_precision", DatePrecision.values),
            "place_precision": {
                "help_text": "Required with a place, of which it has no default; without one: country."
            },
            "awaits_verification": {"help_text": AWAITS_HELP},
        }

    def validate(self, attrs):
        attrs = super().validate(attrs)
        self._require_place_precision(attrs)
        if "against_civilians" in attrs:
            said = attrs.pop("against_civilians")
            if said is None or not self._is_echo(attrs, said):
                attrs["said_against_civilians"] = said
        return attrs

    def _require_place_precision(self, attrs) -> None:
        """Refuse a place of which nobody said how exactly it is known."""
        known = vars(self.instance) if self.partial and self.instance is not None else {}
        is_new = not any(_is_said(known.get(name)) for name in PLACE)
        gives = any(_is_said(attrs.get(name)) for name in PLACE)
        if is_new and gives and "place_precision" not in attrs:
            raise serializers.ValidationError(
                {"place_precision": unsaid("place_precision", PlacePrecision.values)}
            )

    def _is_echo(self, attrs, said: bool) -> bool:
        """Whether it is what was read, sent back: the rule alone gives it, before and after."""
        incident = self.instance
        if not isinstance(incident, Incident):
            return False
        by_rule = is_against_civilians(
            kind=attrs.get("kind", incident.kind),
            civilian_deaths=attrs.get("civilian_deaths", incident.civilian_deaths),
            injured=attrs.get("injured", incident.injured),
        )
        return said == incident.against_civilians == by_rule

    def validate_parts(self, parts):
        return [(part["actor"], ActorPart(part["part"])) for part in parts]


def _is_said(value: Any) -> bool:
    return value is not None and value != ""


def _actors(part: ActorPart) -> Extra:
    def put(row: dict, actors: list[int]) -> None:
        row.setdefault("parts", []).extend({"actor": key, "part": part.value} for key in actors)

    field = VisibleField(many=True, queryset=ArmedActor.objects.all())
    return Extra(format_lazy("{}: {}", _("Armed actors"), part.label), field, put)


def _victims(group: str, label) -> Extra:
    def put(row: dict, count) -> None:
        row.setdefault("victims", {})[group] = int(count) if str(count).isdecimal() else count

    return Extra(format_lazy("{}: {}", _("Victims"), label), serializers.IntegerField(), put)


class IncidentViewSet(SetsStandard, BulkViewSet):
    queryset = Incident.objects.all()
    serializer_class = IncidentSerializer
    filterset_class = IncidentFilterSet
    related = ("mission", "admin_area", "field_office", "created_by")
    many = ("parts__actor",)
    search_fields = ("place_name", "notes")
    times = ("start_date", "end_date")
    ordering_fields = ("id", "start_date", "modified_at")
    create_service = staticmethod(report_incident)
    update_service = staticmethod(edit_incident)
    withdraw_service = staticmethod(withdraw_incident)
    writer = IncidentWriter
    without_body = ("verify",)
    locator = staticmethod(locator)
    needed_with: ClassVar[dict] = {"place_precision": (*PLACE, "point")}
    usual_level_of = staticmethod(usual_level_of)
    extras: ClassVar[dict[str, Extra]] = {
        f"parts.{part.value}": _actors(part) for part in ActorPart
    } | {f"victims.{group}": _victims(group, label) for group, label in VictimGroup.choices}

    @extend_schema(request=None, responses=IncidentSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def verify(self, request, **kwargs):
        """Verify a report graded F6, so that it counts in scores and suggestions; for analysts."""
        incident = self.get_object()
        verify_incident(incident, user=request.user)
        return Response(self.get_serializer(self._reread(incident.pk)).data)


class IncidentSourceSerializer(RecordSerializer):
    mission = MissionField(read_only=True)
    kind = SourceKindField()

    example: ClassVar[dict] = {
        "incident": 1, "kind": "patrol", "reliability": "B", "credibility": 2,
    }  # fmt: skip

    class Meta:
        model = IncidentSource
        fields = (*OWNED, "incident", "kind", "reliability", "credibility")


class IncidentSourceViewSet(MissionViewSet):
    """Gradings of sources. Who a source is stays sealed: no resource tells."""

    queryset = IncidentSource.objects.all()
    serializer_class = IncidentSourceSerializer
    filterset_class = IncidentSourceFilterSet
    related = ("mission", "incident")
    ordering_fields = ("id", "modified_at")
    create_service = staticmethod(add_source)
    update_service = staticmethod(edit_source)
    withdraw_service = staticmethod(withdraw_source)

"""Base of API resources that belong to a mission: access, writes, related records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ObjectDoesNotExist
from django.db import models, transaction
from django.db.models import Case, F, OuterRef, Q, When
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import mixins, serializers
from rest_framework.relations import MANY_RELATION_KWARGS
from rest_framework.request import Request
from rest_framework.response import Response

from missions.access import full_visibility, is_visible, missions_with, only_visible
from missions.models import Membership, Mission, User
from missions.models.base import MissionOwned, MissionRecord
from missions.roles import Capability
from poc_portal.api.errors import Conflict
from poc_portal.api.viewsets import SelectableFields
from records.declassifying import FIELD, declassifying
from records.feed.api import FollowedViewSet
from records.forms import not_a_number
from records.moments import MomentField
from records.services import (
    EditConflict,
    create_record,
    lock,
    told_hidden,
    update_record,
    withdraw_record,
)
from records.titles import LONGEST as LONGEST_TITLE
from records.versions import version_of

MOST_RELATED = 500  # records one record may be tied to in a single write; each is looked up


class _VisibleMany(serializers.ManyRelatedField):
    def to_internal_value(self, data):
        if isinstance(data, list | tuple) and len(data) > MOST_RELATED:
            raise serializers.ValidationError(
                gettext("%(found)d records; at most %(most)d at once.")
                % {"found": len(data), "most": MOST_RELATED}
            )
        return super().to_internal_value(data)

    def to_representation(self, iterable):
        seen = only_visible(self.context["request"].user, iterable)
        return super().to_representation(sorted(seen, key=attrgetter("pk")))

    def expression(self, model, source: str) -> tuple[Any, str]:
        """The ids as an array in SQL; see ``poc_portal.api.projection``."""
        relation = model._meta.get_field(source)
        named_here = isinstance(relation, models.ManyToManyField)
        field = relation if named_here else relation.field
        through = field.remote_field.through
        own, other = field.m2m_field_name(), field.m2m_reverse_field_name()
        if not named_here:
            own, other = other, own
        seen = full_visibility(through, self.context["request"].user, other)
        rows = through._default_manager.filter(seen, **{own: OuterRef("pk")})
        return ArraySubquery(rows.order_by(f"{other}_id").values(f"{other}_id")), "list"


class KeyField(serializers.PrimaryKeyRelatedField):
    """A related row by id: a whole number, and not 1.5 taken for 1."""

    def to_internal_value(self, data):
        if isinstance(data, float):
            self.fail("incorrect_type", data_type="float")
        return super().to_internal_value(data)


class VisibleField(KeyField):
    """A related record by id. One the reader may not see reads as null and cannot be set."""

    def use_pk_only_optimization(self) -> bool:
        return False

    def get_queryset(self) -> Any:
        queryset: Any = super().get_queryset()
        if queryset is None or "request" not in self.context:
            return queryset
        return queryset.visible_to(self.context["request"].user)

    def to_representation(self, value):
        if not is_visible(self.context["request"].user, value):
            return None
        return super().to_representation(value)

    def condition(self, model) -> Q:
        """Under which the related record is the reader's to see."""
        return full_visibility(model, self.context["request"].user, str(self.source))

    def expression(self, model, source: str) -> tuple[Any, str]:
        """The id in SQL; see ``poc_portal.api.projection``."""
        return Case(When(self.condition(model), then=F(f"{source}_id"))), "value"

    @classmethod
    def many_init(cls, *args, **kwargs):
        names = MANY_RELATION_KWARGS
        child = {key: value for key, value in kwargs.items() if key in ("queryset", "read_only")}
        many = {key: value for key, value in kwargs.items() if key in names}
        return _VisibleMany(child_relation=cls(*args, **child), **many)


class AccountField(KeyField):
    """An account by its id: for an administrator anybody's, who may become a member; for others
    that of whoever's membership they see."""

    def get_queryset(self) -> Any:
        queryset: Any = super().get_queryset()
        if queryset is None or "request" not in self.context:
            return queryset
        user = self.context["request"].user
        if missions_with(user, Capability.ADMINISTER):
            return queryset
        seen = Membership.objects.visible_to(user).order_by()
        return queryset.filter(pk__in=seen.values("member"))


class MissionField(serializers.SlugRelatedField):
    """The mission, by its code."""

    def __init__(self, **kwargs):
        if not kwargs.get("read_only"):
            kwargs.setdefault("queryset", Mission.objects.all())
        super().__init__(slug_field="code", **kwargs)

    def get_queryset(self) -> Any:
        queryset: Any = super().get_queryset()
        request = self.context.get("request")
        return queryset.visible_to(request.user) if request and queryset is not None else queryset


class NumberField(serializers.FloatField):
    """A number; where it is none, the message says what was given."""

    def to_internal_value(self, data):
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError:
            raise serializers.ValidationError(not_a_number(data)) from None


class TitleField(serializers.CharField):
    """The title as a serializer shows it, and takes it."""

    def __init__(self, **kwargs):
        super().__init__(
            max_length=LONGEST_TITLE,
            help_text="One the portal made comes in the language of Accept-Language, until somebody "
            "sets another.",
            **kwargs,
        )

    def get_attribute(self, instance):
        return instance.shown_title

    def expression(self, model, source: str) -> tuple[Any, str]:
        """See ``poc_portal.api.projection``."""
        return model.shown_as[source](""), "text"


class SeenList(serializers.ListSerializer):
    """Of nested records, those whose ``only_with`` fields the reader may see."""

    def to_representation(self, data):
        child: Any = self.child
        names = child.only_with
        rows = super().to_representation(data)
        return [row for row in rows if all(row[name] is not None for name in names)]


class RecordSerializer(SelectableFields):
    """Base of serializers. A record's mission is given once, when it is made.

    ``usual_level``: how a report is classified that says nothing of it, for the schema.
    """

    usual_level: ClassVar[str] = ""
    _mission_given: Any = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._zones: dict[str, ZoneInfo | None] = {}  # of missions by code

    serializer_field_mapping: ClassVar[dict] = {
        **SelectableFields.serializer_field_mapping,
        models.FloatField: NumberField,
        models.DateTimeField: MomentField,
    }
    serializer_related_field = VisibleField
    mission = MissionField()

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if self.usual_level and "classification" in fields:
            fields["classification"].help_text = self.usual_level
        if self.instance is not None and not self.parent:
            for name in ("mission", getattr(self.Meta.model, "belongs_to", "").split("__")[0]):
                if name in fields:
                    fields[name].read_only = True
        view = self.context.get("view")
        is_changed = getattr(view, "action", "") == "partial_update" and not self.parent
        is_record = issubclass(self.Meta.model, MissionRecord)
        if is_changed and is_record and "classification" in fields:
            fields[FIELD] = serializers.CharField(
                write_only=True, required=False, allow_blank=True, max_length=2_000,
                help_text="Why the classification is lowered: needed for that alone, kept with the "
                "record, and for who filed it, advisers and administrators.",
            )  # fmt: skip
        return fields

    def to_internal_value(self, data):
        self._mission_given = data.get("mission") if isinstance(data, Mapping) else None
        return super().to_internal_value(data)

    def zone(self) -> ZoneInfo | None:
        """Whose clocks a moment without an offset is of: those of the mission the record is of."""
        record: Any = self.instance
        if getattr(record, "mission_id", None):
            return record.mission.zone
        field: Any = self.fields.get("mission")
        code = str(self._mission_given or "")
        if field is None or field.read_only:
            return None
        if code not in self._zones:
            mission = field.get_queryset().filter(code=code).first()
            self._zones[code] = mission and mission.zone
        return self._zones[code]

    def build_relational_field(self, field_name, relation_info):
        field_class, kwargs = super().build_relational_field(field_name, relation_info)
        if not issubclass(relation_info.related_model, MissionOwned):
            is_account = issubclass(relation_info.related_model, User)
            field_class = AccountField if is_account else KeyField
        return field_class, kwargs

    def get_unique_together_validators(self):
        return []  # the service's full_clean says it, under the same rules as the pages

    def get_validators(self):
        return []


class DependentSerializer(RecordSerializer):
    """Of a record whose mission is that of what it belongs to."""

    mission = MissionField(read_only=True)


COMMON = (
    "id", "mission", "classification", "compartments", "is_demonstration", "created_by", "created_at",
    "modified_at",
)  # fmt: skip
OWNED = ("id", "mission", "created_at", "modified_at")
AUTHORED = ("is_demonstration", "created_by")  # set by the services


class RecordViewSet(FollowedViewSet):
    """A read-only resource of a mission's records."""

    related: tuple[str, ...] = ()  # select_related
    many: tuple[str, ...] = ()  # prefetch_related

    def get_queryset(self):
        return super().get_queryset().select_related(*self.related).prefetch_related(*self.many)

    def clocks(self):
        missions = Mission.objects.visible_to(self.request.user)
        return [(mission.zone, Q(mission=mission)) for mission in missions]


class MissionViewSet(mixins.CreateModelMixin, RecordViewSet):
    """A resource people write, by the same services and rules as the pages.

    ``create_service``, ``update_service`` and ``withdraw_service`` default to the general ones.
    """

    create_service: Callable | None = None
    made: Any  # what the request made, also where its caller may not read it
    without_body: tuple[str, ...] = ()  # actions that take nothing but their address
    update_service: Callable = staticmethod(update_record)
    withdraw_service: Callable = staticmethod(withdraw_record)

    def body_fields(self) -> frozenset[str] | None:
        if self.action == "destroy":
            return frozenset({"reason"})
        return frozenset() if self.action in self.without_body else None

    def perform_create(self, serializer) -> None:
        values = serializer.validated_data
        create = type(self).create_service
        if create is not None:
            made = create(user=self.request.user, **values)
        else:
            made = create_record(serializer.Meta.model, user=self.request.user, **values)
        serializer.instance = self.get_queryset().filter(pk=made.pk).first()
        self.made = made

    def create(self, request: Request, *args, **kwargs) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        self.perform_create(serializer)
        if serializer.instance is None:
            return self._hidden(self.made, status=201)
        return self.tagged(serializer.instance, status=201)

    def _hidden(self, record, *, status: int) -> Response:
        """Answers for a record that is now above its writer's own clearance."""
        told = {"id": record.pk, "classification": record.classification}
        return Response(told | {"detail": told_hidden(record)}, status=status)

    def version(self, record) -> str:
        return version_of(record, self.request.user)

    def _expected(self) -> str | None:
        """The version a caller saw, from the entity tag it had with it."""
        given = self.request.headers.get("If-Match")
        if not given or given.strip() == "*":
            return None
        return "-".join(given.strip().removeprefix("W/").strip('"').split("-")[:2])

    def _update(self, request: Request, partial: bool) -> Response:
        record = self.get_object()
        serializer = self.get_serializer(record, data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        try:
            with declassifying(values.pop(FIELD, "")):
                stored = type(self).update_service(
                    record, user=request.user, expected=self._expected(), **values
                )
        except EditConflict as conflict:
            raise self._conflict(record) from conflict
        if isinstance(stored, MissionRecord) and not is_visible(request.user, stored):
            return self._hidden(stored, status=200)
        return self.tagged(self._reread(record.pk))

    def _conflict(self, record) -> Conflict:
        current = self._reread(record.pk)
        data = self.get_serializer(current).data
        return Conflict(data, self.etag(current, data))

    def _reread(self, pk: int):
        try:
            return self.get_queryset().get(pk=pk)
        except ObjectDoesNotExist:  # it moved out of the caller's sight
            raise serializers.ValidationError(
                {"classification": gettext("You would no longer see this record.")}
            ) from None

    def update(self, request: Request, *args, **kwargs) -> Response:
        return self._update(request, partial=False)

    def partial_update(self, request: Request, *args, **kwargs) -> Response:
        return self._update(request, partial=True)

    @extend_schema(
        parameters=[
            OpenApiParameter("reason", str, required=True, description="Why it is withdrawn.")
        ],
        responses={204: OpenApiResponse(description="Withdrawn.")},
    )
    def destroy(self, request: Request, *args, **kwargs) -> Response:
        """Withdraw the record: it leaves every list, figure and score, and stays stored."""
        reason = request.query_params.get("reason", "")
        if not reason and isinstance(request.data, dict):
            reason = str(request.data.get("reason", ""))
        with transaction.atomic():
            record = self.get_object()
            expected = self._expected()
            if expected is not None and expected != version_of(lock(record), request.user):
                raise self._conflict(record)
            type(self).withdraw_service(record, user=request.user, reason=reason)
        return Response(status=204)

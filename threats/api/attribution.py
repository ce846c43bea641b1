"""Setting how well it is established that an actor had its part, over REST."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from poc_portal.api.strict import Strict
from records.api import VisibleField
from threats.choices import ActorPart, StandardOfProof
from threats.models import ArmedActor
from threats.services.attribution import link_of, set_standard


class StandardSerializer(Strict, serializers.Serializer):
    """The standard of proof of an actor's part; what stood before is kept."""

    example: ClassVar[dict] = {"actor": 1, "part": "perpetrator", "standard": "reasonable_grounds"}

    actor = VisibleField(queryset=ArmedActor.objects.all())
    part = serializers.ChoiceField(
        choices=ActorPart.choices,
        help_text="As the record has it: of a threat, perpetrator or party.",
    )
    standard = serializers.ChoiceField(choices=StandardOfProof.choices)


class SetsStandard:
    """Adds the address that sets the standard of proof of an actor's part in a record."""

    @extend_schema(request=StandardSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def standard(self, request, **kwargs):
        """Set the standard of proof of an actor's part; for analysts."""
        record = self.get_object()  # type: ignore[attr-defined]
        given = StandardSerializer(data=request.data, context=self.get_serializer_context())  # type: ignore[attr-defined]
        given.is_valid(raise_exception=True)
        actor, part = given.validated_data["actor"], given.validated_data["part"]
        link = link_of(record, actor, part)
        if link is None:
            raise serializers.ValidationError(
                {"actor": gettext("%(actor)s has no such part in this record: %(part)s.")
                 % {"actor": actor, "part": ActorPart(part).label}}
            )  # fmt: skip
        set_standard(user=request.user, link=link, standard=given.validated_data["standard"])
        return Response(self.get_serializer(self._reread(record.pk)).data)  # type: ignore[attr-defined]

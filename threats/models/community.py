from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, FilteredRelation, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from missions.access import MissionScopedQuerySet, grants
from missions.geography import distance_km
from missions.models.area import LATITUDE, LONGITUDE, point_check
from missions.models.base import MissionRecord, namesake_field
from missions.models.placed import Placed
from missions.roles import Capability
from poc_portal.tabular.names import sort_key
from records.search import search_indexes
from threats.choices import CommunityAccess, CommunityKind
from threats.models.nearby import box
from threats.models.sealing import SealsSources
from threats.rules.people import People, people_of


class CommunityQuerySet(MissionScopedQuerySet):
    def with_risk(self, user, *, days: int = 30) -> CommunityQuerySet:
        """Annotate the newest score, as computed from what the user may see.

        Adds ``probability`` (0–1), ``expected`` (incidents), ``band`` (1–5), ``scored_for``
        (date), ``change`` (of the probability in a week) and ``is_silent``, each None where unknown.
        """
        own = Q()
        for grant in grants(user).values():
            own |= Q(mission=grant.mission_id, scores__clearance=grant.layer)
        return self.annotate(
            score=FilteredRelation(
                "scores",
                condition=(own or Q(pk__in=[])) & Q(scores__horizon=days),
            )
        ).annotate(
            scored_for=F("score__date"),
            probability=F("score__probability"),
            expected=F("score__expected"),
            band=F("score__band"),
            is_silent=F("score__is_silent"),
            change=F("score__probability") - F("score__week_before"),
        )

    def nearest(
        self, longitude: float, latitude: float, km: float
    ) -> list[tuple[Community, float]]:
        """Those within ``km`` of a point, each with how far it is, the nearest first."""
        places: list[Any] = list(self.filter(box(longitude, latitude, km)))
        found = [
            (place, float(distance_km(longitude, latitude, place.longitude, place.latitude)))
            for place in places
        ]
        return sorted(
            ((place, away) for place, away in found if away <= km),
            key=lambda row: (row[1], row[0].pk),
        )


class Community(SealsSources, Placed, MissionRecord):
    """A settlement or site whose people may need protection."""

    free_texts = ("name", "aliases", "vulnerable_groups")

    to_create = to_change = Capability.ANALYSE
    office_path = "field_office"
    external_fields = identified_by = ("source", "source_id")

    name = models.CharField(_("name"), max_length=200)
    sort_name = models.CharField(max_length=200, editable=False)
    aliases = ArrayField(
        models.CharField(max_length=200), verbose_name=_("other names"), default=list, blank=True
    )
    kind = models.CharField(
        _("kind"), max_length=20, choices=CommunityKind.choices, default=CommunityKind.UNKNOWN
    )
    longitude = models.FloatField(_("longitude"), validators=LONGITUDE)
    latitude = models.FloatField(_("latitude"), validators=LATITUDE)
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    displaced_population = models.PositiveIntegerField(_("displaced people"), null=True, blank=True)
    vulnerable_groups = ArrayField(
        models.CharField(max_length=100),
        verbose_name=_("vulnerable groups"),
        default=list,
        blank=True,
    )
    access = models.CharField(
        _("access"), max_length=10, choices=CommunityAccess.choices, default=CommunityAccess.UNKNOWN
    )
    source = models.CharField(_("source"), max_length=50, blank=True)
    source_id = models.CharField(_("identifier at the source"), max_length=250, blank=True)
    namesake = namesake_field()

    merged_into = models.ForeignKey(
        "self", verbose_name=_("merged into"), on_delete=models.PROTECT, null=True, blank=True,
        editable=False, related_name="merged",
    )  # fmt: skip

    objects = CommunityQuerySet.as_manager()  # type: ignore[misc]

    class Meta(MissionRecord.Meta):
        verbose_name = _("community")
        verbose_name_plural = _("communities")
        ordering = ["sort_name", "pk"]
        constraints = [
            *MissionRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["mission", "source", "source_id", "namesake"],
                condition=~Q(source_id=""),
                name="threats_community_source_unique",
            ),
            point_check("threats_community_point"),
        ]
        indexes = [
            *search_indexes("threats_community", "name"),
            models.Index(fields=["mission", "sort_name"], name="threats_community_name"),
            models.Index(fields=["mission", "latitude", "longitude"], name="threats_community_at"),
            GinIndex(
                fields=["sort_name"], opclasses=["gin_trgm_ops"], name="threats_community_trigram"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def people(self) -> People:
        """Who is known to live there, each counted once."""
        return people_of(self.kind, self.population, self.displaced_population)

    def get_absolute_url(self) -> str:
        return reverse("community-detail", args=[self.mission.code, self.pk])

    def save(self, *args, **kwargs) -> None:
        self.sort_name = sort_key(self.name)
        super().save(*args, **kwargs)

from typing import ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from records.admin import ReadOnlyAdmin, RecordAdmin, RulesAdmin
from threats.models import (
    ActorIdentifier,
    ArmedActor,
    Assessment,
    Community,
    Incident,
    IncidentSource,
    Informant,
    RecomputeLane,
    RecomputeRequest,
    RiskModel,
    RiskScore,
    Threat,
    ThreatRules,
)


@admin.register(ThreatRules)
class ThreatRulesAdmin(RulesAdmin):
    exclude = ("source_kinds_from",)  # its own page asks who may show sources to more


@admin.register(ArmedActor)
class ArmedActorAdmin(RecordAdmin):
    list_display = ("name", "mission", "kind")
    search_fields = ("name", "sort_name")


@admin.register(ActorIdentifier)
class ActorIdentifierAdmin(RecordAdmin):
    list_display = ("actor", "dataset", "value")


@admin.register(Community)
class CommunityAdmin(ReadOnlyAdmin):
    list_display = ("name", "mission", "admin_area", "population")
    search_fields = ("name", "sort_name")


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    list_display = ("when", "kind", "place_name", "mission", "classification")
    date_hierarchy = "start_date"

    @admin.display(description=_("date"), ordering="start_date")
    def when(self, incident: Incident) -> str:
        return incident.when_short


@admin.register(IncidentSource)
class IncidentSourceAdmin(ReadOnlyAdmin):
    list_display = ("incident", "reliability", "credibility")
    exclude = ("kind",)  # not everybody's to know; pages and REST tell it by clearance


@admin.register(Threat)
class ThreatAdmin(ReadOnlyAdmin):
    list_display = ("title", "mission", "status", "phase")
    search_fields = ("title",)


@admin.register(Assessment)
class AssessmentAdmin(ReadOnlyAdmin):
    list_display = ("threat", "likelihood", "impact", "created_at")


@admin.register(RiskScore)
class RiskScoreAdmin(ReadOnlyAdmin):
    list_display = ("community", "date", "horizon", "probability", "band")
    list_filter: ClassVar[tuple[str, ...]] = ()
    readonly_fields: ClassVar[tuple[str, ...]] = ()


@admin.register(RiskModel)
class RiskModelAdmin(ReadOnlyAdmin):
    list_display = ("version", "mission", "trained_from", "trained_until")


@admin.register(Informant)
class InformantAdmin(ReadOnlyAdmin):
    """Sealed: the table is known to exist, and shows nothing."""

    fields = ("code",)


@admin.register(RecomputeRequest)
class RecomputeRequestAdmin(admin.ModelAdmin):
    list_display: tuple[str, ...] = ("mission", "created_at")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(RecomputeLane)
class RecomputeLaneAdmin(RecomputeRequestAdmin):
    """Where scores keep failing, ``tries`` rises."""

    list_display: tuple[str, ...] = ("mission", "is_whole", "tries", "due_at", "leased_until")

"""Rules and the state of the work: records are read and changed on their pages, never here."""

from django.contrib import admin

from records.admin import RulesAdmin
from threats.models import RecomputeLane, RecomputeRequest, ThreatRules


@admin.register(ThreatRules)
class ThreatRulesAdmin(RulesAdmin):
    exclude = ("source_kinds_from",)  # its own page asks who may show sources to more


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

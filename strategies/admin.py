from django.contrib import admin

from records.admin import ReadOnlyAdmin, RulesAdmin
from strategies.models import Activity, CoverageRules

admin.site.register(CoverageRules, RulesAdmin)


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display = ("title", "mission", "tier", "phase", "status", "due")
    search_fields = ("title",)

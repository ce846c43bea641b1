from django.contrib import admin

from records.admin import ReadOnlyAdmin
from strategies.models import Activity


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display = ("title", "mission", "tier", "phase", "status", "due")
    search_fields = ("title",)

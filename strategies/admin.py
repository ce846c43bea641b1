from django.contrib import admin

from records.admin import RulesAdmin
from strategies.models import CoverageRules

admin.site.register(CoverageRules, RulesAdmin)

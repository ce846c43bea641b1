import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from poc_portal.checks import require_sound_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "poc_portal.settings")
application = get_wsgi_application()
require_sound_settings()
get_resolver().url_patterns  # noqa: B018 - every view is read once, before the workers are forked

from django.contrib import admin
from django.urls import include, path

from poc_portal.api import features, router
from poc_portal.declarations import modules

admin.site.site_header = admin.site.site_title = "POC Portal"

urlpatterns = [
    path("api/v1/", include([*router.urls(), *features.urls()])),
    path("admin/", admin.site.urls),
    path("language/", include("django.conf.urls.i18n")),
    *(path("", include(module)) for module in modules("urls")),
]

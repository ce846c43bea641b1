from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path, reverse
from django.utils.http import urlencode

from poc_portal.api import features, router
from poc_portal.declarations import modules
from poc_portal.web.own_password import OwnPasswordPage

admin.site.site_header = admin.site.site_title = "POC Portal"


def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it beside every answer that is not a page, as those of the API."""
    return redirect(static("img/mark.svg"))


def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """The administration has no door of its own: people sign in on the portal's page."""
    query = urlencode({"next": request.GET.get("next") or reverse("admin:index")})
    return redirect(f"{reverse('login')}?{query}")


urlpatterns = [
    path("favicon.ico", favicon),
    path("api/v1/", include([*router.urls(), *features.urls()])),
    path("admin/login/", admin_sign_in),
    path("admin/password_change/", admin.site.admin_view(OwnPasswordPage.as_view())),
    path("admin/", admin.site.urls),
    path("language/", include("django.conf.urls.i18n")),
    *(path("", include(module)) for module in modules("urls")),
]

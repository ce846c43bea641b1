from django.urls import path

from records.organisation import views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("about/", views.AboutPage.as_view(), name="about"),
    path("about/roles/", views.RolesPage.as_view(), name="roles"),
    path("sign-in/", views.SignInPage.as_view(), name="login"),
    path("sign-out/", views.SignOutPage.as_view(), name="logout"),
    path("<str:code>/search/", views.SearchPage.as_view(), name="search"),
    path("<str:code>/components/", views.ComponentList.as_view(), name="component-list"),
]

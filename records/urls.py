from django.urls import path

from records.organisation import member_views as members
from records.organisation import reading_as_views as reading_as
from records.organisation import views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("about/", views.AboutPage.as_view(), name="about"),
    path("about/roles/", views.RolesPage.as_view(), name="roles"),
    path("sign-in/", views.SignInPage.as_view(), name="login"),
    path("sign-out/", views.SignOutPage.as_view(), name="logout"),
    path("read-as/end/", reading_as.EndReadAs.as_view(), name="read-as-end"),
    path("<str:code>/read-as/", reading_as.ReadAs.as_view(), name="read-as"),
    path("<str:code>/search/", views.SearchPage.as_view(), name="search"),
    path("<str:code>/namesakes/", views.NamesakesPage.as_view(), name="namesakes"),
    path("<str:code>/components/", views.ComponentList.as_view(), name="component-list"),
    path("<str:code>/members/", members.Members.as_view(), name="members"),
    path("<str:code>/members/add/", members.AddMember.as_view(), name="member-add"),
    path("<str:code>/members/<int:pk>/", members.MemberPage.as_view(), name="member"),
    path("<str:code>/members/<int:pk>/edit/", members.EditMember.as_view(), name="member-edit"),
    path(
        "<str:code>/members/<int:pk>/confirm/",
        members.ConfirmClearance.as_view(),
        name="member-confirm",
    ),
    path(
        "<str:code>/members/<int:pk>/refuse/",
        members.RefuseClearance.as_view(),
        name="member-refuse",
    ),
    path("<str:code>/members/<int:pk>/end/", members.EndMembership.as_view(), name="member-end"),
]

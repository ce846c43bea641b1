from django.urls import path

from strategies import views

urlpatterns = [
    path("<str:code>/", views.Overview.as_view(), name="overview"),
    path("<str:code>/activities/", views.ActivityList.as_view(), name="activity-list"),
    path("<str:code>/activities/plan/", views.ActivityAdd.as_view(), name="activity-add"),
    path("<str:code>/activities/<int:pk>/", views.ActivityPage.as_view(), name="activity-detail"),
    path(
        "<str:code>/activities/<int:pk>/edit/", views.ActivityEdit.as_view(), name="activity-edit"
    ),
    path("<str:code>/coverage/", views.CoveragePage.as_view(), name="coverage"),
    path("<str:code>/catalogue/", views.CatalogueList.as_view(), name="catalogue"),
    path(
        "<str:code>/threats/<int:pk>/plan/<slug:entry>/",
        views.PlanTypical.as_view(),
        name="plan-typical",
    ),
    path(
        "<str:code>/activities/<int:pk>/status/",
        views.ActivityStatusChange.as_view(),
        name="activity-status",
    ),
    path("<str:code>/components/<int:pk>/", views.ComponentPage.as_view(), name="component-detail"),
]
